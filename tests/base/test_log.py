"""One line an event: nothing that reached a message makes a line, a colour or a bell of its own."""

import logging

from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.log import FORMAT, OneLine
from agi_screen.base.text import one_line
from agi_screen.trail.call_line import call_line, log_lines
from tests.made import a_call

FORMATTER = OneLine(FORMAT)


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("agi_screen", logging.INFO, "", 0, message, None, None)


@given(st.text())
def test_a_message_is_one_line_of_printable_text(message: str) -> None:
    shown = FORMATTER.format(record(message))
    assert shown.isprintable()
    assert shown.endswith(one_line(message))


def test_plain_text_stays_as_it_is() -> None:
    assert one_line("AMI up: 127.0.0.1") == "AMI up: 127.0.0.1"
    assert one_line("a\nb\x1b[31m") == r"a\x0ab\x1b[31m"


class Kept(logging.Handler):
    """Keeps what a handler of the daemon would write."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(FORMATTER)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += self.format(record).split("\n")


def test_a_batch_is_a_line_a_call_each_with_its_time() -> None:
    kept, log = Kept(), logging.getLogger("agi_screen.calls")
    log.addHandler(kept)
    level = log.level
    log.setLevel(logging.INFO)
    try:
        log_lines([call_line(a_call("c1")), call_line(a_call("c2", trunk="a\nb")), "call id=c3\nforged"])
    finally:
        log.setLevel(level)
        log.removeHandler(kept)
    assert [line.split("call id=")[1][:2] for line in kept.lines] == ["c1", "c2", "c3"]
    assert all(" INFO agi_screen.calls: " in line for line in kept.lines)
