"""Builds the Cython extension of cext/; all metadata is in pyproject.toml."""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

# A machine without a C compiler still gets a daemon: buckets.py then chooses the pure Python table.
OPTIONAL = os.environ.get("AGI_SCREEN_REQUIRE_C", "") != "1"

BUCKET = Extension(
    "agi_screen.base._bucket",
    ["cext/bucket.pyx"],
    extra_compile_args=["-O3"],
    depends=["cext/siphash.pxd", "cext/table.pxd", "cext/memory.pxd", "cext/keys.pxd", "cext/bulk.pxd"],
    optional=OPTIONAL,
)

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": False,
    "wraparound": False,
    "cdivision": True,
    "freethreading_compatible": True,  # every look into the table is under its lock
    "binding": False,  # plain method descriptors: CPython calls them without a wrapper
}

setup(ext_modules=cythonize([BUCKET], include_path=["cext"], compiler_directives=DIRECTIVES))
