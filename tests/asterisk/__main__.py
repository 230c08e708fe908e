"""`scripts/asterisk`: prepares an Asterisk, runs one by hand, or sends a command to one that runs."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from tests.asterisk.lab import Lab, LabError, LabOptions
from tests.asterisk.tree import NoAsteriskError, prepare


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/asterisk", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="make sure that there is an Asterisk to run, and print its version")
    run = commands.add_parser("run", help="run one on loopback until Ctrl-C")
    run.add_argument("--dir", type=Path, help="keep its files there (default: a folder that goes with it)")
    run.add_argument("--agi-port", type=int, default=4573, help="where the daemon listens (4573)")
    run.add_argument("--agi-timeout", type=float, default=2.0, help="seconds the daemon may take (2)")
    run.add_argument("--cdr", action="store_true", help="write call records to run/log/cdr-csv/Master.csv")
    cli = commands.add_parser("cli", help="one command on the console of a running one")
    cli.add_argument("dir", type=Path)
    cli.add_argument("words", nargs="+")
    return parser.parse_args()


def run(options: LabOptions) -> None:
    """Boots, says where everything is, and stays until Ctrl-C or SIGTERM."""
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    with Lab(options) as lab:
        print(f"{lab.install.version}, booted in {lab.boot_seconds:.2f} s, files in {lab.dir}")
        print(f"SIP 127.0.0.1:{lab.ports.sip} udp; operator expected at 127.0.0.1:{lab.ports.operator}")
        print(f"AMI 127.0.0.1:{lab.ports.ami} agi_screen {lab.ami_secret}")
        print(f"console: scripts/asterisk cli {lab.dir} core show channels", flush=True)
        signal.sigwait(signals)


def main() -> int:
    asked = arguments()
    try:
        install = prepare(lambda text: print(text, flush=True))
        match asked.command:
            case "prepare":
                print(f"{install.version} at {install.command[-1]}")
            case "run":
                run(LabOptions(asked.agi_port, asked.agi_timeout, asked.cdr, folder=asked.dir))
            case "cli":
                conf = str(asked.dir / "etc/asterisk.conf")
                return subprocess.run([*install.command, "-C", conf, "-rx", " ".join(asked.words)]).returncode
    except (NoAsteriskError, LabError) as error:
        print(f"asterisk: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
