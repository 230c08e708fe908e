"""The command line of both scripts: shows all of it, asks, does it. Exit codes: 0 done, 1 not all, 2 could not."""

from __future__ import annotations

import os
import sys

from scripts.install_.errors import InstallError
from scripts.install_.kept import NAME
from scripts.install_.options import Options, parse
from scripts.install_.removal import Removal
from scripts.install_.site import Site
from scripts.install_.work import Work, locked

AGAIN = "what was done stays; run it again, and it goes on where it ended"


def main(name: str, words: list[str]) -> int:
    options = parse(name, words)
    try:
        _may(options)
        return install(options) if name == "install" else uninstall(options)
    except InstallError as error:
        print(f"\nscripts/{name}: {error}\n    {AGAIN}", file=sys.stderr)
    except OSError as error:
        print(f"\nscripts/{name}: {error.filename}: {error.strerror}\n    {AGAIN}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"\nscripts/{name}: interrupted: {AGAIN}", file=sys.stderr)
    return 2


def _may(options: Options) -> None:
    if os.geteuid() != 0 and options.here and not options.dry_run:
        raise InstallError("this changes the system", "sudo scripts/install, or --root DIR for another tree")


def install(options: Options) -> int:
    etc = options.real(options.asterisk_etc)
    if not etc.is_dir():
        raise InstallError(f"{etc} is not there: no Asterisk?", "install Asterisk 20 or newer, or --asterisk-etc DIR")
    kind = "as FreePBX writes them" if Site(options).custom_dialplan else "plain"
    print(f"Asterisk's files in {options.asterisk_etc}, {kind}; sounds in {Site(options).sounds}")
    if not options.yes or options.dry_run:
        wanted = Work(options, print).show()
        if options.dry_run:
            print(f"\n{wanted} changes to make; nothing was changed")
            return 0
        if not _agreed("Do all this?"):
            return 1
        print()
    made = Work(options, print).do()
    print(f"\n{made} changes made" if made else "\nnothing to do: all of it was done before")
    print("To screen calls, put Gosub(agi-screen,s,1) first into the extensions of your numbers: docs/install.md")
    return 0


def uninstall(options: Options) -> int:
    if not (options.real(options.prefix) / NAME).exists():
        print(f"{options.prefix} has no {NAME}: nothing that scripts/install put here")
        return 0
    if not options.yes or options.dry_run:
        Removal(options, print).do(really=False)
        if options.dry_run:
            print("\nnothing was changed")
            return 0
        if not _agreed("Take all this away?"):
            return 1
    with locked(options.real(options.prefix)):
        removal = Removal(options, print)
        removal.do(really=True)
    if removal.left:
        print(
            "\nNot all: these lines of yours still send calls through agi-screen, which go on unscreened now. Take them"
        )
        print("out, `dialplan reload`, and run this again:")
        print("\n".join(f"  {line}" for line in removal.left))
        return 1
    return 0


def _agreed(question: str) -> bool:
    try:
        return input(f"\n{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print("\nnobody to ask: --yes")
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
