"""All benchmarks, one after the other, each in a process of its own: `./scripts/bench`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from benchmarks import goals

PARTS = {
    "limiter": "the bucket table and other limiters",
    "agi": "the daemon and other AGI servers, on the same exchange",
    "latency": "how long a verdict takes at a steady number of calls a second",
    "sessions": "10,000 callers in the CAPTCHA at once: memory of each",
    "hour": "50,000 calls through sockets, every one recorded",
    "replay": "a million calls of the past before the judge, one core",
    "desk": "the live page: what twenty viewers cost the daemon",
    "scale": "what a call costs with many callers, list entries and records; start-up",
    "profile": "where a call's time goes, by thread, system call and step",
    "captcha": "who passes the CAPTCHA: people and robots on real calls, with media both ways",
    "captcha_solving": "what offline speech recognisers understand of each challenge in each language",
    "captcha_load": "300 callers in the CAPTCHA at once: RTP loss and jitter, the daemon's share of a core",
    "soak": "two million calls with faults all the while: memory and descriptors (two hours at most)",
    "captcha_trying": "a robot that recognises speech, ten minutes from one number and from one block",
    "store_postgresql": "the embedded store and PostgreSQL: records written, pages among a million",
    "asterisk": "a real Asterisk: plain, with a DB() deny-list, with /screen",
}
OUT = Path(__file__).resolve().parents[1] / "docs/benchmarks"


def main() -> int:
    """Exit code 1 when a part did not run; a missed goal is a finding, not a failure."""
    parts = "\n".join(f"  {name:<10} {what}" for name, what in PARTS.items())
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("scripts/bench", description=f"parts:\n{parts}", formatter_class=formatter)
    parser.add_argument("--quick", action="store_true", help="a smoke run of some minutes; its figures mean little")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART", help="may be given several times")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for JSON and pictures (docs/benchmarks)")
    options = parser.parse_args()
    failed = []
    for name in options.only or PARTS:
        print(f"\n== {name}: {PARTS[name]}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{name}", "--out", str(options.out.resolve())]
        if subprocess.run([*command, *(["--quick"] if options.quick else [])], check=False).returncode:
            failed.append(name)
    goals.write(options.out, list(PARTS))
    if failed:
        sys.stderr.write(f"these parts did not run: {', '.join(failed)}\n")
    return len(failed) > 0


if __name__ == "__main__":
    sys.exit(main())
