"""The shape of the configuration file. Defaults stand in `defaults.toml`, one place, with their comments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from agi_screen.base.state_url import State
from agi_screen.base.units import Duration, Listen, MaybeListen, RateLimit
from agi_screen.base.verdict import Level
from agi_screen.base.ways import Way

FIRST_QUESTION, LATER_QUESTION = 8.0, 11.0  # seconds of our longest; the later ones are said slowly and twice
KEYS, PATIENCE_LATER = 3, 1.5  # keys of a common question; later attempts have so many times the key_time
LANGUAGE = r"^(auto|[a-z]{2,3}(_[A-Z]{2})?)$"

Count = Annotated[int, Field(ge=1)]
Ways = Annotated[tuple[Way, ...], Field(min_length=1)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Table(BaseModel):
    """A TOML table: unknown keys are errors, and what was read is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, allow_inf_nan=False)


class Agi(Table):
    """How FastAGI sessions are taken."""

    listen: Listen
    tls_listen: MaybeListen
    tls_certificate: Path
    tls_key: Path
    tls_clients: Path
    secret: Annotated[SecretStr, Field(max_length=200)]
    secret_file: str
    max_sessions: Count
    environment_time: Duration
    environment_bytes: Annotated[int, Field(ge=1024, le=1_048_576)]
    reply_time: Duration
    drain_time: Duration

    @model_validator(mode="after")
    def _tls_whole(self) -> Self:
        files = (self.tls_certificate != Path(), self.tls_key != Path())
        if self.tls_listen is not None and not all(files):
            raise ValueError("tls_listen needs tls_certificate and tls_key")
        return self

    @field_validator("secret")
    @classmethod
    def _carried(cls, secret: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret.get_secret_value()):
            raise ValueError("a dialplan carries only letters, digits, - and _: make one with `openssl rand -hex 16`")
        return secret


class Ami(Table):
    """The manager interface of Asterisk."""

    enabled: bool
    host: str
    port: Port
    username: str
    secret: SecretStr
    secret_file: str
    obey_level: bool


class StoreTable(Table):
    """Where records, lists and passes are kept. `path` counts from the configuration file's folder."""

    path: Path
    flush_time: Duration
    backlog: Count


class Numbers(Table):
    """The numbering plan of numbers without a country code."""

    region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    cache: Count


class Limiter(Table):
    """The bucket table: its capacity is its memory, for ever."""

    capacity: Annotated[int, Field(ge=1024, le=100_000_000)]
    save_every: Duration


class Thresholds(Table):
    """Scores from which a call is challenged, and from which it is rejected."""

    challenge: float
    reject: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 < self.challenge <= self.reject:
            raise ValueError("challenge must be over 0 and not over reject")
        return self


class Policy(Table):
    """Thresholds by attack level, and the level in force."""

    level: Literal["auto", "normal", "elevated", "siege"]
    normal: Thresholds
    elevated: Thresholds
    siege: Thresholds

    @property
    def fixed(self) -> Level | None:
        """The level set by hand; None where the arrivals tell it."""
        return None if self.level == "auto" else Level(self.level)

    def of(self, level: Level) -> Thresholds:
        thresholds: Thresholds = getattr(self, level.value)
        return thresholds


class Callers(Table):
    """What is remembered of callers."""

    capacity: Annotated[int, Field(ge=1000, le=10_000_000)]
    short_talk: Duration
    real_talk: Duration


class BlocksTable(Table):
    """Number blocks: their memory, and from how many calls beyond twice the usual, in five minutes, one stands out."""

    capacity: Annotated[int, Field(ge=1000, le=10_000_000)]
    thousand: Annotated[float, Field(gt=0)]
    exchange: Annotated[float, Field(gt=0)]
    area: Annotated[float, Field(gt=0)]


class Beyond(Table):
    """`calls` beyond `times` the usual rate; `most` bounds them, and with them the time until they have leaked away."""

    times: Annotated[float, Field(ge=1)]
    calls: Annotated[float, Field(gt=0)]
    most: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.calls:
            raise ValueError("most must not be under calls")
        return self


class Arrivals(Table):
    """What is usual, and from when on it is a surge."""

    start: RateLimit
    floor: RateLimit
    surplus: Beyond
    elevated: Beyond
    siege: Beyond
    calm: Duration


class Captcha(Table):
    """The spoken challenge: how it is asked, how often, and what becomes of who does not pass."""

    media: Literal["answer", "early"]
    early_trunks: tuple[str, ...]
    attempts: Annotated[int, Field(ge=1, le=5)]
    silent_attempts: Annotated[int, Field(ge=1, le=5)]
    key_time: Duration
    step_time: Duration
    doubt: Annotated[float, Field(gt=0)]
    max_concurrent: Count
    per_caller: RateLimit
    per_block: RateLimit
    human_rate: RateLimit
    on_failure: Ways
    on_full: Ways
    on_limit: Ways
    redress: Annotated[str, Field(pattern=r"^[0-9+() .-]{0,30}$")]
    prompts: Annotated[str, Field(pattern=r"^[A-Za-z0-9_/.-]{1,80}$")]
    sounds: Path
    language: Annotated[str, Field(pattern=LANGUAGE)]
    did_languages: dict[str, Annotated[str, Field(pattern=LANGUAGE)]]
    offer: tuple[Annotated[str, Field(pattern=LANGUAGE)], ...]

    @model_validator(mode="after")
    def _time_for_a_slow_person(self) -> Self:
        spoken, patience = (FIRST_QUESTION, 1.0) if self.attempts == 1 else (LATER_QUESTION, PATIENCE_LATER)
        least = spoken + KEYS * patience * self.key_time
        if self.step_time < least:
            raise ValueError(f"step_time must be at least {least:g}s: the longest question, and key_time for its keys")
        return self


class Menu(Table):
    """What counts as a robot's way through the menus after the verdict."""

    early: Duration
    silence: Duration
    short_talk: Duration


class WebhookTable(Table):
    """Where news of the attack level and of the daemon are posted. The url is secret too: many hold a token."""

    url: SecretStr
    secret: SecretStr
    secret_file: str
    timeout: Annotated[Duration, Field(gt=0, le=60)]

    @field_validator("url")
    @classmethod
    def _http(cls, url: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(?:https?://[^/\s?#@]+(?:[/?#]\S*)?)?", url.get_secret_value()):
            raise ValueError('write a url such as "https://chat.example.org/hooks/1", or "" for none')
        return url


class WebTable(Table):
    """The operations desk: pages, API, metrics."""

    enabled: bool
    listen: Listen
    tls_certificate: Path
    tls_key: Path
    behind_proxy: bool
    hosts: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")], ...]
    mask_numbers: bool
    session_time: Annotated[Duration, Field(ge=60)]
    idle_time: Annotated[Duration, Field(ge=60)]

    @property
    def tls(self) -> bool:
        """Whether the desk speaks TLS itself."""
        return self.tls_certificate != Path()

    @model_validator(mode="after")
    def _both_files(self) -> Self:
        if self.tls is (self.tls_key == Path()):
            raise ValueError("tls_certificate and tls_key go together: give both, or neither")
        return self


class ClusterTable(Table):
    """How state is shared with other daemons, where `state` names a Redis. `secret` hides callers' numbers in it."""

    node: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{0,64}$")]
    deadline: Annotated[Duration, Field(ge=0.005, le=1)]
    secret: SecretStr
    secret_file: str
    password: SecretStr
    password_file: str
    tls_ca: Path
    sentinel_password: bool
    remember: Annotated[Duration, Field(ge=3600)]
    backlog: Count


class Passes(Table):
    """What a passed caller is given."""

    uses: Count
    time: Duration
    capacity: Count


class Config(Table):
    """The whole file but the tables of the signals, which each signal checks itself."""

    mode: Literal["enforce", "monitor", "off"]
    state: State
    cluster: ClusterTable
    agi: Agi
    ami: Ami
    store: StoreTable
    numbers: Numbers
    limiter: Limiter
    policy: Policy
    arrivals: Arrivals
    callers: Callers
    blocks: BlocksTable
    groups: dict[str, Annotated[float, Field(gt=0)]]
    menu: Menu
    captcha: Captcha
    challenges: dict[str, dict[str, Any]]
    passes: Passes
    webhook: WebhookTable
    web: WebTable
    signals: dict[str, dict[str, Any]]
