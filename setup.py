"""Builds the Cython extensions of cext/; all metadata is in pyproject.toml."""

import os

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
        optional=OPTIONAL,
    )
    for name, (source, parts) in PARTS.items()
]

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "freethreading_compatible": True,  # every look into the table is under its lock
    "binding": False,  # plain method descriptors: CPython calls them without a wrapper
}

setup(ext_modules=cythonize(EXTENSIONS, include_path=["cext"], compiler_directives=DIRECTIVES))
