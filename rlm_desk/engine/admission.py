"""The queue: whose turn it is, who waits for a sibling's beginning, and whether there is room for one more.

A reply is expected to be as long as recent ones, never as long as it may be: the cache would hold too few jobs.
"""

from collections.abc import Callable

from rlm_desk.engine.jobs import Job, Sequence
from rlm_desk.engine.residents import Residents
from rlm_desk.engine.rows import reusable

AGE_SECONDS = 120.0
"""A call one level deeper waits as if it had come this much later."""
WORTH_SHARING = 16
"""Tokens of common beginning below which nothing is copied: every chat begins with the same few."""
WORTH_WAITING = 32
"""Tokens of common beginning for which a job waits until its sibling has computed them."""


class Admission:
    """Jobs that wait for a slot."""

    def __init__(self, residents: Residents, clock: Callable[[], float], crowd: int | None = None) -> None:
        """`crowd`: see Scheduler."""
        self.queue: list[Job] = []
        self._residents, self._clock, self._crowd = residents, clock, crowd
        self._sorted = True
        self._reply: dict[bool, float] = {
            True: 256.0,
            False: 48.0,
        }  # root, sub-call: tokens a reply is expected to have

    def submit(self, job: Job) -> None:
        """Queue a new job."""
        job.submitted = self._clock()
        job.order = job.submitted + AGE_SECONDS * job.priority
        self.again(job)

    def again(self, job: Job) -> None:
        """Queue a preempted job: it keeps its place."""
        self.queue.append(job)
        self._sorted = False

    def learn(self, job: Job) -> None:
        """Take in how long a finished reply was."""
        kind = job.priority == 0
        self._reply[kind] += 0.1 * (job.generated - self._reply[kind])

    def admit(self, live: list[Job], slots: int) -> None:
        """Move what has room and a slot from the queue to `live`."""
        if not self._sorted:
            self.queue.sort(key=turn)
            self._sorted = True
        index = 0
        while index < len(self.queue) and len(live) < slots:
            job = self.queue[index]
            if self._must_wait(job, live):
                index += 1
                continue
            source, depth = self._source(job)
            if job.leader is not None:
                index += 1
                continue
            if self._crowded(job, depth, live) or not self._room_for(job, depth, source, live):
                break  # first come, first served within an order: a small job may not overtake for ever
            self._residents.open(self.queue.pop(index), source, depth)
            if not job.admitted and job.seq is not None:
                job.admitted, job.cached = True, min(job.seq.filled, job.prompt)
            live.append(job)

    def _must_wait(self, job: Job, live: list[Job]) -> bool:
        """Whether a sibling is still computing this job's beginning."""
        leader = job.leader
        if leader is None:
            return False
        if any(other.seq is leader for other in live) and leader.filled < job.leader_depth:
            return True
        job.leader = None
        return False

    def _source(self, job: Job) -> tuple[Sequence | None, int]:
        """The resident sequence that shares most with a job, and how many tokens; sets `job.leader` to wait instead."""
        if not self._residents.sharing:
            return None, 0
        # The last tokens are always fed: their logits are wanted.
        best, depth, coming, coming_depth = self._residents.search(job.tokens[: reusable(job)])
        if coming is not None and coming_depth >= depth + WORTH_WAITING:
            job.leader, job.leader_depth = coming, coming_depth
        return (best, depth) if depth >= WORTH_SHARING else (None, 0)

    def _crowded(self, job: Job, depth: int, live: list[Job]) -> bool:
        """Whether a sub-call waits although there is room, because each would slow the others by more than computing
        them together gains."""
        if self._crowd is None or not live or job.priority == 0:
            return False
        held = self._residents.ledger.distinct((other.seq.number, 0) for other in live if other.seq is not None)
        coming = sum(other.wanted for other in live)
        return held + coming + job.known - depth > self._crowd

    def _room_for(self, job: Job, depth: int, source: Sequence | None, live: list[Job]) -> bool:
        """Whether the job's prompt and the replies to be expected fit; evicts idle sequences to make it so."""
        if self._residents.full and not self._residents.evict_number(keep=source):
            return False
        needed = job.known - depth + self._expected(job)
        needed += sum(other.wanted + self._expected(other) for other in live)
        while needed > self._residents.ledger.free:
            if not self._residents.evict_one(keep=source):
                # Alone it is let in whatever its reply may take: prompt and max_tokens fit the cache.
                return not live
        return True

    def _expected(self, job: Job) -> int:
        """Cells the rest of a reply is expected to take: one and a half times the recent mean, never the maximum."""
        left = job.max_tokens - job.generated
        return max(1, min(left, int(1.5 * self._reply[job.priority == 0]) + 8 - job.generated))


def turn(job: Job) -> tuple[float, int]:
    """Who comes first."""
    return job.order, job.id
