"""`agi-screen privacy make-key|purge|hash-existing`: the numbers' key, old records, clear numbers of before."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Annotated

import typer

from agi_screen.base.errors import AgiScreenError
from agi_screen.base.store import Store
from agi_screen.base.store_audit import write_audit
from agi_screen.base.store_numbers import hash_existing, remark_on_numbers, rows_to_look_at
from agi_screen.base.store_retention import begin_at, purge
from agi_screen.base.store_space import free_bytes, give_back
from agi_screen.commands.control import running
from agi_screen.commands.history_options import progress
from agi_screen.commands.options import ConfigOption, JsonOption, or_exit_2
from agi_screen.commands.with_store import CLOCK, command_doer, with_store
from agi_screen.retention import keep_of
from agi_screen.settings import load

app = typer.Typer(no_args_is_help=True, help="How long callers' data is kept, and whether their numbers are.")

KeyFile = Annotated[Path, typer.Argument(help="The file to write, for [privacy] number_key_file. Never overwritten.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Count what would go, and delete nothing.")]
Compact = Annotated[bool, typer.Option("--compact", help="Give the space back to the disk: writes the database anew.")]
KEY_BYTES = 32


@app.command("make-key")
def make_key(file: KeyFile, as_json: JsonOption = False) -> None:
    """Make the key of the hashed numbers. Keep a copy apart: without it no number is ever matched again."""
    with or_exit_2():
        try:
            # What is written here alone stands between the hashes and the numbers.
            held = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(held, "w", encoding="ascii") as out:
                out.write(f"{secrets.token_hex(KEY_BYTES)}\n")
            folder = file.absolute().parent.stat()
            if os.geteuid() == 0 and folder.st_uid:
                os.chown(file, folder.st_uid, folder.st_gid)
        except OSError as error:
            raise AgiScreenError(f"{file}: cannot be made: {error.strerror or error}") from error
    said = (
        f"{file} made: give it to the daemon's user alone, keep a copy elsewhere, never beside a backup of the records"
    )
    typer.echo(json.dumps({"file": str(file)}) if as_json else said)


@app.command("purge")
def purge_(
    dry_run: DryRun = False, compact: Compact = False, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Delete now what [privacy] keeps no longer; the daemon does it every day. Works beside a running daemon."""
    with or_exit_2():
        settings = load(config)
        keep = keep_of(settings.config.privacy)

        async def work(store: Store) -> dict[str, int]:
            now = CLOCK.wall()
            gone = await purge(store, keep, now, dry=dry_run)
            if not dry_run:
                await begin_at(store, now, now)
                counts = " ".join(f"{name}={count}" for name, count in gone.items())
                await write_audit(store, command_doer(), "old records deleted", "", counts)
            return gone

        gone = with_store(settings, work, create=False)
        remark = with_store(settings, lambda store: give_back(store.place), create=False) if compact else ""
        free = free_bytes(settings.place)
    if as_json:
        typer.echo(json.dumps({"rows": gone, "dry_run": dry_run, "free_bytes": free, "remark": remark}))
        return
    typer.echo("would be deleted:" if dry_run else "deleted:")
    for name, count in gone.items():
        typer.echo(f"  {name}: {count:,}")
    if not dry_run:
        typer.echo(remark or f"{free:,} bytes of the file are free for new records; --compact gives them to the disk")


@app.command("hash-existing")
def hash_existing_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Turn the clear numbers of older records into hashes. May be ended at any time, and begun again."""
    with or_exit_2():
        settings = load(config)
        if settings.pseudonyms is None:
            raise AgiScreenError('privacy.numbers = clear: set "hashed" and number_key_file first')
        plan = settings.plan(100_000)
        typer.echo(
            "There is no way back: keep a copy of the database until you have looked at it, then delete it.", err=True
        )

        async def work(store: Store) -> dict[str, int]:
            remark = await remark_on_numbers(store, plan.pseudonyms, CLOCK.wall())
            if "ANOTHER" in remark:
                raise AgiScreenError(f"{settings.place}: {remark}")
            with progress() as bar:
                task = bar.add_task("numbers", total=await rows_to_look_at(store))
                return await hash_existing(store, plan, lambda rows: bar.advance(task, rows))

        done = with_store(settings, work, create=False)
        remark = with_store(settings, lambda store: give_back(store.place), create=False)
        live = running(settings.control_socket)
    if as_json:
        typer.echo(json.dumps({"rows": done, "restart": live, "remark": remark}))
        return
    for name, count in done.items():
        typer.echo(f"{name}: {count:,} hashed")
    for said in filter(
        None, (remark, "restart the daemon: it remembers callers by their clear numbers" if live else "")
    ):
        typer.echo(said)
    typer.echo("Backups, reports, logs and files set aside (*.damaged-*) still hold clear numbers.")
