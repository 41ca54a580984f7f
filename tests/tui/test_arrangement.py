"""Where panes stand: nothing overlaps, nothing is left over, and an edge goes where it is dragged."""

import pytest
from textual.geometry import Region, Size

from rlm_desk.tui.arrangement import COLUMNS, SMALLEST, Arrangement, Name, name_for, shares

SIZES = [(60, 10), (80, 24), (100, 30), (120, 40), (200, 60), (401, 99)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", list(COLUMNS))
def test_panes_fill_the_room_without_overlap(name: Name, size: tuple[int, int]) -> None:
    every = [pane for panes in COLUMNS[name] for pane in panes]
    for missing in [None, *every]:
        shown = [pane for pane in every if pane != missing]
        if not shown:
            continue
        places = Arrangement().regions(name, shown, Size(*size))
        assert set(places) == set(shown)
        assert sum(region.area for region in places.values()) == size[0] * size[1]
        for one in places:
            assert all(one == other or not places[one].overlaps(places[other]) for other in places)


def test_shares_add_up() -> None:
    for total in range(50):
        assert sum(shares(total, [23, 41, 36])) == total


def test_one_pane_gets_everything() -> None:
    assert Arrangement().regions("one", ["source"], Size(80, 20)) == {"source": Region(0, 0, 80, 20)}


@pytest.mark.parametrize(
    ("size", "name"), [((80, 24), "one"), ((120, 29), "one"), ((120, 40), "medium"), ((200, 60), "wide")]
)
def test_the_size_chooses(size: tuple[int, int], name: Name) -> None:
    assert name_for(Size(*size)) == name


SHOWN = ("documents", "answer", "recursion", "inspector")
SIZE = Size(120, 34)


def test_an_edge_goes_where_it_is_dragged_and_only_its_neighbours_change() -> None:
    one = Arrangement()
    before = one.regions("medium", SHOWN, SIZE)
    assert one.move("medium", SHOWN, SIZE, "documents", "right", 60)
    after = one.regions("medium", SHOWN, SIZE)
    assert after["documents"].right == after["answer"].x == 60
    assert after["documents"].height == before["documents"].height
    assert one.move("medium", SHOWN, SIZE, "inspector", "top", 20)
    again = one.regions("medium", SHOWN, SIZE)
    assert again["answer"].bottom == again["inspector"].y == 20
    assert again["recursion"] == after["recursion"]


def test_an_edge_without_a_neighbour_stays() -> None:
    one = Arrangement()
    for pane, edge in (("documents", "left"), ("inspector", "right"), ("answer", "top"), ("recursion", "bottom")):
        assert not one.move("medium", SHOWN, SIZE, pane, edge, 20)  # type: ignore[arg-type]
    assert one.regions("medium", SHOWN, SIZE) == Arrangement().regions("medium", SHOWN, SIZE)


def test_no_pane_is_dragged_away() -> None:
    one = Arrangement()
    one.move("medium", SHOWN, SIZE, "documents", "right", 0)
    one.move("medium", SHOWN, SIZE, "answer", "bottom", 1000)
    places = one.regions("medium", SHOWN, SIZE)
    assert places["documents"].width == SMALLEST[0]
    assert places["inspector"].height == SMALLEST[1]


def test_what_was_dragged_is_kept_and_nonsense_is_not() -> None:
    one = Arrangement()
    assert one.state == {}
    one.move("medium", SHOWN, SIZE, "documents", "right", 60)
    other = Arrangement()
    other.restore({**one.state, "wide": {"0": -1, "1": "x", "no": 5}, "nothing": 3})
    assert other.regions("medium", SHOWN, SIZE) == one.regions("medium", SHOWN, SIZE)
    assert other.regions("wide", SHOWN, SIZE) == Arrangement().regions("wide", SHOWN, SIZE)
    other.reset("medium")
    assert other.state == {}
