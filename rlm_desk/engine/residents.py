"""What lies in the cache: sequences with and without a job, which of them give their cells to whom, and which go first.

Knows nothing of queues and steps. Every change of the cache passes here, so that the ledger, the tree of beginnings and
llama.cpp agree.
"""

from rlm_desk.engine.hostcache import HostCache
from rlm_desk.engine.jobs import Job, Kv, Sequence, Tokens
from rlm_desk.engine.ledger import Ledger
from rlm_desk.engine.prefix import PrefixTree
from rlm_desk.engine.rows import reusable

STALE_STEPS = 5000
"""Steps after which an unused idle sequence loses its rank."""


class Residents:
    """The sequences of one context."""

    def __init__(
        self,
        kv: Kv,
        cells: int,
        *,
        sequences: int = 255,
        sharing: bool = True,
        idle_cells: int | None = None,
        head_cells: int | None = None,
        host: HostCache | None = None,
    ) -> None:
        """See Scheduler."""
        self.ledger = Ledger(cells)
        self.sharing = sharing
        self.evictions = self.restored = 0
        self.tick = 0
        """Steps computed so far."""
        self._kv, self._host = kv, host
        self._idle: dict[int, Sequence] = {}
        self._numbers = list(range(sequences - 1, -1, -1))
        self._by_number: dict[int, Sequence] = {}
        self._tree = PrefixTree()
        self._idle_cells = idle_cells
        self._head_cells = head_cells

    @property
    def idle(self) -> int:
        """Sequences kept without a job."""
        return len(self._idle)

    @property
    def full(self) -> bool:
        """Whether every sequence number is taken."""
        return not self._numbers

    # ---- sharing ---------------------------------------------------------------------------------------------------

    def search(self, tokens: Tokens) -> tuple[Sequence | None, int, Sequence | None, int]:
        """Who shares most with a prompt: the sequence that has computed most of it and how many tokens, and the live
        one that is just computing more of it, and how many those will be."""
        best: Sequence | None = None
        depth = 0
        coming: Sequence | None = None
        coming_depth = 0
        for matched, owners in self._tree.match(tokens):
            if matched <= depth:
                break
            for number in owners:
                sequence = self._by_number[number]
                available = min(matched, sequence.filled)
                if available > depth:
                    best, depth = sequence, available
                if available < matched and matched > coming_depth and number not in self._idle:
                    coming, coming_depth = sequence, matched
        return best, depth, coming, coming_depth

    def open(self, job: Job, source: Sequence | None, depth: int) -> None:
        """Give a job a sequence that begins with `depth` tokens of `source` and with what the host's memory knows."""
        sequence = Sequence(self._numbers.pop(), job.tokens, priority=job.priority, used=self.tick)
        self._by_number[sequence.number] = sequence
        job.seq = sequence
        if source is not None and depth:
            self._kv.copy(source.number, sequence.number, 0, depth)
            self.ledger.share(source.number, sequence.number, 0, depth)
            sequence.filled = sequence.shared = depth
            source.used = self.tick
            source.shared = max(source.shared, depth)
            if source.number in self._idle and source.filled <= depth:
                self._forget(source)  # wholly contained in the new one
        if self._host is not None and self.sharing:
            self._restore(job, sequence)
        if self.sharing:
            self._tree.insert(sequence.number, job.tokens[: job.known])

    def _restore(self, job: Job, sequence: Sequence) -> None:
        """Take more of the beginning from the host's memory, as far as it reaches."""
        while self._host is not None:
            found = self._host.find(job.tokens[: reusable(job)], sequence.filled)
            if found is None:
                return
            blob, start, end, depth = found
            # It is laid into the scratch sequence and copied from there, so it needs its whole length for a moment.
            while self.ledger.free < end - start + 64:
                if not self.evict_one(keep=None):
                    return
            if not self._kv.restore(blob, sequence.number, sequence.filled, depth):
                return
            self.ledger.grow(sequence.number, depth - sequence.filled)
            sequence.filled = depth
            self.restored += 1

    # ---- leaving ---------------------------------------------------------------------------------------------------

    def retire(self, sequence: Sequence, tokens: Tokens) -> None:
        """Its job has ended: what it has computed of `tokens` stays as an idle sequence."""
        if not self.sharing or sequence.filled == 0:
            self._forget(sequence)
            return
        sequence.tokens = tokens[: sequence.filled].copy()
        self._tree.insert(sequence.number, sequence.tokens)
        self._idle[sequence.number] = sequence
        sequence.used = self.tick
        self._trim()

    def save_idle(self) -> None:
        """Save every idle sequence; they stay."""
        for sequence in self._idle.values():
            self._save(sequence, 0)

    def give_up(self, sequence: Sequence) -> None:
        """Its job was preempted: save it and take its cells."""
        self._save(sequence, 0)
        self._forget(sequence)

    def evict_one(self, keep: Sequence | None) -> bool:
        """Free some cells held by idle sequences only: tails of sub-calls first, then of root turns, then shared
        beginnings; within each the longest unused. False when nothing idle holds cells of its own."""
        while True:
            choices = [sequence for sequence in self._idle.values() if sequence is not keep]
            if not choices:
                return False
            if self._evict(min(choices, key=lambda sequence: (self._stage(sequence), sequence.used))):
                return True

    def evict_number(self, keep: Sequence | None) -> bool:
        """Free a sequence number: the longest unused idle sequence goes."""
        choices = [sequence for sequence in self._idle.values() if sequence is not keep]
        if not choices:
            return False
        victim = min(choices, key=lambda sequence: (sequence.priority == 0, sequence.used))
        self._save(victim, 0)
        self._forget(victim)
        return True

    def _trim(self) -> None:
        """Let idle sequences keep no more than they may: every cell in use slows every step on a CPU, and what is
        evicted comes back from the host's memory."""
        if self._idle_cells is None:
            return
        tails = [s for s in self._idle.values() if self._stage(s) == 0]
        held = self.ledger.distinct((s.number, s.shared) for s in tails)
        self._relieve(tails, held - self._idle_cells)
        if self._head_cells is not None:
            idle = list(self._idle.values())
            held = self.ledger.distinct((s.number, 0) for s in idle)
            self._relieve(idle, held - self._idle_cells - self._head_cells)

    def _relieve(self, sequences: list[Sequence], wanted: int) -> None:
        """Evict of some idle sequences what goes first, until `wanted` cells became free or nothing is left."""
        for sequence in sorted(sequences, key=lambda s: (self._stage(s), s.used)):
            if wanted <= 0:
                break
            wanted -= self._evict(sequence)

    def _stage(self, sequence: Sequence) -> int:
        """How early it goes: 0 tails of sub-calls and what is stale, 1 root turns, 2 shared beginnings."""
        if self.tick - sequence.used > STALE_STEPS:
            return 0
        return 2 if sequence.filled <= sequence.shared else int(sequence.priority == 0)

    def _evict(self, sequence: Sequence) -> int:
        """Save and drop an idle sequence's tail, or all of it when only its shared beginning is left; cells freed."""
        length = sequence.shared if sequence.shared < sequence.filled else 0
        freed = self.ledger.would_free(sequence.number, length)
        self._save(sequence, length)
        if length and self.ledger.would_free(sequence.number, 0) == freed:
            length = 0  # others hold its beginning: they keep it
        self._shorten(sequence, length)
        self.evictions += 1
        return freed

    def _forget(self, sequence: Sequence) -> None:
        """Give a sequence's number and cells back."""
        self._kv.cut(sequence.number, 0)
        self.ledger.cut(sequence.number, 0)
        self._tree.remove(sequence.number)
        self._idle.pop(sequence.number, None)
        del self._by_number[sequence.number]
        self._numbers.append(sequence.number)

    def _shorten(self, sequence: Sequence, length: int) -> None:
        if length == 0 or not self._kv.cut(sequence.number, length):
            self._forget(sequence)
            return
        self.ledger.cut(sequence.number, length)
        sequence.filled = length
        sequence.tokens = sequence.tokens[:length].copy()
        self._tree.insert(sequence.number, sequence.tokens)

    def _save(self, sequence: Sequence, start: int) -> None:
        if self._host is None or not self.sharing or sequence.filled - start < self._host.worth:
            return
        tokens: Tokens = sequence.tokens[: sequence.filled]
        if start < 2 * self._host.worth:
            start = 0  # a short beginning may be gone by then: cheaper to keep it with the rest
        start = max(start, self._host.reach(tokens, start))
        if sequence.filled - start < self._host.worth:
            return  # it is there already, or nearly
        blob = self._kv.save(sequence.number, start, sequence.filled)
        if blob is not None:
            self._host.put(tokens.copy(), start, blob)
