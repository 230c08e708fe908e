"""Loaded by schemathesis: it finds its own token in an answer, and would revoke it, and all after that were 401."""

from __future__ import annotations

from typing import Any

import schemathesis

OWN_TOKEN = "schemathesis"


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    if case.path_parameters and case.path_parameters.get("name") == OWN_TOKEN:
        case.path_parameters["name"] = "another"
