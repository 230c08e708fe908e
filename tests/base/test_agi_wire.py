"""What goes out is one line that Asterisk reads as meant; what is no reply counts for nothing."""

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.agi_wire import MAX_COMMAND, Reply, command, mset, parse_reply


@given(st.lists(st.text(max_size=60), max_size=5))
def test_a_command_is_one_line_whatever_its_arguments(arguments: list[str]) -> None:
    try:
        line = command("EXEC", *arguments)
    except ValueError:
        assert any(not word.isprintable() for word in arguments)
        return
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert shlex.split(line.decode(), posix=True)[1:] == arguments  # AGI's quoting is the shell's for " and \


def test_a_command_longer_than_asterisk_reads_is_refused() -> None:
    with pytest.raises(ValueError, match=str(MAX_COMMAND)):
        command("VERBOSE", "x" * MAX_COMMAND)


@given(st.dictionaries(st.sampled_from(["A", "B_C"]), st.text()))
def test_mset_lets_only_plain_characters_out(variables: dict[str, str]) -> None:
    line = mset(variables)
    assert re.fullmatch(rb'EXEC MSet "([A-Z_]+=[A-Za-z0-9_.:;+-]*(,|(?=")))*"\n', line)


def test_reasons_arrive_whole() -> None:
    assert mset({"R": "caller_rate:4.20;attestation:1.50"}) == b'EXEC MSet "R=caller_rate:4.20;attestation:1.50"\n'


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("200 result=0", Reply(200, "0")),
        ("200 result=0 endpos=5920", Reply(200, "0", "endpos=5920")),
        ("200 result=12 (timeout)", Reply(200, "12", "(timeout)")),
        ("200 result= (timeout)", Reply(200, "", "(timeout)")),
        ("200 result=-1", Reply(200, "-1")),
        ("510 Invalid or unknown command", Reply(510, "", "Invalid or unknown command")),
        ("520-Invalid command syntax.", Reply(520, "", "Invalid command syntax.")),
        ("511 Command Not Permitted on a dead channel", Reply(511, "", "Command Not Permitted on a dead channel")),
    ],
)
def test_replies(line: str, reply: Reply) -> None:
    assert parse_reply(line) == reply


@pytest.mark.parametrize("line", ["", "HANGUP", "agi_x: 1", "2000 result=0", "20 result=0", " 200 result=0", "²00 x"])
def test_what_is_no_reply(line: str) -> None:
    assert parse_reply(line) is None


def test_endpos_is_read() -> None:
    assert Reply(200, "0", "endpos=5920").endpos == 5920
    assert Reply(200, "0", "").endpos == 0


@given(st.text())
def test_no_line_breaks_the_reply_parser(line: str) -> None:
    reply = parse_reply(line)
    assert reply is None or reply.endpos >= 0
