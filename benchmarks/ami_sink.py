"""A manager interface that takes what the daemon tells it, as a process: prints its port and serves."""

from __future__ import annotations

import asyncio

from tests.fakes.fake_ami import FakeAmi


async def serve() -> None:
    async with FakeAmi() as ami:
        print(ami.port, flush=True)
        while True:
            await ami.actions.get()


if __name__ == "__main__":
    asyncio.run(serve())
