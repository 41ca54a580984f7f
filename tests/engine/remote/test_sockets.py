"""Sockets from the connector: answers to requests that were given up do not hide those that are waited for."""

import asyncio
import os
import socket

import pytest

from rlm_desk.confine.connector import ANSWER, CONNECTED, FAILED, TOKEN, answer
from rlm_desk.engine.remote.stream import Lost, Sockets


@pytest.mark.parametrize("then", ["a failure", "a socket"])
async def test_two_answers_that_come_together_are_told_apart(then: str) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        sockets = Sockets(ours.detach())
        given_up = asyncio.create_task(sockets.connect())
        await asyncio.sleep(0)
        first = theirs.recv(TOKEN)
        given_up.cancel()
        await asyncio.wait([given_up])
        wanted = asyncio.create_task(sockets.connect())
        await asyncio.sleep(0)
        second = theirs.recv(TOKEN)
        assert second != first
        theirs.sendall(answer(first, FAILED, "Connection refused"))
        if then == "a failure":
            theirs.sendall(answer(second, FAILED, "No route to host"))
            with pytest.raises(Lost, match=r"no route to host$"):
                await asyncio.wait_for(wanted, 10)
            return
        here, there = socket.socketpair()
        with here, there:
            socket.send_fds(theirs, [answer(second, CONNECTED)], [there.fileno()])
            got = await asyncio.wait_for(wanted, 10)
            here.sendall(b"x")
            assert os.read(got, 1) == b"x"
            os.close(got)


async def test_a_connector_that_ended_is_said() -> None:
    ours, theirs = socket.socketpair()
    sockets = Sockets(ours.detach())
    waiting = asyncio.create_task(sockets.connect())
    await asyncio.sleep(0)
    theirs.close()
    with pytest.raises(Lost, match="the process that connects has ended"):
        await asyncio.wait_for(waiting, 10)


def test_an_answer_has_one_length_whatever_it_says() -> None:
    assert {len(answer(b"12345678", FAILED, why)) for why in ("", "no", "ü" * 500)} == {ANSWER}
