"""STIR/SHAKEN as policy: who vouched, how it is weighed, and that no header of any caller breaks anything."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.call import Call
from agi_screen.base.numbers import NumberPlan
from agi_screen.judge.habits import HOUR, LEAST_CALLS, Habits
from agi_screen.judge.passport import NOTHING, Passport, read_passport
from agi_screen.judge.signal import Facts, Finding
from agi_screen.judge.signals.attestation import Attestation, AttestationParams
from agi_screen.judge.verstat import Grade, by_asterisk, by_trunk
from agi_screen.settings import load
from agi_screen.what_if.rehearsal import Rehearsal

CALLER, DIALLED = "14155552671", "18005550100"
NOON = 1_800_000_000.0
PARAMS = AttestationParams(
    weight=6.0, trusted=("PJSIP/carrier",), a=-0.1, c=0.2, unsigned=0.3, failed=1.0, elsewhere=0.9, unverified=0.5
)
PLAN = NumberPlan("US", 100)


def encoded(claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).rstrip(b"=").decode()


def identity(attest: str = "A", caller: str = CALLER, dialled: str = DIALLED) -> str:
    """A header as carriers send it, without its quotes."""
    tn = {"dest": {"tn": [dialled]}, "iat": 1_800_000_000, "orig": {"tn": caller}}
    claims = {"attest": attest, **tn, "origid": "123e4567-e89b-12d3-a456-426655440000"}
    head = encoded({"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": "https://c.example/c.pem"})
    return f"{head}.{encoded(claims)}.c2lnbmF0dXJl;info=<https://c.example/c.pem>;alg=ES256;ppt=shaken"


def call(trunk: str = "PJSIP/trunk", **headers: str) -> Call:
    """At noon; `headers` are fields of a Call."""
    bare = Call("", PLAN.number(CALLER), PLAN.number(DIALLED), trunk, "", "", NOON, 0)
    return bare._replace(**headers)  # type: ignore[arg-type]


def points_of(found: Finding | None) -> float | None:
    return round(found.points, 6) if found else None


def after(usual: Call, share: float = 1.0, hours: int = 4) -> Attestation:
    """The signal once it has seen some hours of a trunk on which a share of the calls is such, the rest bare."""
    signal = Attestation(PARAMS)
    for hour in range(hours + 1):
        for n in range(100):
            bare = usual._replace(identity="", attest="", verstat="")
            one = usual if n < share * 100 else bare
            signal.count(one._replace(started=NOON - (hours + 1 - hour) * HOUR + n))
    return signal


def says(signal: Attestation, one: Call) -> Finding | None:
    signal.count(one)
    return signal.evaluate(one, Facts())


BY_ASTERISK = {"identity": identity(), "attest": "success-A"}


@pytest.mark.parametrize(
    ("headers", "points", "reason"),
    [
        (BY_ASTERISK, -0.1, "attestation A, verified"),
        ({"identity": identity("B"), "attest": "success-B"}, 0.0, "attestation B, verified"),
        ({"identity": identity("C"), "attest": "success-C"}, 0.2, "attestation C, verified"),
        ({"identity": identity("A")}, 0.0, "attestation A, not verified"),  # anyone can write that
        ({"identity": identity("C")}, 0.1, "attestation C, not verified"),
        ({"identity": identity(), "attest": "cert_retrieval_failure-A"}, 0.0, "attestation A, not verified"),
        ({"attest": "missing_identity_hdr-"}, 0.0, "not signed"),
        ({"attest": "-"}, None, ""),
        ({}, None, ""),
        # of a new trunk a failure counts half: the set-up may be at fault
        ({"identity": identity(), "attest": "signature_validation-A"}, 0.5, "the signature failed"),
        (
            {"identity": identity(dialled="18005550199"), "attest": "success-A"},
            0.45,
            "the signature is of a call between other numbers",
        ),
        (
            {"identity": identity(caller="14155550199")},
            0.45,
            "the signature is of a call between other numbers",
        ),
    ],
)
def test_on_a_trunk_of_which_nothing_is_known(headers: dict[str, str], points: float | None, reason: str) -> None:
    found = says(Attestation(PARAMS), call(**headers))
    assert points_of(found) == points
    assert (found.reason if found else "") == reason


@pytest.mark.parametrize(
    ("verstat", "points"),
    [
        ("<sip:+14155552671;verstat=TN-Validation-Passed-A@c.example;user=phone>", -0.1),
        ("tel:+14155552671;verstat=TN-Validation-Passed", -0.1),
        ("ACaller<sip:+14155552671@c.example;verstat=TN-Validation-Passed-C>;tag=1", 0.2),
        ("TN-Validation-Failed", 0.5),
        ("C", 0.2),
        ("<sip:+14155552671;verstat=No-TN-Validation@c.example>", 0.0),
        ("<sip:+14155552671@c.example>", None),
        ("", None),
    ],
)
def test_a_trusted_trunk_is_believed_and_no_other(verstat: str, points: float | None) -> None:
    assert points_of(says(Attestation(PARAMS), call("PJSIP/carrier", verstat=verstat))) == points
    assert says(Attestation(PARAMS), call("PJSIP/other", verstat=verstat)) is None


@pytest.mark.parametrize(
    "verstat",
    [
        ";verstat=TN-Validation-Passed-A<sip:+14155552671@c.example>",
        ";verstat=TN-Validation-Passed-A<sip:+1415;verstat=TN-Validation-Failed@c.example>",
        "<sip:x;verstat=TN-Validation-Passed-A><sip:+14155552671@c.example>",
        "<sip:+1415@c.example>;verstat=TN-Validation-Passed-A",
        "sip:x;verstat=TN-Validation-Passed-A<sip:+14155552671@c.example>",
    ],
)
def test_a_caller_s_name_cannot_vouch_for_itself(verstat: str) -> None:
    assert by_trunk(verstat) not in (Grade.A, Grade.B, Grade.C)


def test_unsigned_counts_where_the_trunk_signs_and_nowhere_else() -> None:
    usual = call(identity=identity("B"))
    found = says(after(usual, 0.95), call())
    assert found is not None
    assert found.points == pytest.approx(0.27)
    assert found.reason == "not signed, on a trunk whose calls are"
    assert says(after(usual, 0.4), call()) is None
    assert says(after(usual, 0.95), call("PJSIP/never-heard-of")) is None
    assert says(after(usual, 0.95, hours=1), call()) is None  # too early to say


def test_a_header_that_nobody_verified_is_no_signature_where_asterisk_verifies() -> None:
    found = says(after(call(**BY_ASTERISK)), call(identity=identity()))
    assert found is not None
    assert found.points == pytest.approx(0.3)
    assert found.reason == "not verified, on a trunk whose calls are"


def test_a_failure_counts_fully_on_a_good_trunk_and_little_where_most_fail() -> None:
    failed = call(identity=identity(), attest="signature_validation-A")
    good = says(after(call(**BY_ASTERISK)), failed)
    assert good is not None
    assert good.points == pytest.approx(1.0)
    assert points_of(says(after(failed), failed)) == 0.0  # a clock that is wrong, a missing CA: not the callers' fault


def test_a_day_of_attack_does_not_teach_what_is_usual() -> None:
    signal = after(call(identity=identity("B")), hours=100)
    for n in range(50_000):  # an unsigned flood of eleven hours
        signal.count(call()._replace(started=NOON + n * 11 * HOUR / 50_000))
    found = says(signal, call()._replace(started=NOON + 11 * HOUR))
    assert found is not None
    assert found.points > 0.15


def test_a_rehearsal_teaches_no_other(tmp_path: Path) -> None:
    (tmp_path / "agi-screen.toml").write_text("")
    settings = load(tmp_path / "agi-screen.toml")
    one, two = Rehearsal(settings, NOON), Rehearsal(settings, NOON)
    for n in range(500):
        one.arrives(NOON + n * 60.0, CALLER, DIALLED, "PJSIP/trunk", identity=identity())
    learned = [rehearsal.judge.keep()["signals"]["attestation"] for rehearsal in (one, two)]
    assert learned == [{"PJSIP/trunk": [8, 0.0, pytest.approx(1.0), 0.0, 0.0]}, {}]


def test_quiet_hours_last_until_there_are_calls_enough() -> None:
    habits = Habits((0.0,))
    for n in range(10 * LEAST_CALLS):  # one call an hour
        habits.count("t", (0,), NOON + n * HOUR)
    assert habits.keep()["t"] == [9, pytest.approx(1.0)]


def test_what_was_learned_outlives_a_restart() -> None:
    before = after(call(identity=identity("B")))
    later = Attestation(PARAMS)
    later.take_over(json.loads(json.dumps(before.keep())))
    assert later.keep() == before.keep()
    assert says(later, call()) == says(before, call())


def test_trunks_are_bounded_and_the_best_known_stay() -> None:
    signal = after(call(identity=identity("B")))
    for n in range(1000):
        signal.count(call(f"PJSIP/{n}"))
    assert len(signal._habits) == 256
    assert "PJSIP/trunk" in signal.keep()


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(JSON | st.dictionaries(st.text(max_size=3), st.lists(st.floats() | st.integers(-1, 2), min_size=5, max_size=5)))
def test_any_file_is_borne(kept: object) -> None:
    signal = Attestation(PARAMS)
    signal.take_over(kept)
    for trunk in ("", *list(signal.keep())[:3]):
        found = says(signal, call(trunk))
        assert found is None or 0 <= found.points <= 1


def test_a_token_is_read() -> None:
    assert read_passport(identity("B")) == Passport("B", CALLER, (DIALLED,))
    odd_order = encoded({"orig": {"tn": CALLER}, "dest": {"tn": ["1", "2"]}, "attest": "C"})
    assert read_passport(f"x.{odd_order}.y") == Passport("C", CALLER, ("1", "2"))
    assert read_passport("eyJhbGciOiJFUzI1NiJ9..c2ln;info=<https://c.example>") == NOTHING


CLAIM = st.fixed_dictionaries(
    {},
    optional={
        "attest": st.sampled_from(["A", "B", "C", "D", "", None]),
        "dest": st.fixed_dictionaries({"tn": st.lists(st.text("0123456789", max_size=17), max_size=10)}),
        "orig": st.fixed_dictionaries({"tn": st.text("0123456789+", max_size=17)}),
        "iat": st.integers(),
    },
)


@given(CLAIM)
def test_what_is_read_is_what_the_json_says(claims: dict[str, object]) -> None:
    """Whatever is claimed is so read, or not at all; never otherwise."""
    found = read_passport(f"x.{encoded(claims)}.y")
    assert found.attest in ("", claims.get("attest"))
    orig, dest = claims.get("orig", {"tn": ""}), claims.get("dest", {"tn": []})
    assert isinstance(orig, dict)
    assert isinstance(dest, dict)
    assert found.origin in ("", orig["tn"])
    assert found.destinations in ((), tuple(dest["tn"]))


HOSTILE = st.text(max_size=300) | st.text("eyJ0.-_;=", max_size=4096) | st.builds(lambda t: f"a.{t}.b", st.text())


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_header_breaks_it(one: str, two: str, three: str) -> None:
    signal = Attestation(PARAMS)
    found = says(signal, call("PJSIP/carrier", identity=one, verstat=two[:200], attest=three[:80]))
    assert found is None or -1 <= found.points <= 1
    assert read_passport(one) == read_passport(one)


@given(st.binary(max_size=400))
def test_no_payload_breaks_it(payload: bytes) -> None:
    token = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    found = read_passport(f"x.{token}.y")
    assert found.attest in ("", "A", "B", "C")
    assert all(number.isdigit() for number in (*found.destinations, found.origin or "0"))


@given(st.text(max_size=40))
def test_asterisk_s_word_is_one_of_ours(attest: str) -> None:
    assert isinstance(by_asterisk(attest), Grade)


def test_every_result_asterisk_22_knows_is_a_grade() -> None:
    rows = (Path(__file__).with_name("verify_results.txt")).read_text().split()
    unchecked = {word for word in rows if by_asterisk(f"{word}-A") is Grade.UNKNOWN}
    assert unchecked == {
        *("missing_date_hdr", "date_hdr_parse_failure", "date_hdr_range_error", "cert_retrieval_failure"),
        *("cert_cache_miss", "cert_cache_invalid", "cert_cache_expired", "invalid_or_no_callerid"),
    }
    assert by_asterisk("missing_identity_hdr-") is Grade.UNSIGNED
    assert by_asterisk("success-A") is Grade.A
    assert {by_asterisk(f"{w}-") for w in rows} == {Grade.UNKNOWN, Grade.UNSIGNED, Grade.FAILED}
