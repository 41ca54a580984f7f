"""The policy of continuous batching: what is fed in the next step, and who gives way when there is no room. Who is
admitted stands in `admission`, what lies in the cache in `residents`. No llama.cpp here.

A job wants tokens fed until all it knows is in the cache; then one token is drawn, which it knows from then on. So a
decoding job is one that wants a single token, and a preempted job is one that wants its prompt and reply fed again.
"""

import time
from collections.abc import Callable

from rlm_desk.engine.admission import Admission, turn
from rlm_desk.engine.hostcache import HostCache
from rlm_desk.engine.jobs import Feed, Job, Kv
from rlm_desk.engine.residents import Residents
from rlm_desk.engine.rows import LEAST, joined, part


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
        crowd: int | None = None,
        micro_batch: int = 512,
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
        crowd: cells that live jobs may hold together before the next sub-call waits, slots or not; None for any.
        micro_batch: rows that llama.cpp computes together at most: it cuts a step into such parts.
        host: where evicted keys and values go; None drops them.
        """
        self.slots, self.batch, self._micro_batch = slots, batch, micro_batch
        self.chunk = batch
        """Prompt tokens fed per step at most; the caller sizes it from the measured speed."""
        self.live: list[Job] = []
        self.preemptions = 0
        self.residents = Residents(
            kv,
            cells,
            sequences=sequences,
            sharing=sharing,
            idle_cells=idle_cells,
            head_cells=head_cells,
            host=host,
        )
        self.ledger = self.residents.ledger
        self._admission = Admission(self.residents, clock, crowd)
        self._news = False
        """Something happened that may let another job in; while replies are only written, nothing does."""

    # ---- jobs ------------------------------------------------------------------------------------------------------

    def submit(self, job: Job) -> None:
        """Queue a job. Its prompt and reply must fit the cells; the caller has checked that."""
        self._admission.submit(job)
        self._news = True

    @property
    def queue(self) -> list[Job]:
        """Jobs that wait for a slot."""
        return self._admission.queue

    def drop(self, job: Job) -> None:
        """End a job that is cancelled or failed; what it has computed stays as an idle sequence."""
        if job in self.queue:
            self.queue.remove(job)
            self._news = True  # the one behind it may be smaller
        elif job in self.live:
            self._leave(job)

    def finish(self, job: Job) -> None:
        """End a job that has its reply."""
        self._admission.learn(job)
        self._leave(job)

    # ---- a step ----------------------------------------------------------------------------------------------------

    def plan(self) -> list[Feed]:
        """Admit what can be admitted and say what to feed next; empty when there is nothing to do."""
        if self._news and self.queue and len(self.live) < self.slots:
            self._news = False
            self._admission.admit(self.live, self.slots)
        feeds: list[Feed] = []
        room = self.batch
        prefills: list[Job] = []
        for job in self.live:
            if job.wanted == 1 and room:
                feeds.append(Feed(job, job.known - 1, 1, True))
                room -= 1
            else:
                prefills.append(job)
        room = min(room, max(self.chunk, 2 * LEAST))  # three rows with room for two would wait for ever
        prefills.sort(key=turn)
        prompts: list[Feed] = []
        for job in prefills:
            count = part(job, room)
            if count == 0:
                break
            prompts.append(Feed(job, job.known - job.wanted, count, count == job.wanted))
            room -= count
        return self._fit(feeds + joined(prompts, self._micro_batch))

    def fed(self, feeds: list[Feed]) -> None:
        """The step was computed: count its cells."""
        self.residents.tick += 1
        for feed in feeds:
            sequence = feed.job.seq
            if sequence is None:
                raise ValueError("fed a job without a sequence")
            self.ledger.grow(sequence.number, feed.count)
            sequence.filled = feed.start + feed.count
            sequence.used = self.residents.tick
            self._news = self._news or feed.count > 1  # a sibling may have waited for it

    def no_room(self, feeds: list[Feed]) -> tuple[list[Feed], Job | None]:
        """llama.cpp found no cells for a step although the ledger did (windowed attention, for instance).

        Returns what to try instead, and the job to fail when nothing is left to try. In order: evict what is idle,
        halve the prefill, preempt the youngest job, fail the only one.
        """
        if self.residents.evict_one(keep=None):
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
            if self.residents.evict_one(keep=None):
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

    def _leave(self, job: Job) -> None:
        self._news = True
        self.live.remove(job)
        sequence, job.seq = job.seq, None
        if sequence is not None:
            self.residents.retire(sequence, job.tokens)

    def _preempt(self, job: Job) -> None:
        """Take a job's cells away and queue it again with the tokens it has drawn."""
        self._news = True
        self.preemptions += 1
        job.preemptions += 1
        self.live.remove(job)
        sequence, job.seq = job.seq, None
        if sequence is not None:
            self.residents.give_up(sequence)
        self._admission.again(job)


def _age(job: Job) -> tuple[int, float, int]:
    """Who is given up first: the deepest call, and of those the youngest."""
    return job.priority, job.order, job.id
