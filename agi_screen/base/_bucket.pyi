"""Types of the compiled table of cext/bucket.pyx: it has those of its twin in Python."""

from agi_screen.base._bucket_py import BucketTable as BucketTable
