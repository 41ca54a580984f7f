"""How a program beside the engine ended, in words."""

import signal


def how(status: int) -> str:
    """An exit status as asyncio gives it: `-9` is ``was ended by SIGKILL``, `3` ``ended with status 3``."""
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def failed(what: str, status: int, said: bytes) -> str:
    """A sentence on a program that failed, with its last words where it had any."""
    words = said.decode("utf-8", "replace").strip()[-300:]
    return f"{what} {how(status)}{f': {words}' if words else '.'}"
