"""Builds the Cython extensions of cext/; all metadata is in pyproject.toml."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

# A machine without a C compiler still gets a daemon: each module then chooses its twin in pure Python.
OPTIONAL = os.environ.get("AGI_SCREEN_REQUIRE_C", "") != "1"

# What each is made of besides its own file.
PARTS = {
    "base._bucket": ("bucket", ["siphash", "table", "memory", "keys", "bulk"]),
    "inbound._environment": ("environment", []),
    "inbound._request": ("request", []),
    "inbound._sessions": ("sessions", ["sockets"]),
    "trail._record": ("record", []),
}
EXTENSIONS = [
    Extension(
        f"agi_screen.{name}",
        [f"cext/{source}.pyx"],
        extra_compile_args=["-O3"],
        depends=[f"cext/{part}.pxd" for part in parts],
    )
    for name, (source, parts) in PARTS.items()
]

# Compiled from their own source, typed by the .pxd beside it: no twin is written. They are put into a folder of their
# own, where agi_screen/judge/__init__.py looks first.
JUDGE = ["arrivals", "blocks", "callers", "crowd", "habits", "judge", "level", "lists", "memory", "meters", "score"]
JUDGE += ["surge", "verdict", *(f"signals/{path.stem}" for path in Path("agi_screen/judge/signals").glob("[a-z]*.py"))]
SAME_SOURCE = [
    Extension(
        f"agi_screen.judge.{name.replace('/', '.')}",
        [f"agi_screen/judge/{name}.py"],
        extra_compile_args=["-O2"],
    )
    for name in sorted(JUDGE)
]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "freethreading_compatible": True,  # every look into the table is under its lock
    "binding": False,  # plain method descriptors: CPython calls them without a wrapper
}

AS_PYTHON = {
    "language_level": 3,
    "annotation_typing": False,
    "cpow": True,
    "freethreading_compatible": True,
}  # indices and division as the source means them

compiled = cythonize(EXTENSIONS, include_path=["cext"], compiler_directives=DIRECTIVES)
judge = cythonize(SAME_SOURCE, compiler_directives=AS_PYTHON, build_dir="build/same_source")
Path("agi_screen/judge/compiled/signals").mkdir(parents=True, exist_ok=True)  # for a build in place
for extension in judge:
    extension.name = extension.name.replace(".judge.", ".judge.compiled.")
for extension in compiled + judge:
    extension.optional = OPTIONAL  # cythonize() forgets it
# Thirty modules: one after the other they take a minute and a half.
setup(ext_modules=compiled + judge, options={"build_ext": {"parallel": os.cpu_count()}})
