"""Playing a stored run: forwards, back, at any speed, ending as the run ended."""

import pytest

from rlm_desk.corpus import Corpus
from rlm_desk.tui.player import SPEEDS, Player
from tests.tui.recording import RunBuilder, full_run, many


def player(builder: RunBuilder) -> Player:
    return Player(builder.recorded, Corpus([]))


def test_it_plays_by_its_own_clock() -> None:
    one = player(full_run())
    one.speed = 2
    one.play()
    one.advance(0.4)
    assert one.position == pytest.approx(0.8)
    assert one.now == pytest.approx(one.began + 0.8)
    view = one.session.frame(one.now)
    assert view.running and 0 < len(view.nodes) < 10
    one.advance(1000)
    assert one.over and not one.playing
    assert one.session.frame(one.now).answer == "In all we pay 18,007 a year."


def test_nothing_moves_while_it_is_paused() -> None:
    one = player(full_run())
    one.advance(10)
    assert one.position == 0.0


def test_going_back_gives_the_same_moment_again() -> None:
    one = player(full_run())
    one.seek(one.length / 2)
    before = one.session.frame(one.now)
    one.end()
    one.seek(one.length / 2)
    after = one.session.frame(one.now)
    assert dict(before.nodes) == dict(after.nodes)
    assert before.used == after.used


def test_playing_at_the_end_begins_again() -> None:
    one = player(full_run())
    one.end()
    assert one.over
    one.play()
    assert one.playing and one.position == 0.0


def test_speeds() -> None:
    one = player(full_run())
    for _ in range(10):
        one.faster(1)
    assert one.speed == SPEEDS[-1] == 50
    for _ in range(10):
        one.faster(-1)
    assert one.speed == SPEEDS[0] == 1


def test_what_the_root_wrote_streams() -> None:
    builder = full_run()
    at = next(i for i, r in enumerate(builder.recorded) if r.event.kind == "partial_reply")
    one = player(builder)
    one.seek(builder.recorded[at].event.at - one.began)
    assert one.session.root_asked and one.session.pieces == ["```python\nfound"]


def test_a_run_that_was_cut_off_ends_so() -> None:
    builder = full_run()
    del builder.recorded[15:]
    one = player(builder)
    one.end()
    assert one.session.frame(one.now).status == "interrupted"


def test_a_clock_that_was_set_back_loses_no_event() -> None:
    builder = full_run()
    builder.recorded[10] = builder.recorded[10].model_copy(
        update={"event": builder.recorded[10].event.model_copy(update={"at": 5.0})}
    )
    one = player(builder)
    one.play()
    for _ in range(100):
        one.advance(0.1)
    assert one.session.frame(one.now).answer


def test_an_empty_run_is_over() -> None:
    one = Player([], Corpus([]))
    one.end()
    assert one.over and one.share == 1.0


def test_frames_of_2000_nodes_at_fifty_times() -> None:
    """Fifteen frames a second leave 67 ms for each; counted in events a frame, not in time."""
    one = player(many(2000))
    one.speed = 50
    one.play()
    frames = 0
    while not one.over:
        one.advance(1 / 20)
        view = one.session.frame(one.now)
        assert view is not None
        frames += 1
    assert frames >= one.length / 50 * 20 - 1
    assert len(one.session.view.nodes) == 2002


def test_a_run_that_goes_on_is_not_called_interrupted() -> None:
    events = full_run().recorded[:12]
    for goes_on, state in ((True, "running"), (False, "interrupted")):
        one = Player(events, Corpus([]), goes_on=goes_on)
        one.end()
        view = one.session.frame(one.now)
        assert view is not None and view.status == state
        assert any(node.status == "interrupted" for node in view.nodes.values()) is not goes_on
