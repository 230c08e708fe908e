"""The AGI environment on a hostile wire: first value wins, what is odd is named, nothing raises."""

import re

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import NumberKind
from agi_screen.base.clock import ManualClock
from agi_screen.base.numbers import NumberPlan
from agi_screen.inbound import _request, _request_py
from agi_screen.inbound import environment as module
from agi_screen.inbound._environment import ordinary
from agi_screen.inbound.environment import MAX_LINES, Environment, parse_environment
from agi_screen.inbound.request import to_call

ORDINARY = b"""agi_network: yes
agi_network_script: screen
agi_request: agi://127.0.0.1/screen
agi_channel: PJSIP/my-trunk-00000001
agi_language: en
agi_type: PJSIP
agi_uniqueid: 1700000000.1
agi_version: 22.10.1
agi_callerid: 4155552671
agi_calleridname: Jos\xc3\xa9
agi_callingpres: 0
agi_dnid: 18005550100
agi_arg_1: raw=4155552671
agi_arg_2: control=0
agi_arg_3: did=18005550100"""


def test_an_ordinary_environment() -> None:
    environment = parse_environment(ORDINARY)
    assert environment.route == "screen"
    assert environment.tampering == ()
    call = to_call(environment, NumberPlan("US", 100), ManualClock(1.7e9))
    assert call.caller.e164 == "+14155552671"
    assert call.dialled.e164 == "+18005550100"
    assert call.trunk == "PJSIP/my-trunk"
    assert call.name == "José"
    assert call.started == 1.7e9
    assert call.tampering == ()


def test_a_forged_line_never_replaces_the_true_one() -> None:
    forged = ORDINARY.replace(b"4155552671\n", b"1\nagi_uniqueid: evil\nagi_x: 1\n", 1)
    environment = parse_environment(forged)
    assert environment.uniqueid == "1700000000.1"
    assert set(environment.tampering) == {"repeated_uniqueid", "unknown_line"}


def test_a_forged_argument_is_out_of_its_order_or_repeated() -> None:
    for forged in (b"agi_arg_9: trunk=mine", b"agi_arg_1: trunk=mine"):
        environment = parse_environment(ORDINARY.replace(b"agi_arg_1", forged + b"\nagi_arg_1"))
        assert environment.tampering


def test_control_characters_that_the_dialplan_removed_are_tampering() -> None:
    environment = parse_environment(ORDINARY.replace(b"control=0", b"control=3"))
    call = to_call(environment, NumberPlan("US", 100), ManualClock())
    assert call.tampering == ("control_3",)


def test_where_cleaning_left_nothing_the_raw_word_says_which_nothing() -> None:
    block = ORDINARY.replace(b"agi_callerid: 4155552671", b"agi_callerid: unknown")
    call = to_call(
        parse_environment(block.replace(b"raw=4155552671", b"raw=anonymous")), NumberPlan("US", 9), ManualClock()
    )
    assert call.caller.kind is NumberKind.ANONYMOUS
    call = to_call(parse_environment(block.replace(b"raw=4155552671", b"raw=")), NumberPlan("US", 9), ManualClock())
    assert call.caller.kind is NumberKind.ABSENT


def test_a_million_lines_are_read_no_further_than_the_limit() -> None:
    environment = parse_environment(b"x\n" * 1_000_000)
    assert len(environment.tampering) == MAX_LINES + 1


@given(st.binary(max_size=3000))
def test_no_bytes_break_it_and_text_stays_bounded(block: bytes) -> None:
    call = to_call(parse_environment(block), NumberPlan("US", 10), ManualClock())
    assert max(len(call.verstat), len(call.attest), len(call.agent)) <= 200
    assert max(len(call.name), len(call.uniqueid), len(call.channel), len(call.language)) <= 80
    assert all(word.replace("_", "").isalnum() for word in call.tampering)


@given(st.binary(max_size=300))
def test_whatever_a_caller_injects_the_facts_before_it_stand(text: bytes) -> None:
    environment = parse_environment(ORDINARY.replace(b"Jos\xc3\xa9", text))
    assert environment.callerid == "4155552671"
    assert environment.channel == "PJSIP/my-trunk-00000001"


def whole(values: list[str], arguments: list[str]) -> str:
    """Every line that Asterisk sends, in its order."""
    lines = [f"{key}: {value}" for key, value in zip(module.KEYS, values, strict=True)]
    lines += [f"agi_arg_{n}: {value}" for n, value in enumerate(arguments, 1)]
    return "\n".join(lines)


VALUE = st.text(max_size=20) | st.sampled_from(["screen", "a/b", "screen?x=1", "x\nagi_x: 1", "\udcff"])
ARGUMENT = st.text(max_size=20) | st.tuples(
    st.sampled_from([*sorted(module.OPTIONS), "", "x"]), st.sampled_from(["", "0", "1", "00", "=", "x\ny", "é"])
).map("=".join)
WHOLE = st.tuples(
    st.lists(VALUE, min_size=len(module.KEYS), max_size=len(module.KEYS)), st.lists(ARGUMENT, max_size=12)
).map(lambda both: whole(*both))
CHANGES = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 20), st.binary(max_size=6)), max_size=3)


def same(block: bytes) -> None:
    quick = ordinary(Environment, block)
    assert quick is None or quick == module._line_by_line(block.decode("utf-8", "replace"))


@given(WHOLE)
def test_the_quick_way_reads_as_the_careful_one(text: str) -> None:
    """Whatever the values hold, line ends too: the quick way is taken only where both agree."""
    same(text.encode("utf-8", "replace"))


@given(WHOLE, CHANGES)
def test_also_where_bytes_are_lost_or_forged(text: str, changes: list[tuple[int, int, bytes]]) -> None:
    block = text.encode("utf-8", "replace")
    for at, length, new in changes:
        block = block[:at] + new + block[at + length :]
    same(block)


def test_an_environment_of_asterisk_takes_the_quick_way() -> None:
    values = ["x"] * len(module.KEYS)
    arguments = ["raw=1", "removed=2", "control=0", "did=4", "trunk=5", "identity=6=;", "label=7", "pres=8"]
    arguments += ["agent=9", "verstat=10", "attest=11", "secret=12"]
    assert ordinary(Environment, whole(values, arguments).encode()) == Environment(
        "x", "x", "x", "x", "x", "x", "x", "1", "4", "5", "6=;", "7", "9", "10", "11", "12"
    )
    assert ordinary(Environment, whole(values, []).replace("agi_type: x\n", "").encode()) is None
    assert ordinary(Environment, whole(values, []).removeprefix("agi_network: x\n").encode()) is not None
    for odd in ("control=1", "raw", "raw=1\nagi_arg_2: raw=2", "colour=red"):
        assert ordinary(Environment, whole(values, [odd]).encode()) is None


SAID = st.builds(
    Environment,
    *[st.text(max_size=120) | st.sampled_from(["", "unknown", "anonymous", "14155552671", "PJSIP/a-1", "-", "a-"])]
    * 16,
    st.lists(st.text(max_size=9), max_size=3).map(tuple),
)


@given(SAID)
def test_both_twins_make_the_same_call(said: Environment) -> None:
    plan, clock = NumberPlan("US", 100), ManualClock(1.7e9)
    compiled, plain = _request.to_call(said, plan, clock), _request_py.to_call(said, plan, clock)
    assert compiled._replace(id="") == plain._replace(id="")
    assert type(compiled) is type(plain)
    assert re.fullmatch(r"[0-9a-f]{19}", compiled.id)
    assert compiled.id[:11] == plain.id[:11] == f"{1_700_000_000_000:011x}"


def test_ids_are_all_different() -> None:
    said = parse_environment(ORDINARY)
    ids = [_request.to_call(said, NumberPlan("US", 100), ManualClock(1.7e9)).id for _ in range(3000)]
    assert ids == sorted(set(ids))
