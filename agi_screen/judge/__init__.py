"""The judge: facts → signals → score → level → verdict. Nothing here waits.

What every call goes through is compiled from this very source, typed by the .pxd beside it. The one place that chooses
is here: the folder of the compiled modules is looked into first.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from agi_screen.base.pure import PURE

_HERE = Path(__file__).parent
_COMPILED = _HERE / "compiled"


def _stale() -> list[str]:
    """Modules changed since they were compiled. Only in a checkout: an installer gives files what times it likes."""
    if not (_HERE.parents[1] / "setup.py").exists():
        return []
    built = [(path, path.relative_to(_COMPILED).with_name(path.name.partition(".")[0])) for path in _COMPILED.rglob("*.so")]
    pairs = [(path, _HERE / name.with_suffix(kind)) for path, name in built for kind in (".py", ".pxd")]
    return [source.name for path, source in pairs if source.exists() and source.stat().st_mtime > path.stat().st_mtime]


if not PURE:
    if changed := _stale():
        again = "run `python setup.py build_ext --inplace`; until then the judge is pure Python"
        warnings.warn(f"judge/{', '.join(changed)} changed since it was compiled: {again}", stacklevel=2)
    else:
        __path__.insert(0, str(_COMPILED))
