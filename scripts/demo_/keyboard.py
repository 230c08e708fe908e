"""The ear and the fingers of one SIPp caller: audio comes here, keys go back to where it came from."""

from __future__ import annotations

import asyncio

from scripts.demo_.board import Board
from scripts.demo_.cast import Keys, Part
from tests.asterisk.person import Ear
from tests.asterisk.rtp import Address, RtpPort

LONGEST_TALK = 60.0


class Handset(RtpPort):
    """Learns from the first packet where Asterisk's audio comes from."""

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.remote = self.remote or addr
        super().datagram_received(data, addr)


async def open_handset() -> Handset:
    """Binds a free loopback port."""
    loop = asyncio.get_running_loop()
    _, port = await loop.create_datagram_endpoint(Handset, local_addr=("127.0.0.1", 0))
    return port


def wrong(digits: str) -> str:
    """As many keys, the first of them certainly wrong."""
    return str((int(digits[0]) + 1) % 10) + digits[1:]


async def answer(part: Part, ear: Ear, handset: Handset, board: Board) -> None:
    """Does what the role does, at every challenge, until cancelled."""
    while True:
        digits = await ear.challenge(part.number, LONGEST_TALK)
        keys = {Keys.RIGHT: digits, Keys.WRONG: wrong(digits)}.get(part.keys, "")
        board.say(part, f'hears "{" ".join(digits)}" and presses {keys or "nothing"}')
        await handset.press(keys)
