"""Values with their unit in them: durations `"10m"`, sizes of rate limits `"3/10m"`, addresses `"127.0.0.1:4573"`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)?(ms|s|m|h|d)")
_RATE = re.compile(r"(\d{1,9})/(.{1,16})")


def parse_duration(value: object) -> float:
    """`"10m"` → 600.0 seconds. ValueError names the mend."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('write a time with its unit, such as "250ms", "30s", "10m", "2h" or "7d"')
    return float(match[1] or 1) * _SECONDS[match[2]]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds; the burst is the number itself."""

    tokens: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Calls a second."""
        return self.tokens / self.seconds

    @property
    def interval_ns(self) -> int:
        """The time in which one token comes back."""
        return max(1, round(self.seconds * 1_000_000_000 / self.tokens))


def parse_rate(value: object) -> Rate:
    """`"3/10m"` → 3 tokens in 600 s. ValueError names the mend."""
    match = _RATE.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[1]) < 1:
        raise ValueError('write a rate as count/time, such as "3/10m"')
    seconds = parse_duration(match[2])
    if seconds <= 0:
        raise ValueError('the time of a rate must be over zero, such as "3/10m"')
    return Rate(int(match[1]), seconds)


@dataclass(frozen=True, slots=True)
class Address:
    """A TCP address to listen on or connect to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(value: object) -> Address:
    """`"127.0.0.1:4573"` or `"[::1]:4573"`. ValueError names the mend."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not host or not port.isascii() or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError('write an address as host:port, such as "127.0.0.1:4573"')
    return Address(host.strip("[]"), int(port))


def parse_maybe_address(value: object) -> Address | None:
    """The same, and `""` for no address at all."""
    return None if value == "" else parse_address(value)


def parse_keep(value: object) -> float:
    """How long something is kept: a duration, or `""` or `"0"` for ever, which is 0."""
    if value in ("", "0", 0):
        return 0.0
    seconds = parse_duration(value)
    if seconds < SHORTEST_KEEP:
        raise ValueError('keep it for "1h" at least, or "" for ever')
    return seconds


SHORTEST_KEEP = 3600.0
Keep = Annotated[float, BeforeValidator(parse_keep)]
Duration = Annotated[float, BeforeValidator(parse_duration)]
RateLimit = Annotated[Rate, BeforeValidator(parse_rate)]
Listen = Annotated[Address, BeforeValidator(parse_address)]
MaybeListen = Annotated[Address | None, BeforeValidator(parse_maybe_address)]
