"""SQL as it stands in this package → SQL as PostgreSQL reads it. What both understand stays as it is.

The schema does the rest: text is compared byte by byte as SQLite does it (COLLATE "C"), and `n` counts by itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

_RULES = (
    (r" (?:INDEXED BY \w+|NOT INDEXED)\b", ""),  # this planner has statistics
    (r"\bINSERT OR ROLLBACK\b", "INSERT"),
    (r"\bCROSS JOIN\b", "JOIN"),  # SQLite's word for a join that keeps its order; all of ours have an ON
    (r"\bgroup_concat\(", "string_agg("),
    (r"\binstr\(", "strpos("),
    (r"\bmax\((\w+(?:, \w+)+)\)", r"greatest(\1)"),
    (r"\bCAST\(([^()]+) AS INTEGER\)", r"CAST(floor(\1) AS BIGINT)"),  # a cast alone would round
    (r"\bjson_each\(([\w.]+)\) (\w+)", r"json_array_elements(CAST(\1 AS JSON)) \2 (value)"),
    (r"^DROP TRIGGER IF EXISTS (\w+)$", r"ALTER TABLE audit DISABLE TRIGGER \1"),  # only the log has any
    (r"^CREATE TRIGGER (\w+) .*$", r"ALTER TABLE audit ENABLE TRIGGER \1"),
    (r"\bON CONFLICT \(uniqueid\)", "ON CONFLICT (uniqueid, node)"),  # two Asterisks may have the same one
)
_MARK = re.compile(r"\?(\d*)")


@lru_cache(512)
def postgresql(sql: str) -> str:
    """Placeholders are `?`, or `?1` for one that is used again."""
    for pattern, new in _RULES:
        sql = re.sub(pattern, new, sql)
    numbers = count(1)
    return _MARK.sub(lambda mark: f"${mark[1] or next(numbers)}", sql)
