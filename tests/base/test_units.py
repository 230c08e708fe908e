"""Durations, rates and addresses say what they want when they are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.units import Address, Rate, parse_address, parse_duration, parse_rate


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("30s", 30), ("10m", 600), ("2h", 7200), ("7d", 604800), ("1.5s", 1.5)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "10 m", "m10", "-1s", "1w", 10, None, "1" * 50 + "s", "1s\n"])
def test_bad_durations_name_the_mend(text: object) -> None:
    with pytest.raises(ValueError, match="with its unit"):
        parse_duration(text)


@given(tokens=st.integers(1, 999_999_999), seconds=st.integers(1, 86_400))
def test_a_rate_gives_its_tokens_back_in_its_time(tokens: int, seconds: int) -> None:
    rate = parse_rate(f"{tokens}/{seconds}s")
    assert rate == Rate(tokens, seconds)
    assert abs(rate.interval_ns * tokens - seconds * 10**9) <= tokens  # rounding: under 1 ns a token


@pytest.mark.parametrize("text", ["3", "/10m", "0/10m", "3/0s", "3/", "a/10m", 3, "3/10m/2"])
def test_bad_rates_name_the_mend(text: object) -> None:
    with pytest.raises(ValueError, match=r"rate|time"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "address"),
    [("127.0.0.1:4573", Address("127.0.0.1", 4573)), ("[::1]:80", Address("::1", 80)), ("h:0", Address("h", 0))],
)
def test_addresses(text: str, address: Address) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "4573", ":4573", "h:", "h:99999", "h:x", "h:-1", "h:²", 4573])
def test_bad_addresses_name_the_mend(text: object) -> None:
    with pytest.raises(ValueError, match="host:port"):
        parse_address(text)


@given(st.text())
def test_no_text_breaks_a_parser_in_another_way(text: str) -> None:
    for parse in (parse_duration, parse_rate, parse_address):
        try:
            parse(text)
        except ValueError:
            continue
