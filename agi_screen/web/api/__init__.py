"""The API: one file a subject, each with its ROUTES."""

from __future__ import annotations

import importlib
import pkgutil

from agi_screen.web.route import Route


def all_routes() -> tuple[Route, ...]:
    """Every route of this folder, in the order of the files."""
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__, __name__ + "."))
    return tuple(route for name in modules for route in importlib.import_module(name).ROUTES)
