"""Sessions in a locked worker."""

from collections.abc import AsyncIterator

import pytest

from rlm_desk.repl.session import ReplSession
from tests.repl.making import corpus


@pytest.fixture
async def session() -> AsyncIterator[ReplSession]:
    """A session whose cells have all the time they need."""
    opened = await ReplSession.start(corpus(), cell_seconds=20.0, output_chars=2000, answers=("forty",))
    yield opened
    await opened.close()


@pytest.fixture
async def hasty() -> AsyncIterator[ReplSession]:
    """A session whose cells have one second."""
    opened = await ReplSession.start(corpus(), cell_seconds=1.0, output_chars=2000)
    yield opened
    await opened.close()
