"""Where the makers of hostile documents register."""

from collections.abc import Callable

MIB = 1024 * 1024
MADE: dict[str, Callable[[], bytes]] = {}


def hostile(name: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register a maker under the name of its file."""

    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        MADE[name] = make
        return make

    return register
