"""An exact account of the KV cells: which sequence holds which, so that a full cache is foreseen and not run into.

llama.cpp shares cells between sequences copied from one another and frees a cell with its last holder. The ledger
mirrors that with numbers of its own; they are not llama.cpp's indices, only as many.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


class Ledger:
    """Counts holders per cell. Every method is O(cells touched)."""

    def __init__(self, cells: int) -> None:
        self.cells = cells
        self._holders = np.zeros(cells, dtype=np.int16)
        self._stack = np.arange(cells - 1, -1, -1, dtype=np.int32)
        self._top = cells
        self._held: dict[int, Ids] = {}
        self._length: dict[int, int] = {}

    @property
    def free(self) -> int:
        """Cells nobody holds."""
        return self._top

    def length(self, seq: int) -> int:
        """Cells a sequence holds (its tokens in the cache)."""
        return self._length.get(seq, 0)

    def grow(self, seq: int, count: int) -> None:
        """Give a sequence `count` more cells. Raises MemoryError when there are not that many."""
        if count > self._top:
            raise MemoryError(f"{count} cells wanted, {self._top} free")
        if count == 0:
            return
        length = self._length.get(seq, 0)
        held = self._held.get(seq)
        if held is None or len(held) < length + count:
            wider = np.empty(max(256, (length + count) * 3 // 2), dtype=np.int32)
            if held is not None:
                wider[:length] = held[:length]
            held = self._held[seq] = wider
        new = self._stack[self._top - count : self._top]
        held[length : length + count] = new
        self._holders[new] = 1
        self._top -= count
        self._length[seq] = length + count

    def share(self, source: int, target: int, start: int, end: int) -> None:
        """Make `target`, which holds `start` cells, hold the cells start..end of `source` too."""
        if self.length(target) != start or self.length(source) < end:
            raise ValueError("a copy must continue where the target ends and lie inside the source")
        if start == end:
            return
        ids = self._held[source][start:end]
        held = self._held.get(target)
        if held is None or len(held) < end:
            wider = np.empty(max(256, end * 3 // 2), dtype=np.int32)
            if held is not None:
                wider[:start] = held[:start]
            held = self._held[target] = wider
        held[start:end] = ids
        self._holders[ids] += 1
        self._length[target] = end

    def cut(self, seq: int, length: int) -> int:
        """Let a sequence hold only its first `length` cells; returns how many became free."""
        before = self.length(seq)
        if before <= length:
            return 0
        ids = self._held[seq][length:before]
        self._holders[ids] -= 1
        freed = ids[self._holders[ids] == 0]
        self._stack[self._top : self._top + len(freed)] = freed
        self._top += len(freed)
        if length:
            self._length[seq] = length
        else:
            del self._length[seq], self._held[seq]
        return len(freed)

    def would_free(self, seq: int, length: int) -> int:
        """Cells that `cut` would free."""
        before = self.length(seq)
        if before <= length:
            return 0
        return int((self._holders[self._held[seq][length:before]] == 1).sum())

    def distinct(self, tails: Iterable[tuple[int, int]]) -> int:
        """Cells that sequences hold together from given positions on, each counted once: (sequence, position) pairs."""
        marked = np.zeros(self.cells, dtype=bool)
        for seq, start in tails:
            if (length := self.length(seq)) > start:
                marked[self._held[seq][start:length]] = True
        return int(marked.sum())
