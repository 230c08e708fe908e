"""Settings tried on recorded calls: the figures are the judge's own, and nothing is changed by them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from agi_screen.base.verdict import CaptchaResult, Evidence, Level, Verdict
from agi_screen.judge.score import score
from agi_screen.judge.signal import Finding, Reads
from agi_screen.judge.verdict import verdict
from agi_screen.settings import laid_over_defaults
from agi_screen.web.route import Role
from agi_screen.what_if.tuning.sample import LEVELS, VERDICTS, sampled
from agi_screen.what_if.tuning.trial import judged
from tests.made import NOON, a_call, an_end
from tests.web.made_desk import CONFIG, MadeDesk, made_desk

DEFAULTS = laid_over_defaults({}, Path("agi-screen.toml"), {})
SIGNALS = [signal for signal in DEFAULTS.signals if Reads.CONDUCT not in signal.reads]
points = st.dictionaries(st.sampled_from([s.name for s in SIGNALS]), st.floats(-1, 1, width=32), max_size=8)
calls = st.lists(st.tuples(points, st.sampled_from(LEVELS)), min_size=1, max_size=20)
weights = st.dictionaries(st.sampled_from([s.name for s in SIGNALS]), st.floats(0.1, 20), max_size=8)


def saying(seen: Mapping[str, float], signal: Any) -> Any:
    """The same signal, which sees what it is told to."""

    class Says:
        name, group, params, reads = signal.name, signal.group, signal.params, signal.reads

        def evaluate(self, *_: object) -> Finding | None:
            return Finding(seen[self.name], "") if self.name in seen else None

    return Says()


@given(calls, weights, st.floats(0.5, 12), st.floats(0.5, 30))
@hypothesis(max_examples=60, deadline=None)
def test_as_the_judge_sums(
    made: list[tuple[dict[str, float], Level]], changed: dict[str, float], cap: float, challenge: float
) -> None:
    tables: dict[str, Any] = {"signals": {name: {"weight": weight} for name, weight in changed.items()}}
    tables |= {"groups": {"rate": cap}, "policy": {"normal": {"challenge": challenge, "reject": challenge + 2}}}
    tried = laid_over_defaults(tables, Path("agi-screen.toml"), {})
    rows = []
    for number, (seen, level) in enumerate(made):
        evidence = str([[name, value, 0.0, "x"] for name, value in seen.items()]).replace("'", '"')
        rows.append((f"c{number}", NOON, "", "", "allow", "", 0.0, str(level), evidence, "skipped", "", None, None))
    found = judged(sampled(rows, 0, NOON + 1, len(rows), 30.0), tried)
    signals = [signal for signal in tried.signals if Reads.CONDUCT not in signal.reads]
    call: Any = None  # no signal here looks at it
    for place, (seen, level) in enumerate(made):
        scored = score(call, None, [saying(seen, signal) for signal in signals], tried.config.groups)  # type: ignore[arg-type]
        assert found.scores[place] == pytest.approx(scored.points, abs=1e-9)
        near = tried.config.policy.of(level)
        if min(abs(scored.points - near.challenge), abs(scored.own - near.reject)) > 1e-6:
            assert VERDICTS[found.says[place]] is verdict(scored.points, scored.own, near)


RATE = (Evidence("caller_rate", 0.6, 4.5, "3 over"),)


async def filled(desk: MadeDesk) -> None:
    store = desk.office.store.opened
    strong = (Evidence("caller_rate", 0.8, 6.0, "6 over"),)
    plain = {"verdict": Verdict.ALLOW, "evidence": (), "captcha": CaptchaResult.SKIPPED}
    made = [a_call(f"p{n}", started=NOON + n, **plain) for n in range(10)]
    made += [a_call("near", started=NOON + 20, **{**plain, "evidence": RATE})]
    made += [a_call("robot", started=NOON + 21, evidence=strong, captcha=CaptchaResult.FAILED)]
    made += [a_call("pass", started=NOON + 22, **{**plain, "evidence": strong, "final": "pass"})]
    listed = {**plain, "verdict": Verdict.REJECT, "final": "list_deny_number"}
    made += [a_call("listed", started=NOON + 23, **listed)]
    siege = {**plain, "evidence": strong, "level": Level.SIEGE, "final": "monitor_challenge"}
    made += [a_call("siege", started=NOON + 9000, **siege)]
    await store.save_calls(made)
    await store.save_ends([an_end(f"u-p{n}") for n in range(10)])


async def try_(browser: Any, **body: Any) -> tuple[int, Any]:
    said = await browser.send("POST", "/tuning/try", {"changes": {}, **body})
    return said.status, await said.json()


SPAN = {"since": NOON, "until": NOON + 86400}


async def test_a_trial(desk: MadeDesk) -> None:
    await filled(desk)
    operator = await desk.log_in("operator")
    assert (await try_(operator))[0] == 404
    said = await (await operator.send("POST", "/tuning/sample", SPAN)).json()
    assert (said["calls"], said["total"], said["seen"]) == (15, 15, ["caller_rate"])
    assert said["groups"]["caller_rate"] == "rate"
    _, now = await try_(operator)
    assert now["changed"] == 0
    assert now["moved"][1][0][0] == 10  # people
    assert now["moved"][2][1][1] == 1  # the robot
    assert now["moved"][0] == [[2, 0, 0], [0, 1, 0], [0, 0, 1]]  # near and pass; the siege; the listed
    assert now["recorded"][0] == [2, 1, 1]
    _, tried = await try_(operator, changes={"policy.normal.challenge": 4.0})
    (row,) = tried["rows"]
    assert (row["id"], row["now"], row["tried"], row["signals"]) == ("near", "allow", "challenge", ["caller_rate"])
    _, tried = await try_(operator, changes={"signals.caller_rate.weight": 4.0}, who="robot")
    assert [(r["id"], r["tried"]) for r in tried["rows"]] == [("robot", "allow")]
    _, tried = await try_(operator, changes={"policy.normal.challenge": 4.0}, before="reject")
    assert (tried["changed"], tried["rows"]) == (0, [])
    assert desk.fake.config.read_text() == CONFIG
    attacks = (await operator.json("/tuning/attacks"))["attacks"]
    assert attacks == []  # of a time that is yet to come
    desk.clock.advance(86400)
    operator = await desk.log_in("operator")
    (attack,) = (await operator.json("/tuning/attacks"))["attacks"]
    assert (attack["level"], attack["calls"], attack["since"]) == ("siege", 1, NOON + 9000)


@pytest.mark.parametrize("key", ["signals.caller_rate.limit", "mode", "captcha.doubt", "web.listen", "x\n"])
async def test_what_needs_a_replay_is_refused(desk: MadeDesk, key: str) -> None:
    operator = await desk.log_in("operator")
    await operator.send("POST", "/tuning/sample", SPAN)
    status, said = await try_(operator, changes={key: 1.0})
    assert status == 422
    assert "replay" in said["error"]["mend"]


async def test_bad_thresholds_are_told(desk: MadeDesk) -> None:
    operator = await desk.log_in("operator")
    assert (await (await operator.send("POST", "/tuning/sample", SPAN)).json())["calls"] == 0
    status, said = await try_(operator, changes={"policy.normal.challenge": 25.0})
    assert (status, "not over reject" in said["error"]["mend"]) == (422, True)
    assert (await try_(operator))[0] == 200  # an empty sample is one too


async def test_numbers_are_masked(tmp_path: Path) -> None:
    async with made_desk(tmp_path, mask_numbers=True) as desk:
        await filled(desk)
        for role, ends in ((2, "••••"), (3, "0100")):
            await desk.account(f"r{role}", Role(role))
            browser = await desk.log_in(f"r{role}")
            await browser.send("POST", "/tuning/sample", SPAN)
            _, tried = await try_(browser, changes={"policy.normal.challenge": 4.0})
            assert tried["rows"][0]["caller"].endswith(ends)


async def test_a_process_that_dies_is_started_again(desk: MadeDesk) -> None:
    operator = await desk.log_in("operator")
    assert await operator.status("POST", "/tuning/sample", SPAN) == 200
    process = desk.fake.tuning._process
    assert process is not None
    process.kill()
    await process.wait()
    assert (await try_(operator))[0] == 404  # its samples are gone, and the page makes another
    assert await operator.status("POST", "/tuning/sample", SPAN) == 200
