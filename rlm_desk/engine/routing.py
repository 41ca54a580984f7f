"""Which of several workers answers a request: the one that knows its beginning, unless it has much more to do."""

from collections import OrderedDict
from collections.abc import Sequence

BLOCK = 256
"""Bytes of text that are compared at once."""
REMEMBERED = 100_000
"""Blocks remembered, least recently used out first."""
CALL = 400
"""Bytes of a known beginning that outweigh one more call waiting at a worker."""


class Router:
    """Remembers, by chained hashes of text blocks, which worker has read which beginnings."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._seen: OrderedDict[int, int] = OrderedDict()  # chained hash -> bit set of workers

    def choose(self, text: bytes, loads: Sequence[int]) -> int:
        """The worker for a request whose messages are `text`, given how many calls each has; notes the choice."""
        if self._workers == 1:
            return 0
        chain, known = [], [0] * self._workers
        reading, link = (1 << self._workers) - 1, 0
        for start in range(0, len(text) - BLOCK + 1, BLOCK):
            link = hash((link, text[start : start + BLOCK]))
            chain.append(link)
            reading &= self._seen.get(link, 0)
            if reading:
                for worker in range(self._workers):
                    known[worker] += BLOCK * (reading >> worker & 1)
        chosen = max(range(self._workers), key=lambda worker: (known[worker] - CALL * loads[worker], -worker))
        for link in chain:
            self._seen[link] = self._seen.pop(link, 0) | 1 << chosen
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return chosen
