"""The url of the shared state: what can be written, and what is said of what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from agi_screen.base.state_url import StateKind, parse_state_url
from agi_screen.settings import REDIS_PASSWORD, SECRETS, load
from tests.base.test_config import problems_of, settings_of


def test_local_is_nothing_shared() -> None:
    assert not parse_state_url("local").shared


@pytest.mark.parametrize(
    ("text", "kind", "shown"),
    [
        ("redis://10.0.0.5", StateKind.STANDALONE, "redis://10.0.0.5:6379"),
        ("redis://10.0.0.5:7000/3", StateKind.STANDALONE, "redis://10.0.0.5:7000/3"),
        ("rediss://ann:s%40fe@[2001:db8::5]/", StateKind.STANDALONE, "rediss://[2001:db8::5]:6379"),
        ("redis+sentinel://a,b:2000/mymaster/2", StateKind.SENTINEL, "redis+sentinel://a:26379,b:2000/mymaster/2"),
        ("redis+sentinel://a/mymaster", StateKind.SENTINEL, "redis+sentinel://a:26379/mymaster"),
        ("rediss+cluster://a:7000,b", StateKind.CLUSTER, "rediss+cluster://a:7000,b:6379"),
    ],
)
def test_what_can_be_written(text: str, kind: StateKind, shown: str) -> None:
    url = parse_state_url(text)
    assert (url.kind, str(url)) == (kind, shown)


def test_user_and_password_are_read_and_not_shown() -> None:
    url = parse_state_url("redis://ann:s%40fe@a/1")
    assert (url.username, url.password, url.db) == ("ann", "s@fe", 1)
    assert "fe" not in f"{url}{url!r}"


@pytest.mark.parametrize(
    "text",
    ["", "Local", "http://a", "redis://", "redis://a/b", "redis://a,b", "redis+sentinel://a", "redis+cluster://a/1"]
    + ["redis://a:99999", "redis://a?x=1", "redis+sentinel://a/my master"],
)
def test_all_else_is_refused_with_its_mend_and_hidden(tmp_path: Path, text: str) -> None:
    problem = problems_of(tmp_path, f'state = "{text}"')[0]
    assert problem.field == "state"
    assert any(mend in problem.mend for mend in ("redis://host:6379/0", "redis+cluster", "host:port"))
    assert problem.value == "***"


def test_a_shared_state_needs_its_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRETS["cluster"], raising=False)
    assert "the same on every machine" in problems_of(tmp_path, 'state = "redis://a"\n[cluster]\n')[0].mend
    (tmp_path / "secret").write_text("of all\n")
    (tmp_path / "password").write_text("of redis\n")
    table = 'state = "redis://a"\n[cluster]\nsecret_file = "secret"\npassword_file = "password"\n'
    cluster = settings_of(tmp_path, table).config.cluster
    assert cluster.secret.get_secret_value() == "of all"
    assert cluster.password.get_secret_value() == "of redis"
    monkeypatch.setenv(REDIS_PASSWORD, "of the environment")
    assert load(tmp_path / "agi-screen.toml").config.cluster.password.get_secret_value() == "of the environment"
