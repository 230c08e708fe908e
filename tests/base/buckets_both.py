"""The bucket module twice: as it chooses by itself (compiled), and forced to pure Python."""

from __future__ import annotations

import importlib.util
from types import ModuleType
from unittest import mock

import agi_screen.base.buckets as chosen


def _pure() -> ModuleType:
    assert chosen.__file__ is not None
    spec = importlib.util.spec_from_file_location("agi_screen.base.buckets_pure", chosen.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with mock.patch("agi_screen.base.pure.PURE", True):
        spec.loader.exec_module(module)
    return module


Compiled = chosen.Buckets
Pure: type[chosen.Buckets] = _pure().Buckets
BOTH = (Compiled, Pure)
