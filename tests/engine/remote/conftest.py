"""Engines over servers of the tests' own, and their ends."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest

from rlm_desk.address import parse
from rlm_desk.confine import egress
from rlm_desk.engine.remote.engine import RemoteEngine
from rlm_desk.plan import ServerPlan
from tests.engine.remote.fake import FakeServer

Start = Callable[..., Awaitable[RemoteEngine]]


@pytest.fixture(autouse=True)
def connectors() -> Iterator[None]:
    """Each test has its own port: the connectors to it end with the test."""
    yield
    for connector in egress._started.values():
        connector.close()
    egress._started.clear()


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts an engine over a fake server, and ends both."""
    ends: list[Callable[[], Awaitable[None]]] = []

    async def begin(server: FakeServer, context: ssl.SSLContext | None = None, **plan: object) -> RemoteEngine:
        scheme = "https" if context else "http"
        address = parse(f"{scheme}://127.0.0.1:{await server.start(context)}/v1")
        ends.append(server.stop)
        engine = await RemoteEngine.start(ServerPlan(address, **{"pause": 0.01, **plan}))  # type: ignore[arg-type]
        ends.append(engine.close)
        return engine

    yield begin
    for end in reversed(ends):
        await end()
