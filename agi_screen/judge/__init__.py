"""The judge: facts → signals → score → level → verdict. Nothing here waits.

What every call goes through is compiled from this very source, typed by the .pxd beside it. The one place that chooses
is here: the folder of the compiled modules is looked into first.
"""

from __future__ import annotations

import warnings
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from agi_screen.base.pure import PURE

_HERE = Path(__file__).parent
_COMPILED = _HERE / "compiled"


def _changed() -> list[str]:
    """Sources changed since they were compiled. Only in a checkout: an installer gives files what times it likes."""
    if not (_HERE.parents[1] / "setup.py").exists():
        return []
    suffix = EXTENSION_SUFFIXES[0]
    built = {path: str(path.relative_to(_COMPILED))[: -len(suffix)] for path in _COMPILED.rglob(f"*{suffix}")}
    pairs = [(path, _HERE / f"{name}{kind}") for path, name in built.items() for kind in (".py", ".pxd")]
    return [source.name for path, source in pairs if source.exists() and source.stat().st_mtime > path.stat().st_mtime]


if not PURE:
    if changed := _changed():
        again = "run `python setup.py build_ext --inplace`; until then the judge is pure Python"
        warnings.warn(f"judge/{', '.join(changed)} changed since it was compiled: {again}", stacklevel=2)
    else:
        __path__.insert(0, str(_COMPILED))
