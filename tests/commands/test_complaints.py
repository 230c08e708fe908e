"""The public complaint files: known by their headings, and careful with people whose numbers were forged."""

import contextlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agi_screen.base.list_file import MAX_LINE, FileError, Row, read_rows
from agi_screen.base.numbers import NumberPlan
from agi_screen.commands.complaint_file import FCC, FTC, Complaints, day_of, recognised
from tests.commands.conftest import Run

TODAY = datetime.now(UTC).date()
FTC_HEAD = (
    "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,"
    "Recorded_Message_Or_Robocall"
)
FCC_HEAD = (
    '"Ticket ID","Ticket Created","Date of Issue","Time of Issue","Form","Method","Issue","Caller ID Number",'
    '"Type of Call or Messge",'
    '"Advertiser Business Number","City","State","Zip","Location (Center point of the Zip Code)"'
)
WEEKLY_HEAD = (
    "Phone Issues,Time of Issue,Caller ID Number,Advertiser Business Phone Number,Type of Call or Message (Robocalls),"
    "Type of Call or Message (Telemarketing),State,Date (Ticket Date of Issue),Date (Ticket Created)"
)


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def ftc(number: str, days: int, area: str = "612", city: str = "St. Paul") -> str:
    day = ago(days)
    return f'{number},{day} 00:02:35,{day} 18:22:00,{city},Minnesota,{area},"Debt (cards, loans)",Y'


def fcc(number: str, days: int, zip_code: str, ticket: int = 1) -> str:
    day = ago(days)
    us = f"{day.month:02}/{day.day:02}/{day.year}"
    return (
        f'{ticket},{us} 12:00:00 AM,{us},1:00 pm,Phone,Wired,"Unwanted Calls",{number},"Live, Voice",'
        f'None,Ely,MN,{zip_code},"({zip_code}, -1)"'
    )


def written(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def listed(run: Run) -> dict[str, dict[str, Any]]:
    return {o["value"]: o for o in run("list", "show", "--json").objects}


def test_ftc_file_goes_on_suspect_with_reason_source_and_end(run: Run, tmp_path: Path) -> None:
    rows = [ftc("4155552671", n, str(600 + n)) for n in (1, 2, 9)]
    few = [ftc("4155552672", n) for n in (1, 2)]
    done = run("list", "import", written(tmp_path / "dnc.csv", FTC_HEAD, *rows, *few), "--json")
    (said,) = done.objects
    assert (said["imported"], said["format"], said["complaints"], said["passed_over"]) == (1, "ftc", 5, {"too_few": 1})
    (entry,) = listed(run).values()
    assert (entry["list"], entry["value"]) == ("suspect", "+14155552671")
    assert entry["reason"] == f"3 complaints, last {ago(1)}"
    assert entry["source"] == "import dnc.csv (ftc)"
    assert datetime.fromtimestamp(entry["expires"], UTC).date() == ago(0) + timedelta(90)


@pytest.mark.parametrize("name", ["auto", "fcc"])
def test_fcc_file(run: Run, tmp_path: Path, name: str) -> None:
    rows = [fcc("866-410-0458", 5, str(55000 + n), n) for n in range(4)]
    file = written(tmp_path / "f", FCC_HEAD, *rows, fcc("None", 1, "1"), fcc("", 1, "1"), fcc("000-000-0000", 1, "1"))
    (said,) = run("list", "import", file, "--format", name, "--json").objects
    assert (said["imported"], said["format"], said["passed_over"]) == (1, "fcc", {"no_number": 3})
    assert listed(run)["+18664100458"]["reason"] == f"4 complaints, last {ago(5)}"


def test_fcc_file_of_earlier_years(run: Run, tmp_path: Path) -> None:
    day = ago(3)
    rows = [
        f"Robocalls,1:00,415-555-2671,,Live,,{s},{day},{day.month}/{day.day}/{day.year}" for s in ("MN", "IA", "WI")
    ]
    (said,) = run("list", "import", written(tmp_path / "f", WEEKLY_HEAD, *rows), "--json").objects
    assert (said["imported"], said["format"]) == (1, "fcc")


def test_one_person_who_complains_all_day_is_one_voice(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "f", FTC_HEAD, *[ftc("4155552671", 1)] * 50, ftc("4155552671", 2))
    (said,) = run("list", "import", file, "--complaints", "2", "--json").objects
    assert (said["imported"], said["passed_over"]) == (1, {"repeated": 49})
    (said,) = run("list", "import", file, "--json").objects
    assert said["imported"] == 0


def test_old_complaints_count_only_where_wished_and_end_all_the_same(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "f", FTC_HEAD, *(ftc("4155552671", n) for n in (200, 210, 220)))
    (said,) = run("list", "import", file, "--json").objects
    assert (said["imported"], said["passed_over"]) == (0, {"too_old": 3})
    (said,) = run("list", "import", file, "--since", "1000d", "--json").objects
    assert said["imported"] == 0  # ninety days after the last one are over
    (said,) = run("list", "import", file, "--since", "1000d", "--expires", "365d", "--json").objects
    assert said["imported"] == 1


def test_the_earlier_of_both_dates_counts_and_the_future_never(tmp_path: Path) -> None:
    late = [
        f"4155552671,{ago(1)},{ago(500)},x,MN,612,,Y",
        f"4155552671,{ago(-3)},,x,MN,612,,Y",
        "4155552671,,,x,MN,6,,Y",
    ]
    complaints = counted(tmp_path / "f", FTC_HEAD, *late)
    assert complaints.passed == {"too_old": 1, "no_date": 2}


def test_list_and_source_and_reason_may_be_named(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path / "f", FTC_HEAD, ftc("4155552671", 1))
    run("list", "import", file, "--list", "deny", "--source", "ftc", "--reason", "DNC", "--complaints", "1")
    (entry,) = listed(run).values()
    assert (entry["list"], entry["source"], entry["reason"]) == ("deny", "ftc", f"DNC: 1 complaint, last {ago(1)}")


@pytest.mark.parametrize(
    ("text", "options", "mend"),
    [
        ("4155552671\n", ("--format", "ftc"), "has no columns company_phone_number and created_date"),
        ("", ("--format", "fcc"), "has no columns caller_id_number"),
        ("4155552671\n", (), "--list: say which list"),
        ("4155552671\n", ("--format", "xls"), "Invalid value for '--format'"),
        ("x" * MAX_LINE, ("--list", "deny"), f"a line is longer than {MAX_LINE} bytes"),
        ('"' + "x,\n" * 50_000, ("--list", "deny"), "field larger than field limit"),
        ("bla\n" * 10_002, ("--list", "deny", "--skip-bad"), "more than 10000 bad lines"),
        (FTC_HEAD + "\n", ("--replace",), "gives no entry, and would replace all"),
        (FTC_HEAD + "\n4155552671,x\n", ("--since", "soon"), 'time "soon"'),
    ],
)
def test_what_is_no_such_file_is_refused_and_nothing_changed(
    run: Run, tmp_path: Path, text: str, options: tuple[str, ...], mend: str
) -> None:
    run("list", "add", "allow", "101")
    (tmp_path / "f").write_text(text)
    done = run("list", "import", str(tmp_path / "f"), *options)
    assert done.code == 2
    assert mend in done.err
    assert list(listed(run)) == ["101"]


def counted(path: Path, *lines: str) -> Complaints:
    file = Path(written(path, *lines))
    made = Complaints(FTC, NumberPlan("US", 100), ago(90), TODAY)
    made.read(file, read_rows(file, lambda _: None))
    return made


complaint = st.tuples(
    st.sampled_from(["4155552671", "415-555-2672", "+1 (415) 555-2673", "none", "", "1", "=1+1"]),
    st.integers(-400, 400).map(lambda n: str(ago(n))) | st.sampled_from(["", "soon", "2026-13-45", "99/99/9999"]),
    st.sampled_from(["Ely", "Duluth", 'a "b", c', "\x1b[31m"]),
    st.sampled_from(["MN", "IA"]),
)


@given(st.lists(complaint, max_size=40))
def test_counting_is_as_the_rules_say(rows: list[tuple[str, str, str, str]]) -> None:
    """Against a model: distinct days and places of each number, within the age limit."""
    head = Row(1, ["Company_Phone_Number", "Created_Date", "Consumer_City", "Consumer_State"])
    made = Complaints(FTC, NumberPlan("US", 100), ago(90), TODAY)
    made.read(Path("f"), [head, *(Row(n + 2, list(row)) for n, row in enumerate(rows))])
    voices: dict[str, set[tuple[str, str, str]]] = {}
    for number, day, city, state in rows:
        digits = "".join(c for c in number if c.isdigit())[-10:]
        if len(digits) == 10 and str(ago(90)) <= day <= str(ago(-1)):
            voices.setdefault(f"+1{digits}", set()).add((day, city, state))
    found = {number: (said.voices, str(date.fromordinal(said.last))) for number, said in made.numbers(2)}
    assert found == {n: (len(v), max(day for day, *_ in v)) for n, v in voices.items() if len(v) >= 2}
    assert made.counted + sum(n for why, n in made.passed.items() if why != "too_few") == len(rows)


@given(st.binary(max_size=300), st.sampled_from([FTC, FCC]))
def test_no_bytes_bring_it_down(tmp_path_factory: pytest.TempPathFactory, content: bytes, kind: Any) -> None:
    file = tmp_path_factory.mktemp("f") / "f"
    file.write_bytes(f"{kind.number},{kind.days[0]}\n".encode() + content)
    made = Complaints(kind, NumberPlan("US", 100), ago(90), TODAY)
    with contextlib.suppress(FileError):
        made.read(file, read_rows(file, lambda _: None))
    assert sum(made.passed.values()) + made.counted <= content.count(b"\n") + content.count(b"\r") + 1


@given(st.dates(date(1900, 1, 1), date(2999, 1, 1)), st.sampled_from(["", " 00:02:35", "T00:00:00.000", " 1:00 AM"]))
def test_days_are_read_as_both_agencies_write_them(day: date, time: str) -> None:
    for text in (f"{day}{time}", f"{day.month}/{day.day}/{day.year}{time}", f"{day.month:02}/{day.day:02}/{day.year}"):
        assert day_of(text[:11]) == day.toordinal()


def test_headings_tell_the_format_in_any_case_and_order() -> None:
    assert recognised(["CREATED_DATE", "x", "company phone number"]) is FTC
    assert recognised(["caller_id_number", "issue_date"]) is FCC  # the API's names
    assert recognised(["number", "reason"]) is None
    assert recognised(["Company_Phone_Number"]) is None
