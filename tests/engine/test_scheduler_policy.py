import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.engine.admission import AGE_SECONDS
from rlm_desk.engine.hostcache import HostCache
from rlm_desk.engine.jobs import Job
from rlm_desk.engine.scheduler import Scheduler


class FakeKv:
    """Keeps the tokens of every sequence, and checks that no operation is one llama.cpp would abort on."""

    def __init__(self, cells: int) -> None:
        self.cells, self.seqs = cells, {}

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        assert len(self.seqs[source]) >= end
        assert len(self.seqs.get(target, [])) == start
        self.seqs[target] = self.seqs.get(target, []) + self.seqs[source][start:end]

    def cut(self, seq: int, start: int) -> bool:
        self.seqs[seq] = self.seqs.get(seq, [])[:start]
        return True

    def save(self, seq: int, start: int, end: int) -> bytes | None:
        return np.array(self.seqs[seq][start:end], dtype=np.int32).tobytes()

    def restore(self, blob: bytes, target: int, start: int, end: int) -> bool:
        return False

    def feed(self, seq: int, start: int, tokens: list[int]) -> None:
        held = self.seqs.setdefault(seq, [])
        assert len(held) == start, "positions must be fed in order, after what is there"
        held += tokens


class Rig:
    """A scheduler over a fake cache; every step is checked against what the sequences really hold."""

    def __init__(self, slots: int = 4, cells: int = 1000, batch: int = 256, **more: object) -> None:
        self.kv = FakeKv(cells)
        self.now = 0.0
        self.scheduler = Scheduler(self.kv, slots=slots, cells=cells, batch=batch, clock=lambda: self.now, **more)
        self.steps: list[list[tuple[int, int]]] = []
        self.done: list[int] = []
        self.numbers = iter(range(10**6))

    def add(self, tokens: list[int], reply: int = 4, priority: int = 1) -> Job:
        room = np.zeros(len(tokens) + reply, dtype=np.int32)
        room[: len(tokens)] = tokens
        job = Job(next(self.numbers), room, len(tokens), len(tokens), reply, priority)
        self.scheduler.submit(job)
        return job

    def step(self) -> bool:
        scheduler = self.scheduler
        feeds = scheduler.plan()
        if not feeds:
            return False
        assert sum(feed.count for feed in feeds) <= scheduler.batch
        for feed in feeds:
            assert feed.job.seq is not None
            self.kv.feed(
                feed.job.seq.number, feed.start, feed.job.tokens[feed.start : feed.start + feed.count].tolist()
            )
        scheduler.fed(feeds)
        self.steps.append([(feed.job.id, feed.count) for feed in feeds])
        for feed in feeds:
            job = feed.job
            if feed.draws:
                assert self.kv.seqs[job.seq.number] == job.tokens[: job.known].tolist()
                job.push(1000 + job.generated)
                if job.generated == job.max_tokens:
                    scheduler.finish(job)
                    self.done.append(job.id)
        self.check()
        return True

    def run(self, most: int = 10_000) -> None:
        for _ in range(most):
            if not self.step():
                return
        raise AssertionError("it does not end")

    def check(self) -> None:
        """The ledger never promises more than there is."""
        assert 0 <= self.scheduler.ledger.free <= self.scheduler.ledger.cells
        for sequence in self.scheduler.residents._by_number.values():
            assert self.scheduler.ledger.length(sequence.number) == sequence.filled
            assert len(self.kv.seqs.get(sequence.number, [])) == sequence.filled


def text(seed: int, count: int) -> list[int]:
    return random.Random(seed).choices(range(1000), k=count)


def test_decoding_jobs_go_first_and_prefill_takes_the_rest() -> None:
    rig = Rig(batch=64)
    first = rig.add(text(1, 40), reply=20)
    rig.step()
    second = rig.add(text(2, 200), reply=2)
    rig.step()
    assert rig.steps[-1] == [(first.id, 1), (second.id, 63)]
    rig.run()
    assert set(rig.done) == {first.id, second.id}


@given(st.lists(st.integers(2, 200), min_size=1, max_size=8), st.integers(1, 64))
def test_no_row_of_a_prompt_is_fed_alone(sizes: list[int], chunk: int) -> None:
    rig = Rig(slots=8, cells=4000, micro_batch=32)
    rig.scheduler.chunk = chunk
    jobs = [rig.add(text(seed, size)) for seed, size in enumerate(sizes)]
    fed = dict.fromkeys((job.id for job in jobs), 0)
    rig.run()
    assert set(rig.done) == set(fed)
    for step in rig.steps:
        rows = 0
        for number, count in step:
            if fed[number] < sizes[number]:
                assert count > 1
                rows += count
            fed[number] += count
        assert rows <= 32 or rows % 32 != 1


def test_a_prompt_that_lies_in_the_cache_is_fed_its_last_two_tokens_again() -> None:
    rig = Rig()
    rig.add(text(1, 100), reply=1)
    rig.run()
    again = rig.add(text(1, 100), reply=1)
    rig.run()
    assert again.cached == 98
    assert rig.steps[-1] == [(again.id, 2)]


def test_a_root_turn_overtakes_queued_sub_calls_but_old_ones_do_not_starve() -> None:
    rig = Rig(slots=1)
    rig.add(text(0, 10))
    rig.step()
    old = rig.add(text(1, 10), priority=1)
    rig.now = AGE_SECONDS + 1
    young = rig.add(text(2, 10), priority=1)
    root = rig.add(text(3, 10), priority=0)
    rig.run()
    assert rig.done[1:] == [old.id, root.id, young.id]


def test_siblings_wait_for_the_one_that_computes_their_beginning() -> None:
    rig = Rig(batch=150)
    preamble = text(7, 200)
    jobs = [rig.add(preamble + text(i, 20)) for i in range(4)]
    rig.run()
    assert sum(count for step in rig.steps for _, count in step) <= 200 + 4 * 25
    assert jobs[0].cached == 0
    assert all(job.cached >= 200 for job in jobs[1:])


def test_a_conversation_stays_and_only_its_new_end_is_fed() -> None:
    rig = Rig()
    first = rig.add(text(1, 100), reply=5, priority=0)
    rig.run()
    grown = first.tokens[: first.known].tolist() + text(2, 30)
    for i in range(6):
        rig.add(text(50 + i, 120))
    second = rig.add(grown, priority=0)
    rig.run()
    assert second.cached >= 104


def test_tails_of_sub_calls_are_evicted_before_root_turns_and_shared_beginnings() -> None:
    rig = Rig(cells=512, slots=2)
    root = rig.add(text(1, 100), priority=0)
    preamble = text(2, 100)
    rig.run()
    for i in range(8):
        rig.add(preamble + text(10 + i, 80))
    rig.run()
    assert rig.scheduler.residents.evictions > 0
    again = rig.add([*root.tokens[: root.known].tolist(), 1, 2], priority=0)
    sibling = rig.add(preamble + text(99, 50))
    rig.run()
    assert again.cached >= 100
    assert sibling.cached >= 100


def test_when_replies_outgrow_the_cache_the_youngest_is_preempted_and_still_ends() -> None:
    rig = Rig(cells=256, slots=4)
    jobs = [rig.add(text(i, 30), reply=150) for i in range(4)]
    rig.run()
    assert sorted(rig.done) == [job.id for job in jobs]
    assert rig.scheduler.preemptions > 0
    assert jobs[0].preemptions == 0
    assert all(job.tokens[job.prompt : job.known].tolist() == list(range(1000, 1150)) for job in jobs)


def test_finished_sub_calls_keep_no_more_cells_than_allowed() -> None:
    rig = Rig(cells=4096, idle_cells=200)
    for i in range(20):
        rig.add(text(i, 100))
        rig.run()
    assert rig.scheduler.ledger.cells - rig.scheduler.ledger.free <= 200 + 104


def test_long_sub_calls_go_one_by_one_short_ones_and_root_turns_together() -> None:
    rig = Rig(slots=4, cells=4000, crowd=300)
    long, other = rig.add(text(1, 200)), rig.add(text(2, 200))
    rig.step()
    assert (rig.scheduler.live, rig.scheduler.queue) == ([long], [other])
    root = rig.add(text(3, 500), priority=0)
    rig.step()
    assert root in rig.scheduler.live
    rig.run()
    assert sorted(rig.done) == [long.id, other.id, root.id]
    short = [rig.add(text(seed, 50)) for seed in range(4, 8)]
    rig.step()
    assert rig.scheduler.live == short


def test_one_that_is_larger_than_a_crowd_is_let_in_alone() -> None:
    rig = Rig(cells=4000, crowd=300)
    large = rig.add(text(1, 900))
    rig.run()
    assert rig.done == [large.id]


def test_a_step_without_room_is_relieved_in_the_stated_order() -> None:
    rig = Rig(batch=64)
    rig.add(text(9, 20))
    rig.run()  # leaves one idle sequence
    old, young = rig.add(text(1, 100), reply=50), rig.add(text(2, 100), reply=50)
    rig.step()
    feeds = rig.scheduler.plan()
    relieved, failed = rig.scheduler.no_room(feeds)
    assert (relieved, failed, rig.scheduler.residents.idle) == (feeds, None, 0)  # evicted
    halved, failed = rig.scheduler.no_room(relieved)
    assert failed is None
    assert sum(f.count for f in halved) < sum(f.count for f in relieved)  # halved
    while max(f.count for f in halved) > 1:
        halved, failed = rig.scheduler.no_room(halved)
    fewer, failed = rig.scheduler.no_room(halved)
    assert failed is None
    assert young in rig.scheduler.queue  # preempted
    _, failed = rig.scheduler.no_room(fewer or halved)
    assert failed is old  # only then fails


def test_dropping_frees_the_slot_at_once() -> None:
    rig = Rig(slots=1)
    running, waiting = rig.add(text(1, 500), reply=50), rig.add(text(2, 10))
    rig.step()
    rig.scheduler.drop(running)
    assert not rig.scheduler.live
    rig.run()
    assert rig.done == [waiting.id]


def test_without_sharing_nothing_is_kept() -> None:
    rig = Rig(sharing=False)
    for _ in range(3):
        rig.add(text(1, 50))
    rig.run()
    assert rig.scheduler.residents.idle == 0
    assert rig.scheduler.ledger.free == 1000


def test_random_loads_end_and_leak_nothing() -> None:
    for seed in range(30):
        dice = random.Random(seed)
        rig = Rig(
            slots=dice.randint(1, 6),
            cells=dice.choice([256, 300, 1000]),
            batch=dice.choice([16, 64, 256]),
            sequences=dice.choice([8, 255]),
            host=HostCache(dice.choice([0, 2000, 100_000])) if dice.random() < 0.5 else None,
        )
        preambles = [text(seed + i, dice.randint(0, 60)) for i in range(3)]
        alive: list[Job] = []
        dropped: set[int] = set()
        for _ in range(60):
            if dice.random() < 0.6:
                tokens = dice.choice(preambles) + text(dice.randint(0, 10), dice.randint(1, 60))
                alive.append(rig.add(tokens, reply=dice.randint(1, 60), priority=dice.randint(0, 2)))
            if alive and dice.random() < 0.1:
                victim = alive.pop(dice.randrange(len(alive)))
                if victim.id not in rig.done:
                    rig.scheduler.drop(victim)
                    dropped.add(victim.id)
            rig.now += dice.random() * 30
            rig.step()
        rig.run()
        total = next(rig.numbers)
        assert len(rig.done) == len(set(rig.done))
        assert set(rig.done) | dropped == set(range(total))
        while rig.scheduler.residents.evict_one(keep=None):
            pass
        rig.check()
        assert rig.scheduler.ledger.free == rig.scheduler.ledger.cells


def test_who_was_behind_one_that_had_no_room_is_let_in_when_that_one_is_dropped() -> None:
    rig = Rig(slots=2, cells=256, batch=256)
    rig.add(list(range(100)), reply=40)
    large = rig.add(list(range(200, 400)), reply=20)
    small = rig.add(list(range(400, 410)), reply=2)
    for _ in range(5):
        rig.step()
    assert large in rig.scheduler.queue and small in rig.scheduler.queue  # first come, first served
    rig.scheduler.drop(large)
    rig.step()
    assert small in rig.scheduler.live
