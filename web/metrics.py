"""`/metrics`: what this process has done, for Prometheus, read on the spot and not through the public address."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

WRITTEN_BY_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
# Loopback and the private networks, by name: `is_private` counts more as private than is.
NEAR = tuple(
    ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
REGISTRY = CollectorRegistry()  # other modules register their own numbers here
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
REQUESTS = Counter(
    "portal_requests", "Requests answered, websockets when they close", ["family", "status"], registry=REGISTRY
)
SECONDS = Histogram("portal_request_seconds", "Time of work until an answer was sent", ["family"], registry=REGISTRY)
OPEN_SOCKETS = Gauge("portal_open_websockets", "Tabs connected to this process", registry=REGISTRY)


async def metrics(request: Request) -> Response:
    """Only for who connects directly from this machine or a private network; through a proxy it does not exist."""
    if not _is_near(request):
        return PlainTextResponse("Not found\n", 404)
    now = await run_in_threadpool(generate_latest, REGISTRY)  # some of it is asked of the database
    return Response(now, media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


def _is_near(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in WRITTEN_BY_PROXIES):
        return False
    address = ip_address(request.client.host)
    return any(address in network for network in NEAR)


routes = [Route("/metrics", metrics)]
