"""The attack level over the API: shown, set, given back; by whom, and written down."""

from __future__ import annotations

from agi_screen.base.store_audit import AuditLine
from tests.web.made_desk import Browser, MadeDesk


async def lines(desk: MadeDesk) -> list[AuditLine]:
    return [line for line in reversed(await desk.audit()) if line.what == "attack level"]


async def test_set_and_given_back(daemon_desk: MadeDesk) -> None:
    operator = await daemon_desk.log_in("operator")
    assert (await operator.json("/level"))["override"] is None
    order = {"level": "siege", "for_time": "30m", "reason": "they call again"}
    said = await (await operator.send("POST", "/level", order)).json()
    assert (said["level"], said["override"]["by"], said["not_kept"]) == ("siege", "operator", "")
    assert said["override"]["until"] == daemon_desk.clock.wall() + 1800
    assert said["override"]["why"] == "they call again"
    said = await (await operator.send("POST", "/level", {"level": "auto", "for_time": "1h"})).json()
    assert (said["level"], said["override"]) == ("normal", None)
    assert [(line.before, line.after) for line in await lines(daemon_desk)] == [
        ("auto (normal)", "siege for 30m because they call again"),
        ("siege, set by operator", "auto"),
    ]


async def test_wrong_orders_change_nothing(daemon_desk: MadeDesk) -> None:
    operator = await daemon_desk.log_in("operator")
    wrong = (
        {"level": "war"},
        {"level": "siege", "for_time": "31d"},
        {"level": "siege", "for_time": "soon"},
        {"level": "siege", "for_time": "0s"},
        {"level": "siege", "reason": "x" * 81},
        {"for_time": "1h"},
    )
    for order in wrong:
        assert await operator.status("POST", "/level", order) == 400, order
    assert (await operator.json("/level"))["override"] is None
    assert await lines(daemon_desk) == []


async def test_hostile_reason_is_text(daemon_desk: MadeDesk) -> None:
    operator = await daemon_desk.log_in("operator")
    said = await (await operator.send("POST", "/level", {"level": "siege", "reason": "<b>\nat=9"})).json()
    assert said["override"]["why"] == "<b>\\x0aat=9"


async def test_roles(daemon_desk: MadeDesk) -> None:
    viewer, operator = await daemon_desk.log_in("viewer"), await daemon_desk.log_in("operator")
    assert await viewer.status("GET", "/level") == 200
    assert await viewer.status("POST", "/level", {"level": "siege"}) == 403
    assert await Browser(operator.client).status("POST", "/level", {"level": "siege"}) == 403
