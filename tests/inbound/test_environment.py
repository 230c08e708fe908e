"""The AGI environment on a hostile wire: first value wins, what is odd is named, nothing raises."""

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import NumberKind
from agi_screen.base.clock import ManualClock
from agi_screen.base.numbers import NumberPlan
from agi_screen.inbound import environment as module
from agi_screen.inbound.environment import MAX_LINES, parse_environment
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
    assert environment.get("agi_uniqueid") == "1700000000.1"
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
    assert max(len(call.name), len(call.uniqueid), len(call.channel), len(call.language)) <= 80
    assert all(word.replace("_", "").isalnum() for word in call.tampering)


@given(st.binary(max_size=300))
def test_whatever_a_caller_injects_the_facts_before_it_stand(text: bytes) -> None:
    environment = parse_environment(ORDINARY.replace(b"Jos\xc3\xa9", text))
    assert environment.get("agi_callerid") == "4155552671"
    assert environment.get("agi_channel") == "PJSIP/my-trunk-00000001"


def whole(values: list[str], arguments: list[str]) -> str:
    """Every line that Asterisk sends, in its order."""
    lines = [f"{key}: {value}" for key, value in zip(module._KEYS, values, strict=True)]
    lines += [f"agi_arg_{n}: {value}" for n, value in enumerate(arguments, 1)]
    return "\n".join(lines)


VALUE = st.text(max_size=20)
WHOLE = st.tuples(
    st.lists(VALUE, min_size=len(module._KEYS), max_size=len(module._KEYS)), st.lists(VALUE, max_size=8)
).map(lambda both: whole(*both))


@given(WHOLE)
def test_the_quick_way_reads_as_the_careful_one(text: str) -> None:
    """Whatever the values hold, line ends too: the quick way is taken only where both agree."""
    block = text.partition("\n\n")[0].removesuffix("\n")  # what comes before the empty line
    careful, quick = module._line_by_line(block), parse_environment(block.encode())
    assert quick.arguments == careful.arguments
    assert quick.tampering == careful.tampering
    assert all(quick.get(key) == careful.get(key) for key in module._KEPT)


def test_an_environment_of_asterisk_takes_the_quick_way() -> None:
    values = ["x"] * len(module._KEYS)
    assert module._ORDINARY.fullmatch(whole(values, ["raw=1", "identity="]))
    assert not module._ORDINARY.fullmatch(whole([*values[:-1], "x\nagi_x: 1"], []))
