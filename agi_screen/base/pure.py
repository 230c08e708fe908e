"""Whether the pure Python twins of the compiled modules are asked for, though those may be there."""

from __future__ import annotations

import os

PURE = os.environ.get("AGI_SCREEN_PURE_PYTHON") == "1"
