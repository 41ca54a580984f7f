"""The policy of continuous batching: who is admitted, what is fed in the next step, what is evicted. No llama.cpp here.

A job wants tokens fed until all it knows is in the cache; then one token is drawn, which it knows from then on. So a
decoding job is one that wants a single token, and a preempted job is one that wants its prompt and reply fed again.
"""

import time
from collections.abc import Callable

from rlm_desk.engine.hostcache import HostCache
from rlm_desk.engine.jobs import Feed, Job, Kv, Sequence, Tokens
from rlm_desk.engine.ledger import Ledger
from rlm_desk.engine.prefix import PrefixTree

AGE_SECONDS = 120.0
"""A call one level deeper waits as if it had come this much later."""
WORTH_SHARING = 16
"""Tokens of common beginning below which nothing is copied: every chat begins with the same few."""
STALE_STEPS = 5000
"""Steps after which an unused idle sequence loses its rank."""
WORTH_WAITING = 32
"""Tokens of common beginning for which a job waits until its sibling has computed them."""


class Scheduler:
    """Owns queue, live jobs and idle sequences of one context."""

    def __init__(
        self,
        kv: Kv,
        *,
        slots: int,
        cells: int,
        batch: int,
        sequences: int = 255,
        sharing: bool = True,
        idle_cells: int | None = None,
        head_cells: int | None = None,
        host: HostCache | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Args:
        batch: tokens per step at most; `chunk` may lower what a prefill gets of it.
        sequences: sequence numbers that may be used, from 0.
        sharing: False for models whose memory cannot be cut or shared in part.
        idle_cells: cells that finished sub-calls' own tails may keep; all that are free by default.
        head_cells: cells that root turns and shared beginnings may keep besides; likewise. Only where `host` is sure to
            have room for them: a long conversation must not be computed anew each turn.
        host: where evicted keys and values go; None drops them.
        """
        self.slots, self.batch = slots, batch
        self.chunk = batch
        """Prompt tokens fed per step at most; the caller sizes it from the measured speed."""
        self.queue: list[Job] = []
        self.live: list[Job] = []
        self.ledger = Ledger(cells)
        self.evictions = self.preemptions = self.restored = 0
        self._kv, self._clock, self._sharing, self._host = kv, clock, sharing, host
        self._idle: dict[int, Sequence] = {}
        self._numbers = list(range(sequences - 1, -1, -1))
        self._by_number: dict[int, Sequence] = {}
        self._tree = PrefixTree()
        self._tick = 0
        self._sorted = True
        self._idle_cells = idle_cells
        self._head_cells = head_cells
        self._reply: dict[bool, float] = {
            True: 256.0,
            False: 48.0,
        }  # root, sub-call: tokens a reply is expected to have

    # ---- jobs ------------------------------------------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Queue a job. Its prompt and reply must fit the cells; the caller has checked that."""
        job.submitted = self._clock()
        job.order = job.submitted + AGE_SECONDS * job.priority
        self.queue.append(job)
        self._sorted = False

    def drop(self, job: Job) -> None:
        """End a job that is cancelled or failed; what it has computed stays as an idle sequence."""
        if job in self.queue:
            self.queue.remove(job)
        elif job in self.live:
            self._retire(job)

    def finish(self, job: Job) -> None:
        """End a job that has its reply."""
        kind = job.priority == 0
        self._reply[kind] += 0.1 * (job.generated - self._reply[kind])
        self._retire(job)

    @property
    def idle(self) -> int:
        """Sequences kept without a job."""
        return len(self._idle)

    # ---- a step ----------------------------------------------------------------------------------------------------

    def plan(self) -> list[Feed]:
        """Admit what can be admitted and say what to feed next; empty when there is nothing to do."""
        if self.queue and len(self.live) < self.slots:
            self._admit()
        feeds: list[Feed] = []
        room = self.batch
        prefills: list[Job] = []
        for job in self.live:
            if job.wanted == 1 and room:
                feeds.append(Feed(job, job.known - 1, 1, True))
                room -= 1
            else:
                prefills.append(job)
        room = min(room, self.chunk)
        prefills.sort(key=_turn)
        for job in prefills:
            if room <= 0:
                break
            count = min(job.wanted, room)
            feeds.append(Feed(job, job.known - job.wanted, count, count == job.wanted))
            room -= count
        return self._fit(feeds)

    def fed(self, feeds: list[Feed]) -> None:
        """The step was computed: count its cells."""
        self._tick += 1
        for feed in feeds:
            sequence = feed.job.seq
            if sequence is None:
                raise ValueError("fed a job without a sequence")
            self.ledger.grow(sequence.number, feed.count)
            sequence.filled = feed.start + feed.count
            sequence.used = self._tick

    def no_room(self, feeds: list[Feed]) -> tuple[list[Feed], Job | None]:
        """llama.cpp found no cells for a step although the ledger did (windowed attention, for instance).

        Returns what to try instead, and the job to fail when nothing is left to try. In order: evict what is idle,
        halve the prefill, preempt the youngest job, fail the only one.
        """
        if self._evict_one(keep=None):
            return feeds, None
        largest = max(feeds, key=lambda feed: feed.count)
        if largest.count > 1:
            half = largest.count // 2
            return [Feed(f.job, f.start, half, False) if f is largest else f for f in feeds], None
        if len(self.live) > 1:
            victim = max(self.live, key=_age)
            self._preempt(victim)
            return [feed for feed in feeds if feed.job is not victim], None
        return [], feeds[0].job

    def _fit(self, feeds: list[Feed]) -> list[Feed]:
        """Make room for a step by the ledger: evict idle sequences, then preempt the youngest, then shorten prefill."""
        while (missing := sum(feed.count for feed in feeds) - self.ledger.free) > 0:
            if self._evict_one(keep=None):
                continue
            longest = max(feeds, key=lambda feed: feed.count)
            if longest.count > missing + 16:
                longest.count -= missing
                longest.draws = False
                continue
            if len(self.live) == 1:
                if longest.count > missing:
                    longest.count -= missing
                    longest.draws = False
                    continue
                raise MemoryError("one request is larger than the whole cache")
            victim = max(self.live, key=_age)
            self._preempt(victim)
            feeds = [feed for feed in feeds if feed.job is not victim]
        return feeds

    # ---- admission -------------------------------------------------------------------------------------------------

    def _admit(self) -> None:
        if not self._sorted:
            self.queue.sort(key=_turn)
            self._sorted = True
        index = 0
        while index < len(self.queue) and len(self.live) < self.slots:
            job = self.queue[index]
            if self._must_wait(job):
                index += 1
                continue
            source, depth = self._source(job)
            if job.leader is not None:
                index += 1
                continue
            if not self._room_for(job, depth, source):
                break  # first come, first served within an order: a small job may not overtake for ever
            self._start(self.queue.pop(index), source, depth)

    def _must_wait(self, job: Job) -> bool:
        """Whether a sibling is still computing this job's beginning."""
        leader = job.leader
        if leader is None:
            return False
        if any(other.seq is leader for other in self.live) and leader.filled < job.leader_depth:
            return True
        job.leader = None
        return False

    def _source(self, job: Job) -> tuple[Sequence | None, int]:
        """The resident sequence that shares most with a job, and how many tokens; sets `job.leader` to wait instead."""
        if not self._sharing:
            return None, 0
        limit = job.known - 1  # the last token is always fed: its logits are wanted
        best: Sequence | None = None
        depth = 0
        coming: Sequence | None = None
        coming_depth = 0
        for matched, owners in self._tree.match(job.tokens[:limit]):
            if matched <= depth:
                break
            for number in owners:
                sequence = self._by_number[number]
                available = min(matched, sequence.filled)
                if available > depth:
                    best, depth = sequence, available
                if available < matched and matched > coming_depth and number not in self._idle:
                    coming, coming_depth = sequence, matched
        if coming is not None and coming_depth >= depth + WORTH_WAITING:
            job.leader, job.leader_depth = coming, coming_depth
        return (best, depth) if depth >= WORTH_SHARING else (None, 0)

    def _room_for(self, job: Job, depth: int, source: Sequence | None) -> bool:
        """Whether the job's prompt and the replies to be expected fit; evicts idle sequences to make it so."""
        if not self._numbers and not self._evict_number(keep=source):
            return False
        needed = job.known - depth + self._expected(job)
        needed += sum(live.wanted + self._expected(live) for live in self.live)
        while needed > self.ledger.free:
            if not self._evict_one(keep=source):
                # Alone it is let in whatever its reply may take: prompt and max_tokens fit the cache.
                return not self.live
        return True

    def _expected(self, job: Job) -> int:
        """Cells the rest of a reply is expected to take: one and a half times the recent mean, never the maximum."""
        left = job.max_tokens - job.generated
        return max(1, min(left, int(1.5 * self._reply[job.priority == 0]) + 8 - job.generated))

    def _start(self, job: Job, source: Sequence | None, depth: int) -> None:
        sequence = Sequence(self._numbers.pop(), job.tokens, priority=job.priority, used=self._tick)
        self._by_number[sequence.number] = sequence
        job.seq = sequence
        if source is not None and depth:
            self._kv.copy(source.number, sequence.number, 0, depth)
            self.ledger.share(source.number, sequence.number, 0, depth)
            sequence.filled = sequence.shared = depth
            source.used = self._tick
            source.shared = max(source.shared, depth)
            if source.number in self._idle and source.filled <= depth:
                self._forget(source)  # wholly contained in the new one
        if self._host is not None and self._sharing:
            self._restore(job, sequence)
        if not job.admitted:
            job.admitted, job.cached = True, min(sequence.filled, job.prompt)
        if self._sharing:
            self._tree.insert(sequence.number, job.tokens[: job.known])
        self.live.append(job)

    def _restore(self, job: Job, sequence: Sequence) -> None:
        """Take more of the beginning from the host's memory, as far as it reaches."""
        while self._host is not None:
            found = self._host.find(job.tokens[: job.known - 1], sequence.filled)
            if found is None:
                return
            blob, start, end, depth = found
            # It is laid into the scratch sequence and copied from there, so it needs its whole length for a moment.
            while self.ledger.free < end - start + 64:
                if not self._evict_one(keep=None):
                    return
            if not self._kv.restore(blob, sequence.number, sequence.filled, depth):
                return
            self.ledger.grow(sequence.number, depth - sequence.filled)
            sequence.filled = depth
            self.restored += 1

    # ---- leaving ---------------------------------------------------------------------------------------------------

    def _retire(self, job: Job) -> None:
        self.live.remove(job)
        sequence = job.seq
        job.seq = None
        if sequence is None:
            return
        if not self._sharing or sequence.filled == 0:
            self._forget(sequence)
            return
        sequence.tokens = job.tokens[: sequence.filled].copy()
        self._tree.insert(sequence.number, sequence.tokens)
        self._idle[sequence.number] = sequence
        sequence.used = self._tick
        self._trim()

    def _preempt(self, job: Job) -> None:
        """Take a job's cells away and queue it again with the tokens it has drawn."""
        self.preemptions += 1
        job.preemptions += 1
        self.live.remove(job)
        sequence = job.seq
        job.seq = None
        if sequence is not None:
            self._save(sequence, 0)
            self._forget(sequence)
        self.queue.append(job)
        self._sorted = False

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
        if self._tick - sequence.used > STALE_STEPS:
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

    def _evict_one(self, keep: Sequence | None) -> bool:
        """Free some cells held by idle sequences only: tails of sub-calls first, then of root turns, then shared
        beginnings; within each the longest unused. False when nothing idle holds cells of its own."""
        while True:
            choices = [sequence for sequence in self._idle.values() if sequence is not keep]
            if not choices:
                return False
            if self._evict(min(choices, key=lambda sequence: (self._stage(sequence), sequence.used))):
                return True

    def _evict_number(self, keep: Sequence | None) -> bool:
        """Free a sequence number: the longest unused idle sequence goes."""
        choices = [sequence for sequence in self._idle.values() if sequence is not keep]
        if not choices:
            return False
        victim = min(choices, key=lambda sequence: (sequence.priority == 0, sequence.used))
        self._save(victim, 0)
        self._forget(victim)
        return True

    def _shorten(self, sequence: Sequence, length: int) -> None:
        if length == 0 or not self._kv.cut(sequence.number, length):
            self._forget(sequence)
            return
        self.ledger.cut(sequence.number, length)
        sequence.filled = length
        sequence.tokens = sequence.tokens[:length].copy()
        self._tree.insert(sequence.number, sequence.tokens)

    def _save(self, sequence: Sequence, start: int) -> None:
        if self._host is None or not self._sharing or sequence.filled - start < self._host.worth:
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


def _turn(job: Job) -> tuple[float, int]:
    """Who comes first."""
    return job.order, job.id


def _age(job: Job) -> tuple[int, float, int]:
    """Who is given up first: the deepest call, and of those the youngest."""
    return job.priority, job.order, job.id
