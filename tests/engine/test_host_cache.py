import numpy as np

from rlm_desk.engine.hostcache import HostCache


def tokens(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def test_the_deepest_usable_entry_is_found() -> None:
    cache = HostCache(10_000, worth=2)
    long = np.arange(20, dtype=np.int32)
    cache.put(long, 5, b"tail")
    assert cache.find(long, 5) == (b"tail", 5, 20, 20)
    assert cache.find(long[:12], 6) == (b"tail", 5, 20, 12)
    assert cache.find(long, 4) is None  # it begins behind what is there
    assert cache.find(long[:7], 6) is None  # not worth it
    assert cache.reach(long[:10], 5) == 10
    assert cache.reach(long[:10], 0) == 0  # what is before 5 is not there
    assert cache.reach(tokens(*range(25)), 5) == 20
    cache.put(long[:8], 0, b"head")
    assert cache.reach(tokens(*range(25)), 0) == 20  # one entry after the other


def test_an_entry_that_continues_by_too_little_does_not_count() -> None:
    """Two chunks that begin with the same word: the second must be saved from where the first begins, not after the
    word, since nobody would restore that one word."""
    cache = HostCache(1 << 20, worth=4)
    cache.put(tokens(0, 1, 2, 3, 9, 5, 5, 5, 5), 4, b"first")
    second = tokens(0, 1, 2, 3, 9, 7, 7, 7, 7)
    assert cache.reach(second, 4) == 4
    cache.put(second, cache.reach(second, 4), b"second")
    assert cache.find(second, 4) == (b"second", 4, 9, 9)


def test_the_oldest_entries_go_when_it_is_full() -> None:
    cache = HostCache(100, worth=1)
    for first in range(5):
        cache.put(tokens(first, 7, 7), 0, bytes(40))
    assert cache.bytes <= 100
    assert len(cache) == 2
    assert cache.find(tokens(0, 7, 7), 0) is None
    assert cache.find(tokens(4, 7, 7), 0) is not None
    cache.put(tokens(9, 9), 0, bytes(1000))  # larger than the whole: not kept
    assert cache.find(tokens(9, 9), 0) is None
    cache.clear()
    assert (len(cache), cache.bytes) == (0, 0)
