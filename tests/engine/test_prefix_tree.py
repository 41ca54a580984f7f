import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.engine.prefix import PrefixTree, common

WORDS = st.lists(st.integers(0, 2), max_size=12)


def arr(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def naive(a: list[int], b: list[int]) -> int:
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count


@given(WORDS, WORDS)
def test_common_counts_equal_beginnings(a: list[int], b: list[int]) -> None:
    assert common(arr(a), arr(b)) == naive(a, b)


@given(st.lists(st.tuples(st.integers(0, 5), st.none() | WORDS), max_size=40), WORDS)
def test_matches_are_those_of_a_plain_search(steps: list[tuple[int, list[int] | None]], wanted: list[int]) -> None:
    tree, known = PrefixTree(), {}
    for key, words in steps:
        if words is None:
            tree.remove(key)
            known.pop(key, None)
        else:
            tree.insert(key, arr(words))
            known[key] = words
    assert len(tree) == len(known)
    depths = {key: naive(words, wanted) for key, words in known.items()}
    best = max(depths.values(), default=0)
    found = tree.match(arr(wanted))
    assert (found[0][0] if found else 0) == best
    for depth, keys in found:
        assert all(depths[key] >= depth for key in keys)
    if best:
        assert found[0][1] == {key for key, depth in depths.items() if depth == best}


def test_nothing_is_left_behind_when_all_is_removed() -> None:
    tree = PrefixTree()
    for key in range(20):
        tree.insert(key, arr([1, 2, key]))
    for key in range(20):
        tree.remove(key)
    assert not tree.match(arr([1, 2, 3]))
    assert not tree._root.children
