"""Interval arithmetic against sets of integers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.evidence.intervals import Counter, Range, intersect, merged, subtract, total, touching

RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=12)


def points(ranges: list[Range]) -> set[int]:
    return {at for start, end in ranges for at in range(start, end)}


@given(RANGES)
def test_merged(ranges: list[Range]) -> None:
    found = merged(ranges)
    assert points(found) == points(ranges)
    assert all(a[1] < b[0] for a, b in pairwise(found))
    assert total(found) == len(points(ranges))


@given(RANGES, RANGES)
def test_subtract_and_intersect(one: list[Range], other: list[Range]) -> None:
    one, other = merged(one), merged(other)
    assert points(subtract(one, other)) == points(one) - points(other)
    assert points(intersect(one, other)) == points(one) & points(other)


@given(RANGES, st.integers(-5, 65), st.integers(-5, 65))
def test_counter(ranges: list[Range], start: int, end: int) -> None:
    assert Counter(merged(ranges)).within(start, end) == len(points(ranges) & set(range(start, end)))


@given(RANGES, st.integers(-5, 65), st.integers(-5, 65))
def test_touching(ranges: list[Range], start: int, end: int) -> None:
    expected = [one for one in merged(ranges) if one[0] < end and one[1] > start]
    assert touching(merged(ranges), start, end) == (expected if start <= end else [])
