"""A bad file is told whole: file, line, key, value, mend. A good one lies over the defaults."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.errors import ConfigError, Problem
from agi_screen.base.toml_file import merged
from agi_screen.settings import SECRETS, Settings, load


def settings_of(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "agi-screen.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def problems_of(tmp_path: Path, text: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        settings_of(tmp_path, text)
    return caught.value.problems


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")
    assert settings.config.mode == "enforce"
    assert str(settings.config.agi.listen) == "127.0.0.1:4573"
    assert {s.name for s in settings.signals} >= {"caller_rate", "invalid_number", "anonymous"}
    assert settings.database == tmp_path / "agi-screen.db"


def test_a_key_lies_over_its_default_and_leaves_its_neighbours(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[policy]\nnormal = { challenge = 6.0 }\n")
    assert settings.config.policy.normal.challenge == 6.0
    assert settings.config.policy.normal.reject == 24.0


@pytest.mark.parametrize(
    ("text", "line", "field", "mend"),
    [
        ('[agi]\n\nlistne = "x"', 3, "agi.listne", "did you mean 'listen'"),
        ('[agi]\nlisten = "4573"', 2, "agi.listen", "host:port"),
        ('mode = "on"', 1, "mode", "enforce"),
        ("[policy]\nsiege = { challenge = 9.0, reject = 8.0 }", 2, "policy.siege", "not over reject"),
        ("[signals.caller_rat]\nweight = 1", 1, "signals.caller_rat", "did you mean 'caller_rate'"),
        ('[signals.caller_rate]\nlimit = "3"', 2, "signals.caller_rate.limit", "count/time"),
        ("[signals.caller_rate]\nwieght = 3", 2, "signals.caller_rate.wieght", "did you mean 'weight'"),
        ("[store]\nbacklog = 0", 2, "store.backlog", "greater than or equal to 1"),
        ("mode = ", 1, "TOML", "Invalid value"),
        ("signals = 3", 1, "signals", "valid dictionary"),
    ],
)
def test_each_error_names_its_place_and_mend(tmp_path: Path, text: str, line: int, field: str, mend: str) -> None:
    problem = problems_of(tmp_path, text)[0]
    assert (problem.line, problem.field) == (line, field)
    assert mend in problem.mend


def test_all_errors_come_at_once(tmp_path: Path) -> None:
    assert len(problems_of(tmp_path, 'mode = "x"\n[agi]\nlisten = 1\n[signals.nope]\n')) == 3


def test_secrets_come_from_environment_file_or_key_and_never_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ami.secret").write_text("from-file\n")
    settings = settings_of(tmp_path, '[ami]\nsecret_file = "ami.secret"\nsecret = "from-key"')
    assert settings.config.ami.secret.get_secret_value() == "from-file"
    monkeypatch.setenv(SECRETS["ami"], "from-environment")
    assert settings_of(tmp_path, "").config.ami.secret.get_secret_value() == "from-environment"
    assert "from" not in repr(settings.config.ami.secret)
    shown = problems_of(tmp_path, "[ami]\nsecret = 12345")
    assert "12345" not in str(shown[0])


def test_a_missing_or_unreadable_file_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "latin1.toml").write_bytes(b'mode = "\xe9"')
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "latin1.toml"):
        with pytest.raises(ConfigError, match="cannot be read"):
            load(path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    assert "at most" in problems_of(tmp_path, "#" * 2_000_000)[0].mend


TABLES = st.recursive(st.integers(), lambda below: st.dictionaries(st.sampled_from("abc"), below, max_size=3))


@given(st.dictionaries(st.sampled_from("abc"), TABLES), st.dictionaries(st.sampled_from("abc"), TABLES))
def test_merging_keeps_every_key_and_the_site_wins(base: dict[str, object], site: dict[str, object]) -> None:
    both = merged(base, site)
    assert set(both) == set(base) | set(site)
    assert merged(both, site) == both
    assert merged(base, {}) == base
