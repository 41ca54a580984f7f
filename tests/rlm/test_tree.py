"""The tree fold, on recorded runs."""

import time

import pytest

from rlm_desk import events as ev
from rlm_desk.rlm.tree import Tokens, Tree, TreeView
from tests.tui.recording import CODE, RunBuilder, full_run, many


def fold(recorded: list[ev.Recorded]) -> Tree:
    tree = Tree()
    for one in recorded:
        tree.apply(one)
    return tree


def by_label(view: TreeView, role: str) -> int:
    return next(n.id for n in view.nodes.values() if n.role == role)


def test_a_whole_run() -> None:
    view = fold(full_run().recorded).snapshot()
    assert view.status == "answered"
    assert view.how == "final"
    assert view.answer == "In all we pay 18,007 a year."
    assert view.question == "What do we pay in all?"
    assert view.model == "desk-tiny" and view.demonstration
    assert view.used.subcalls == 7
    assert view.used.depth == 2
    assert view.used.turns == 2
    assert view.left.turns == view.limits.turns - 2
    assert view.used.seconds == pytest.approx(view.ended - view.started.at, abs=0.1)
    assert {n.status for n in view.nodes.values()} == {"done", "failed"}


def test_a_batch_and_a_child_roll_up_what_lies_below() -> None:
    view = fold(full_run().recorded).snapshot()
    batch = view.nodes[by_label(view, "batch")]
    one = Tokens(200, 50, 12)
    assert batch.own == Tokens()
    assert batch.total == Tokens(5 * 200, 5 * 50, 5 * 12)
    assert (batch.items, batch.items_done, batch.items_failed, batch.missing) == (6, 5, 1, 1)
    assert len(batch.children) == 6
    child = view.nodes[by_label(view, "child")]
    assert child.own == one and child.total == one + one
    root = view.nodes[view.root]
    assert root.total == view.total
    assert view.used.tokens == view.total.processed == 9 * (200 - 50 + 12)


def test_a_cached_reply_costs_nothing() -> None:
    b = RunBuilder()
    b.start("q")
    root = b.node("root", None, 0, "q")
    call = b.node("call", root, 1, "c")
    b.asked(call, "c")
    b.replied(call, "x", cached=True)
    view = fold(b.recorded).snapshot()
    assert view.total == Tokens()
    assert view.nodes[call].cached


def test_states_on_the_way() -> None:
    tree, seen = Tree(), []
    for one in full_run().recorded:
        tree.apply(one)
        view = tree.snapshot()
        if view.root is not None:
            seen.append(view.nodes[view.root].status)
    order = list(dict.fromkeys(seen))
    assert order == ["waiting", "asking", "running code", "done"]


def test_a_batch_asks_when_its_first_call_does() -> None:
    b = RunBuilder()
    b.start("q")
    root = b.node("root", None, 0, "q")
    batch = b.node("batch", root, 1, "b", items=5)
    assert fold(b.recorded).snapshot().nodes[batch].status == "waiting"
    b.asked(b.node("call", batch, 1, "c"), "c")
    view = fold(b.recorded).snapshot()
    assert view.nodes[batch].status == "asking"
    assert view.nodes[batch].items == 5


def test_a_snapshot_does_not_change_and_shares_what_stayed() -> None:
    tree = Tree()
    recorded = full_run().recorded
    for one in recorded[:20]:
        tree.apply(one)
    before = tree.snapshot()
    kept = dict(before.nodes)
    for one in recorded[20:]:
        tree.apply(one)
    after = tree.snapshot()
    assert dict(before.nodes) == kept
    assert before.status == "running"
    for ident, node in before.nodes.items():
        assert (after.nodes[ident] is node) == (ident not in after.changed)
    assert tree.snapshot().changed == frozenset()


def test_detail_puts_prompts_together() -> None:
    tree = fold(full_run().recorded)
    view = tree.snapshot()
    root = tree.detail(view.root)
    assert [p.turn for p in root.prompts] == [0, 1]
    assert root.cells[0].code == CODE
    assert root.cells[0].output == "6 18000\n"
    assert root.cells[0].variables == ("found", "total")
    assert [r.partial for r in root.replies] == [False, False]
    assert root.reads[0].how == "scanned"
    assert root.answer == view.answer
    call = view.nodes[by_label(view, "batch")].children[2]
    prompt = tree.detail(call, lambda a, b: f"<{a}-{b}>").prompts[0].messages[0]
    assert prompt.text == "What is the yearly fee?\n\n<20-30>"
    assert prompt.cites == ((20, 30),)
    assert "characters 20 to 30" in tree.detail(call).prompts[0].messages[0].text


def test_a_partial_reply_shows_until_the_whole_one_comes() -> None:
    b = RunBuilder()
    b.start("q")
    root = b.node("root", None, 0, "q")
    b.asked(root, "q")
    b.partial(root, "he")
    b.partial(root, "hello")
    tree = fold(b.recorded)
    (reply,) = tree.detail(root).replies
    assert reply.partial and reply.text == "hello"


def test_an_erased_text_is_said_to_be_gone() -> None:
    recorded = [r.model_copy(update={"texts": {}}) for r in full_run().recorded]
    tree = fold(recorded)
    assert tree.snapshot().question == "[this text was removed]"
    assert tree.detail(0).prompts[0].messages[0].text == "[this text was removed]"


def test_a_run_that_was_killed() -> None:
    tree = Tree()
    for one in full_run().recorded[:15]:
        tree.apply(one)
    tree.interrupt()
    view = tree.snapshot()
    assert view.status == "interrupted"
    assert view.nodes[view.root].status == "interrupted"
    assert view.ended is not None and view.elapsed(now=view.ended + 1000) == view.used.seconds


def test_a_cancelled_run_closes_what_was_open() -> None:
    b = full_run()
    del b.recorded[20:]
    b.finish(None, status="cancelled")
    view = fold(b.recorded).snapshot()
    assert view.status == "cancelled"
    assert all(n.over for n in view.nodes.values())


def test_a_best_effort_answer_is_labelled() -> None:
    b = RunBuilder()
    b.start("q")
    b.node("root", None, 0, "q")
    b.add("budget_low", what="tokens", left=10, limit=100)
    b.add("budget_spent", what="tokens", limit=100)
    b.finish("perhaps 4", status="best_effort")
    view = fold(b.recorded).snapshot()
    assert view.how == "best_effort"
    assert view.low == view.spent == ("tokens",)
    assert view.answer == "perhaps 4"


def test_elapsed_goes_on_while_it_runs() -> None:
    b = RunBuilder()
    b.start("q")
    b.node("root", None, 0, "q")
    view = fold(b.recorded).snapshot()
    assert view.elapsed(now=b.recorded[0].event.at + 60) == 60
    assert view.nodes[0].seconds(now=view.nodes[0].started + 5) == 5


def test_an_event_about_an_unknown_node_is_ignored() -> None:
    b = RunBuilder()
    b.start("q")
    b.asked(99, "q")
    assert fold(b.recorded).snapshot().nodes == {}


def test_five_thousand_nodes_are_quick() -> None:
    recorded = many(5000).recorded
    tree = Tree()
    began = time.process_time()
    for index, one in enumerate(recorded):
        tree.apply(one)
        if index % 100 == 0:
            tree.snapshot()
    view = tree.snapshot()
    took = time.process_time() - began
    assert len(view.nodes) == 5002
    assert view.nodes[1].items_done == 5000
    # 20,000 events and 200 snapshots take about 0.4 s of CPU; quadratic work would take minutes.
    assert took < 5
