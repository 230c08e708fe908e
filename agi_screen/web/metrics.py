"""`GET /metrics` for Prometheus: figures are read when they are asked for, and cost a call nothing."""

from __future__ import annotations

import asyncio
import ipaddress
import platform
from collections.abc import Callable, Iterator, Sequence

from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from agi_screen import __version__
from agi_screen.base.figures import Figure, Histogram, counter, gauge
from agi_screen.web.connections import CONNECTIONS, Connections
from agi_screen.web.gate import GATE
from agi_screen.web.live import HUB
from agi_screen.web.office import Office
from agi_screen.web.origin import address_of
from agi_screen.web.patience import Patience
from agi_screen.web.route import ApiError

PREFIX = "agi_screen_"
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


class Read(Collector):
    """Figures that have been read, for one scrape."""

    def __init__(self, figures: Sequence[Figure | Histogram]) -> None:
        self._figures = figures

    def describe(self) -> list[Metric]:
        """Nothing: the registry would read all figures once more to know their names."""
        return []

    def collect(self) -> Iterator[Metric]:
        version = {"version": __version__, "python": platform.python_version()}
        yield InfoMetricFamily(f"{PREFIX}build", "Version of agi-screen and its Python.", version)
        for figure in self._figures:
            yield _bucketed(figure) if isinstance(figure, Histogram) else _family(figure)


def add_metrics(app: web.Application, office: Office) -> None:
    """Figures are read in the loop, and written in a thread, which takes longer."""

    async def metrics(request: web.Request) -> web.Response:
        await _may_read(request, office)
        encode, media = choose_encoder(request.headers.get("Accept", ""))
        read = Read((*office.figures(), *_of_the_desk(app)))
        return web.Response(body=await asyncio.to_thread(_written, encode, read), headers={"Content-Type": media})

    app.router.add_get("/metrics", metrics)


def _of_the_desk(app: web.Application) -> tuple[Figure, ...]:
    hub, connections = app[HUB], app.get(CONNECTIONS) or Connections(0, Patience())
    closed = {which: connections.counts[which] for which in ("idle", "new")}
    return (
        gauge("desk_connections", "Connections to the desk open now.", connections.open),
        counter("desk_connections_closed", "Connections closed at the limit, by which gave way.", closed, "which"),
        gauge("desk_viewers", "Open live streams.", hub.viewers),
        counter("desk_viewers_dropped", "Live streams that fell behind and were let go.", hub.dropped),
    )


def _written(encode: Callable[[CollectorRegistry], bytes], read: Read) -> bytes:
    """The registry is of this scrape: libraries that put theirs into the global one are not read."""
    registry = CollectorRegistry()
    registry.register(read)
    ProcessCollector(registry=registry)
    return encode(registry)


async def _may_read(request: web.Request, office: Office) -> None:
    """This machine's own programs; others need a token, or a session. Raises ApiError."""
    if _is_local(request, office):
        return
    if await request.app[GATE].who(request) is None:
        raise ApiError(401, "session", "", "send `Authorization: Bearer TOKEN`, or ask from this machine")


def _is_local(request: web.Request, office: Office) -> bool:
    """Not what a proxy on this machine hands on, whether or not the configuration knows of it."""
    forwarded = any(name in request.headers for name in FORWARDED)
    if forwarded and not office.web.behind_proxy:
        return False
    try:
        return ipaddress.ip_address(address_of(request, office.web)).is_loopback
    except ValueError:
        return False


def _family(figure: Figure) -> Metric:
    kind = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
    family = kind(PREFIX + figure.name, figure.help, labels=figure.labels)
    for labels, value in figure.values.items():
        family.add_metric(labels, value)
    return family


def _bucketed(figure: Histogram) -> Metric:
    """Prometheus counts each bucket together with all below it."""
    below, buckets = 0, []
    for bound, count in zip((*map(str, figure.bounds), "+Inf"), figure.counts, strict=True):
        below += count
        buckets.append((bound, float(below)))
    return HistogramMetricFamily(PREFIX + figure.name, figure.help, buckets=buckets, sum_value=figure.sum)
