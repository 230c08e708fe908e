"""Every target by its name."""

from __future__ import annotations

from tests.fuzz.target import Target
from tests.fuzz.targets.agi_environment import AgiEnvironment
from tests.fuzz.targets.agi_replies import AgiReplies
from tests.fuzz.targets.agi_session import AgiSession
from tests.fuzz.targets.ami import AmiStream
from tests.fuzz.targets.cdr_csv import CdrCsv
from tests.fuzz.targets.http_request import HttpRequest
from tests.fuzz.targets.http_values import HttpValues
from tests.fuzz.targets.list_csv import ListCsv
from tests.fuzz.targets.toml_config import TomlConfig

_ALL: tuple[type[Target], ...] = (
    *(AgiEnvironment, AgiReplies, AgiSession, AmiStream, TomlConfig, ListCsv, CdrCsv, HttpValues, HttpRequest),
)
TARGETS: dict[str, type[Target]] = {made.name: made for made in _ALL}
