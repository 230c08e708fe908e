"""The calls of the past put before a judge: what it would have said, known to it only what was known then."""
