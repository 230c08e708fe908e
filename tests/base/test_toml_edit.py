"""Keys of a TOML text changed: comments, order and whatever else an admin wrote stay."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from agi_screen.base.toml_edit import EditError, difference, edited, leaves, masked, shipped_comments, unmasked
from agi_screen.base.toml_file import DEFAULTS

TEXT = """# Example County.
mode   = "enforce"   # since March

[policy]  # ours
normal = { challenge = 5.0, reject = 24.0 } # a day
# what follows is of groups

[groups]
rate=7.5#tight
\t number =   6.0

[ami]
secret = 'hush' # ours alone
[webhook]
url = "https://example.org/hooks/token"
"""
DEFAULT_KEYS = dict(leaves(tomllib.loads(DEFAULTS.read_text())))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.one_of(
    st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), texts, st.lists(texts, max_size=3)
)


def comments_of(text: str) -> list[str]:
    return [line.partition("#")[2] for line in text.splitlines() if "#" in line]


def test_only_the_line_changes() -> None:
    made = edited(TEXT, {"policy.normal.challenge": 4.0, "mode": "monitor"})
    before, after = TEXT.splitlines(), made.splitlines()
    differ = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert differ == [
        ('mode   = "enforce"   # since March', 'mode   = "monitor"   # since March'),
        (
            "normal = { challenge = 5.0, reject = 24.0 } # a day",
            "normal = { challenge = 4.0, reject = 24.0 } # a day",
        ),
    ]


def test_a_new_key_brings_its_comment_and_stays_in_its_table() -> None:
    lines = edited(TEXT, {"policy.siege.challenge": 2.0, "signals.surge.weight": 3.0}).splitlines()
    at = lines.index("# what follows is of groups")
    assert lines[at - 1].startswith("siege = {challenge = 2.0}")
    assert lines[at - 1].endswith("# under attack")
    assert lines[-2].startswith("[signals.surge] # a stranger while")
    assert shipped_comments()["signals.surge.weight"] in lines[-1]


def test_a_key_is_taken_out() -> None:
    made = edited(TEXT, {"groups.rate": None, "web.listen": None, "groups.none": None})
    assert tomllib.loads(made)["groups"] == {"number": 6.0}
    assert "since March" in made


@given(st.dictionaries(st.sampled_from(sorted(k for k in DEFAULT_KEYS if k.count(".") < 3)), values, max_size=6))
@hypothesis(max_examples=150, deadline=None)
def test_comments_and_other_keys_survive(changes: dict[str, Any]) -> None:
    made = edited(TEXT, changes)
    old, new = dict(leaves(tomllib.loads(TEXT))), dict(leaves(tomllib.loads(made)))
    assert {k: v for k, v in new.items() if k not in changes} == {k: v for k, v in old.items() if k not in changes}
    assert {k: new[k] for k in changes} == changes
    for comment in comments_of(TEXT):
        assert comment in made


@given(st.data())
@hypothesis(max_examples=100, deadline=None)
def test_whatever_the_spacing(data: st.DataObject) -> None:
    space = st.sampled_from(["", " ", "\t", "    "])
    lines = []
    for table in ("groups", "web"):
        lines += data.draw(st.lists(st.sampled_from(["", "# a word", "   # another"]), max_size=3))
        lines.append(f"[{data.draw(space)}{table}{data.draw(space)}]{data.draw(space)}# {table}")
        key, value = ("rate", "7.5") if table == "groups" else ("enabled", "true")
        lines.append(f"{data.draw(space)}{key}{data.draw(space)}={data.draw(space)}{value}{data.draw(space)}# {key}")
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(lines) + data.draw(st.sampled_from(["", end]))
    made = edited(text, {"groups.rate": 8.0, "web.mask_numbers": True})
    assert tomllib.loads(made) == {"groups": {"rate": 8.0}, "web": {"enabled": True, "mask_numbers": True}}
    kept = iter(made.splitlines())
    assert all(any(line.replace("7.5", "8.0") == one for one in kept) for line in text.splitlines())


HOSTILE = ['"]\n[web]\nenabled = false', "\x00\x1b[2J", "'''", '"""', "\u202e", "a\\", "\r\n", "#", "é" * 500]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_text(value: str) -> None:
    made = edited(TEXT, {"captcha.redress": value, "captcha.did_languages": {value: value}, "web.hosts": [value]})
    tables = tomllib.loads(made)
    assert (tables["captcha"]["redress"], tables["web"]) == (value, {"hosts": [value]})
    assert tables["captcha"]["did_languages"] == {value: value}


@pytest.mark.parametrize(
    "key", ["", ".", "a..b", "mode\n[web]", "policy.normal challenge", "é", "a" * 65, '"x"', "[web]"]
)
def test_hostile_keys_are_refused(key: str) -> None:
    with pytest.raises(EditError):
        edited(TEXT, {key: 1})


@pytest.mark.parametrize(
    "changes", [{"mode": "\ud800"}, {"mode.x": 1}, {"policy.normal.challenge.x": 1}, {"a": object()}]
)
def test_what_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(EditError):
        edited(TEXT, changes)


def test_secrets_are_masked_and_come_back() -> None:
    shown = masked(TEXT)
    assert "hush" not in shown
    assert "token" not in shown
    assert "# ours alone" in shown
    assert tomllib.loads(unmasked(shown, TEXT)) == tomllib.loads(TEXT)
    assert "hush" not in difference(TEXT, edited(TEXT, {"ami.secret": "shout"}), "x")
    assert masked("secret = [") == ""
