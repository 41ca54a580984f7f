"""One `llama_decode` a step: batches filled by numpy slices, logits read as one array, memory operations checked.

What makes llama.cpp abort is refused here: a batch over n_batch, more outputs than n_outputs_max, sequence numbers out
of range.
"""

import ctypes
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import llama_cpp as lc
import numpy as np
from numpy.typing import NDArray

from rlm_desk.engine.jobs import Feed
from rlm_desk.engine.model import Model

ABORTED = 2
"""What `decode` gives where it was told to end early: the feeds' cells are to be cut."""


class Decoder:
    """Feeds steps to the context. Implements the scheduler's `Kv`."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._scratch = model.sequences - 1  # saved keys and values pass through it
        size = model.batch
        self._batch = lc.llama_batch_init(size, 0, 1)
        self._token = _view(self._batch.token, size, np.int32)
        self._pos = _view(self._batch.pos, size, np.int32)
        self._output = _view(self._batch.logits, size, np.int8)
        _view(self._batch.n_seq_id, size, np.int32)[:] = 1
        # Every token has one sequence: its pointer leads into one array of ours, so that a slice assignment sets many.
        self._sequence = np.zeros(size, dtype=np.int32)
        pointers = _view(self._batch.seq_id, size + 1, np.uintp)
        self._own_pointers = pointers[:size].copy()
        pointers[:size] = self._sequence.ctypes.data + 4 * np.arange(size, dtype=np.uintp)
        self._pointers = pointers
        self._outputs = 0
        self._size = size
        self._rows: NDArray[np.float32] = np.empty((0, model.vocabulary), dtype=np.float32)
        self._rows_at = (0, 0)
        """Address and number of the rows of logits above: the same for most steps."""
        self._over: Callable[[], bool] = lambda: False
        self._asked = lc.ggml_abort_callback(lambda _data: self._over())
        self.aborted = False
        """The last step ended early."""
        self.seconds = 0.0
        """Spent inside llama.cpp so far."""

    def decode(self, feeds: list[Feed], over: Callable[[], bool] | None = None) -> int:
        """llama_decode's result for a step: 0 done, 1 no room in the cache, ABORTED, below 0 an error.

        `over` is asked between two operations on a CPU, and True ends the step. It may not raise.
        """
        at = 0
        outputs = 0
        token, pos, sequence, output = self._token, self._pos, self._sequence, self._output
        total = sum(feed.count for feed in feeds)
        if total > self._size or total == 0:
            raise ValueError(f"a batch of {total} tokens")
        output[:total] = 0
        for feed in feeds:
            job, start, end = feed.job, feed.start, at + feed.count
            if job.seq is None or not 0 <= job.seq.number < self._scratch:
                raise ValueError("a job without a sequence")
            if feed.count == 1:
                token[at] = job.tokens[start]
                pos[at] = start
                sequence[at] = job.seq.number
            else:
                token[at:end] = job.tokens[start : start + feed.count]
                pos[at:end] = np.arange(start, start + feed.count, dtype=np.int32)
                sequence[at:end] = job.seq.number
            if feed.draws:
                output[end - 1] = 1
                outputs += 1
            at = end
        if outputs > self._model.sequences:
            raise ValueError(f"{outputs} outputs for {self._model.sequences} sequences")
        self._outputs = outputs
        self._batch.n_tokens = total
        with self._computing(), self._asking(over):
            result = int(lc.llama_decode(self._model.context, self._batch))
        self.aborted = result == ABORTED
        return result

    @contextmanager
    def _asking(self, over: Callable[[], bool] | None) -> Iterator[None]:
        """For long steps only: a thousand questions take a millisecond."""
        if over is None:
            yield
            return
        self._over = over
        lc.llama_set_abort_callback(self._model.context, self._asked, None)
        try:
            yield
        finally:
            lc.llama_set_abort_callback(self._model.context, lc.ggml_abort_callback(), None)

    def logits(self) -> NDArray[np.float32]:
        """The last step's logits, (drawing feeds in order, vocabulary): a view that the next step overwrites."""
        with self._computing():  # waits for the device
            pointer = lc.llama_get_logits(self._model.context)
        address = ctypes.cast(pointer, ctypes.c_void_p).value
        if not address or not self._outputs:
            return np.empty((0, self._model.vocabulary), dtype=np.float32)
        where = (address, self._outputs)
        if where != self._rows_at:
            count = self._outputs * self._model.vocabulary
            self._rows = _view(pointer, count, np.float32).reshape(self._outputs, self._model.vocabulary)
            self._rows_at = where
        return self._rows

    # ---- the scheduler's Kv ----------------------------------------------------------------------------------------

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        lc.llama_memory_seq_cp(self._model.memory, source, target, start, end)

    def cut(self, seq: int, start: int) -> bool:
        return bool(lc.llama_memory_seq_rm(self._model.memory, seq, start, -1))

    def save(self, seq: int, start: int, end: int) -> bytes | None:
        with self._computing():
            return self._save(seq, start, end)

    def _save(self, seq: int, start: int, end: int) -> bytes | None:
        memory, context = self._model.memory, self._model.context
        if not lc.llama_memory_seq_rm(memory, self._scratch, -1, -1):
            return None
        lc.llama_memory_seq_cp(memory, seq, self._scratch, start, end)
        try:
            size = lc.llama_state_seq_get_size(context, self._scratch)
            buffer = (ctypes.c_uint8 * size)()
            written = lc.llama_state_seq_get_data(context, buffer, size, self._scratch)
            return bytes(memoryview(buffer)[:written]) if written else None
        finally:
            lc.llama_memory_seq_rm(memory, self._scratch, -1, -1)

    def restore(self, blob: bytes, target: int, start: int, end: int) -> bool:
        with self._computing():
            return self._restore(blob, target, start, end)

    def _restore(self, blob: bytes, target: int, start: int, end: int) -> bool:
        memory, context = self._model.memory, self._model.context
        lc.llama_memory_seq_rm(memory, self._scratch, -1, -1)
        buffer = ctypes.cast(ctypes.c_char_p(blob), ctypes.POINTER(ctypes.c_uint8))
        try:
            if not lc.llama_state_seq_set_data(context, buffer, len(blob), self._scratch):
                return False
            lc.llama_memory_seq_cp(memory, self._scratch, target, start, end)
            return True
        finally:
            lc.llama_memory_seq_rm(memory, self._scratch, -1, -1)

    @contextmanager
    def _computing(self) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - begun

    def clear(self) -> None:
        """Forget every sequence."""
        lc.llama_memory_clear(self._model.memory, True)

    def close(self) -> None:
        """Free the batch."""
        self._pointers[: self._size] = self._own_pointers  # llama_batch_free frees what they point to
        lc.llama_batch_free(self._batch)


def _view(pointer: Any, size: int, kind: Any) -> Any:
    """A numpy array over memory that llama.cpp owns."""
    address = ctypes.cast(pointer, ctypes.c_void_p).value
    if not address:
        raise MemoryError("llama_batch_init gave no memory")
    raw = (ctypes.c_uint8 * (size * np.dtype(kind).itemsize)).from_address(address)
    return np.frombuffer(raw, dtype=kind)
