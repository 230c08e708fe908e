"""For load balancers and watchers: `/healthz`, whether the daemon lives, and `/readyz`, whether to send it calls."""

from __future__ import annotations

from aiohttp import web

from agi_screen.web.office import Office

PROBES = frozenset({"/healthz", "/readyz"})  # asked by address, or by whatever name a balancer has


def add_probes(app: web.Application, office: Office) -> None:
    """Neither needs a log-in; they say which part does not work, and never why."""

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        ready, parts = office.ready()
        return web.json_response({"ready": ready, "parts": dict(parts)}, status=200 if ready else 503)

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
