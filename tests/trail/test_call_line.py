"""The line of a call: its fields, and nothing a caller wrote beyond them."""

import shlex

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.trail.call_line import call_line
from tests.made import a_call

FIELDS = ["id", "caller", "did", "trunk", "verdict", "final", "score", "reasons", "captcha", "us"]


def test_the_line() -> None:
    assert call_line(a_call("c1", tampering=())) == (
        "call id=c1 caller=+14155550100 did=+18005551234 trunk=PJSIP/carrier verdict=challenge final=allow "
        "score=6.25 reasons=caller_rate:3.75;hostile_caller_id:2.50 captcha=passed us=231"
    )


@given(st.text(st.characters(), max_size=100), st.text(st.characters(), max_size=100))
def test_no_caller_can_make_a_line_or_a_field(caller: str, other: str) -> None:
    line = call_line(a_call(caller=caller, dialled=other, trunk=other, tampering=(), error=""))
    assert line.isprintable()
    word, *fields = shlex.split(line)
    assert (word, [field.split("=", 1)[0] for field in fields]) == ("call", FIELDS)
