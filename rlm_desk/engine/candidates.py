"""llama.cpp's array of candidate tokens over memory of ours, so that numpy fills it and reads it."""

import ctypes
from typing import Any

import llama_cpp as lc
import numpy as np
from numpy.typing import NDArray

ENTRY = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
"""`llama_token_data`."""


class Candidates:
    """Room for one row of logits, used again for every token drawn. Each method overwrites what was there."""

    def __init__(self, vocabulary: int) -> None:
        self._ids = np.arange(vocabulary, dtype=np.int32)
        self._entries = np.zeros(vocabulary, dtype=ENTRY)
        self._data: Any = ctypes.cast(self._entries.ctypes.data, lc.llama_token_data_p)
        self._array = lc.llama_token_data_array(self._data, vocabulary, -1, False)
        self.array: Any = ctypes.pointer(self._array)
        """What samplers take: a pointer to `llama_token_data_array`."""

    def all(self, row: NDArray[np.float32]) -> Any:
        """The whole vocabulary in order."""
        self._entries["id"] = self._ids
        self._entries["logit"] = row
        return self._of(len(row), False)

    def one(self, token: int) -> Any:
        """A single token, its logit zero."""
        self._entries[0] = (token, 0.0, 0.0)
        return self._of(1, False)

    def likeliest(self, row: NDArray[np.float32], count: int) -> Any:
        """The `count` likeliest, in descending order."""
        some = self._ids if count >= len(row) else np.argpartition(row, len(row) - count)[-count:]
        some = some[np.argsort(-row[some], kind="stable")]
        self._entries["id"][:count] = some
        self._entries["logit"][:count] = row[some]
        return self._of(count, True)

    def keep_allowed(self) -> int:
        """Drop the candidates a grammar gave a logit of minus infinity; how many are left."""
        entries = self._entries[: self._array.size]
        allowed = entries[np.isfinite(entries["logit"])]
        self._entries[: len(allowed)] = allowed
        self._of(len(allowed), True)
        return len(allowed)

    @property
    def first(self) -> int:
        """The first candidate's token."""
        return int(self._entries["id"][0])

    @property
    def first_allowed(self) -> bool:
        """Whether the first candidate's logit is more than minus infinity."""
        return bool(np.isfinite(self._entries["logit"][0]))

    def _of(self, size: int, ordered: bool) -> Any:
        self._array.data = self._data  # a sampler may have put its own there
        self._array.size, self._array.selected, self._array.sorted = size, -1, ordered
        return self.array
