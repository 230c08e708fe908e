"""`scripts/audit`: the bill of materials, and the known holes of what is on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scripts.audit_.advisories import audit
from scripts.audit_.bill import bill
from scripts.audit_.parts import parts

HOLES, UNKNOWN = 1, 3


def main(
    output: Annotated[Path, typer.Option(help="where the bill of materials goes")] = Path(".cache/sbom.cdx.json"),
    best_effort: Annotated[bool, typer.Option(help="no error when no advisory service can be reached")] = False,
) -> None:
    """Write what an installed agi-screen consists of (CycloneDX 1.6), and ask whether any of it has a known hole.

    Exit code 1: there are holes. 3: it could not be found out.
    """
    found = parts()
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(bill(found), encoding="utf-8")
    typer.echo(f"{output}: {len(found)} components")
    known = audit(found[1:])
    for hole in known.holes:
        typer.secho(hole, fg="red", err=True)
    if known.holes:
        raise typer.Exit(HOLES)
    if len(known.unknown) < len(found) - 1:
        typer.echo(f"no known hole in {len(found) - 1 - len(known.unknown)} of them; unknown: {len(known.unknown)}")
        return
    why = f" ({known.why})" if known.why else ""
    typer.secho(f"NOT looked for known holes: no advisory service could be reached{why}", fg="yellow", err=True)
    if not best_effort:
        raise typer.Exit(UNKNOWN)


typer.run(main)
