"""The record of a call says all of it, whichever twin made it."""

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import Call, Number
from agi_screen.base.verdict import Decision, Outcome
from agi_screen.trail import _record, _record_py

CALLS = st.builds(Call, caller=st.builds(Number), dialled=st.builds(Number))


@given(CALLS, st.builds(Decision), st.builds(Outcome), st.integers())
def test_both_twins_make_the_same_record(call: Call, decision: Decision, outcome: Outcome, took: int) -> None:
    compiled, plain = (twin.record_of(call, decision, outcome, took) for twin in (_record, _record_py))
    assert repr(compiled) == repr(plain)  # by their words: a nan is not itself
    assert type(compiled) is type(plain)
    assert (plain.id, plain.verdict, plain.final_verdict) == (call.id, decision.verdict, outcome.verdict)
