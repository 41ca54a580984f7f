import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.engine.ledger import Ledger


@given(
    st.lists(st.tuples(st.sampled_from("gsc"), st.integers(0, 4), st.integers(0, 4), st.integers(0, 20)), max_size=60)
)
def test_the_ledger_counts_cells_as_sets_would(steps: list[tuple[str, int, int, int]]) -> None:
    ledger, truth, fresh = Ledger(100), {n: [] for n in range(5)}, iter(range(10**6))
    for what, a, b, count in steps:
        used = len({cell for cells in truth.values() for cell in cells})
        if what == "g":
            if count > 100 - used:
                with pytest.raises(MemoryError):
                    ledger.grow(a, count)
            else:
                ledger.grow(a, count)
                truth[a] += [next(fresh) for _ in range(count)]
        elif what == "s" and a != b and len(truth[b]) <= count <= len(truth[a]):
            ledger.share(a, b, len(truth[b]), count)
            truth[b] += truth[a][len(truth[b]) : count]
        elif what == "c":
            others = {cell for n, cells in truth.items() if n != a for cell in cells}
            expected = len([cell for cell in truth[a][count:] if cell not in others])
            assert ledger.would_free(a, count) == expected
            assert ledger.cut(a, count) == expected
            truth[a] = truth[a][:count]
        assert ledger.free == 100 - len({cell for cells in truth.values() for cell in cells})
        assert all(ledger.length(n) == len(cells) for n, cells in truth.items())


def test_a_copy_must_continue_its_target() -> None:
    ledger = Ledger(10)
    ledger.grow(0, 5)
    with pytest.raises(ValueError, match="continue"):
        ledger.share(0, 1, 2, 5)
