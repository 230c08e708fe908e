"""SCENARIO.toml: what is wrong in it is told with file, key, value and mend; the shipped ones are good."""

from __future__ import annotations

from pathlib import Path

import pytest

from agi_screen.base.errors import ConfigError
from agi_screen.what_if.simulate.scenario import read_scenario, shipped

GOOD = 'title = "t"\nstart = 2016-11-01T08:00:00\nduration = "1h"\n[centre]\noperators = 3\nlines = 10\n'
WRONG = [
    ("[centre]\nlines = 10\n", "duration: is required"),
    (GOOD.replace("operators = 3", "operators = 0"), ":5: centre.operators = 0:"),
    (GOOD.replace("lines = 10", "liness = 10"), "centre.liness: there is no such key; did you mean 'lines'?"),
    (GOOD + '[people]\nareas = ["999", "612"]\n', "not 999"),
    (GOOD + '[[attack]]\nkind = "hammr"\n', ":7: attack.0: "),
    (GOOD + '[[attack]]\nkind = "hammer"\nduration = "1h"\ncalls = -1\n', ":10: attack.0.hammer.calls = -1:"),
    (GOOD + '[[attack]]\nkind = "hammer"\nduration = "1h"\ncalls = 1\nstart = "2h"\n', "starts after the end"),
    (GOOD.replace('"1h"', '"61d"'), "duration must be from 1m to 60d"),
    ('name = "../../etc/x"\n' + GOOD, "a scenario's name is its file's"),
    (GOOD.replace('"1h"', '"1"'), "write a time with its unit"),
    (GOOD + "[people.captcha]\nno_keys = 0.6\nhang_up = 0.6\n", "together must be at most 1"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_errors_name_the_place_and_the_mend(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_scenario(str(path))
    assert says in str(error.value)
    assert str(error.value).startswith(f"{path}")


def test_unknown_name_lists_the_shipped_ones() -> None:
    with pytest.raises(ConfigError, match="low_and_slow, mnsure"):
        read_scenario("minsure")


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_shipped_scenarios_are_good(path: Path) -> None:
    scenario = read_scenario(path.stem)
    assert scenario.name == path.stem
    assert scenario.about


def test_shipped_scenarios_are_those_the_documents_name() -> None:
    names = {path.stem for path in shipped()}
    assert len(names) >= 14
    assert {"mnsure", "normal_week", "flash_crowd", "spoofed_customers", "attested_bought"} <= names
