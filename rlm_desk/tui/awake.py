"""Keeps the machine awake while a run goes on, by the platform's own program, where there is one that can.

On Linux `systemd-inhibit` speaks to D-Bus over a socket, which the app's own filter forbids to it and to all it starts:
it is used only where that filter is not up. The child ends when its input closes, so also when the app is killed.
"""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from rlm_desk.confine.host import network

WHY = "rlm-desk answers a question"


def program() -> Sequence[str]:
    """The command that keeps this machine awake until its input closes; empty where there is none that can."""
    if sys.platform == "darwin" and shutil.which("caffeinate"):
        return ("caffeinate", "-i", "cat")
    if sys.platform == "linux" and network().state != "on" and shutil.which("systemd-inhibit"):
        return ("systemd-inhibit", "--what=idle:sleep", "--who=rlm-desk", f"--why={WHY}", "cat")
    return ()


@asynccontextmanager
async def awake() -> AsyncIterator[bool]:
    """True inside while the machine is kept awake. A program that cannot do so is no reason not to answer."""
    command = program()
    child: asyncio.subprocess.Process | None = None
    if command:
        try:
            quiet = asyncio.subprocess.DEVNULL
            child = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stdout=quiet, stderr=quiet
            )
        except OSError:
            child = None
    try:
        yield child is not None
    finally:
        if child is not None and child.stdin is not None:
            child.stdin.close()
            await child.wait()
