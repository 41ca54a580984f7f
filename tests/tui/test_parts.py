"""Small parts of the interface: wording, commands, paths, and what importing it costs."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from rlm_desk.errors import ModelError
from rlm_desk.rlm.tree import Tree
from rlm_desk.tui.commands import COMMANDS, PARTS, bindings, key_name
from rlm_desk.tui.paths import pasted_paths, typed_path
from rlm_desk.tui.screens.dialog import completions
from rlm_desk.tui.session import Session
from rlm_desk.tui.widgets import pace
from rlm_desk.tui.widgets.turn import LINES, Turn
from rlm_desk.tui.wording import GLYPHS, WORDS, bar, count, duration, spoken_duration, strip, way_out
from tests.tui.recording import RunBuilder, full_run, many


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9949, "9.9k"), (9960, "10k"), (999_400, "999k"), (999_600, "1.0M"),
     (5_000_000, "5.0M"), (12_345_678, "12M"), (2_000_000_000_000, "2000G")],
)  # fmt: skip
def test_counts(number: float, text: str) -> None:
    assert count(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0s"), (9.94, "9.9s"), (9.96, "10s"), (59.4, "59s"), (59.6, "1:00"), (3599, "59:59"), (3600, "1h00")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_spoken_durations() -> None:
    assert spoken_duration(1) == "about 1 second"
    assert spoken_duration(80) == "about 80 seconds"
    assert spoken_duration(1500) == "about 25 minutes"
    assert spoken_duration(7200) == "about 2 hours"
    assert spoken_duration(9000) == "about 2.5 hours"


def test_how_long_a_run_will_still_take() -> None:
    b = RunBuilder()
    b.start("q", estimate_seconds=30.0)
    root = b.node("root", None, 0, "q")
    batch = b.node("batch", root, 1, "fees", items=20)

    def left(now: float) -> str:
        tree = Tree()
        for one in b.recorded:
            tree.apply(one)
        view = tree.snapshot()
        return pace.left(view, view.elapsed(now), now)

    assert left(b.at) == " of about 30s", "nothing is done yet: what was expected"
    began = next(one.event.at for one in b.recorded if getattr(one.event, "node", None) == batch)
    for number in range(5):
        b.call(batch, 1, f"Contract {number}", "1")
    assert left(began + 10) == ", 30s left", "a quarter took ten seconds"
    b.done(batch)
    assert left(began + 12).startswith(" of about")
    assert left(began + 90) == "", "it takes longer than was expected: no figure is better than a wrong one"


def test_batches_beside_each_other_are_counted_together() -> None:
    b = RunBuilder()
    b.start("q", estimate_seconds=30.0)
    root = b.node("root", None, 0, "q")
    first = b.node("batch", root, 1, "fees here", items=6)
    began = b.at
    b.at += 4.0
    second = b.node("batch", root, 1, "fees there", items=6)

    def told() -> tuple[int, int, str]:
        tree = Tree()
        for one in b.recorded:
            tree.apply(one)
        view = tree.snapshot()
        together = pace.batches(view)
        items = sum(batch.items for batch in together)
        return pace.done(together), items, pace.left(view, view.elapsed(began + 10), began + 10)

    for number in range(6):
        b.call(first, 1, f"Contract {number}", "1")
    assert told() == (6, 12, ", 10s left")
    b.done(first)
    assert told() == (6, 12, ", 10s left"), "what was at work beside the open one counts with it"
    b.done(second)
    third = b.node("batch", root, 1, "what is left", items=5)
    assert told()[:2] == (0, 5), "a later turn begins anew"
    assert third


@pytest.mark.parametrize(
    ("step", "key"),
    [("See what there is: rlm-desk models list (or give the path of a GGUF).", "See what there is: F11 (or give the"),
     ("Remove it and import it again: rlm-desk models remove qwen3-8b", "Remove it and import it again: F11"),
     ("Choose a smaller model: rlm-desk models list --catalogue shows which fit.", "model: F11 shows which fit."),
     ("Check the file with `rlm-desk models verify`, or import it again.", "with F11, or import"),
     ("The run is kept: rlm-desk runs list", "The run is kept: Ctrl+R"),
     ("rlm-desk workspace list shows them.", "Ctrl+N shows them.")],
)  # fmt: skip
def test_a_way_out_names_a_key_in_the_desk(step: str, key: str) -> None:
    problem = ModelError("It is gone.", step)
    assert key in way_out(problem) and "rlm-desk" not in way_out(problem)
    assert problem.next_step == step, "the command line still names its command"


def test_every_way_out_that_leads_to_the_models_has_its_key() -> None:
    """What the rooms below say, as they say it: a new sentence with another shape would keep its command."""
    said = [
        text
        for path in Path("rlm_desk/catalogue").glob("*.py")
        for text in re.findall(r'"([^"]*rlm-desk models [^"]*)"', path.read_text("utf-8"))
        if not text.lstrip().startswith("then")  # the steps to carry a model in are for the command line
    ]
    assert len(said) > 4
    for text in said:
        assert "rlm-desk models" not in way_out(ModelError("It is gone.", text.replace("{", "").replace("}", ""))), text


def test_a_bar_has_its_width() -> None:
    for share in (0, 0.01, 0.5, 0.999, 1, 7):
        assert len(bar(share, 8)) == 8


def test_every_state_has_its_own_sign_and_word() -> None:
    assert len(set(GLYPHS.values())) == len(GLYPHS) == len(set(WORDS.values()))


def test_a_strip_never_hides_a_failure() -> None:
    tree = Tree()
    for one in full_run(items=50, fail=33).recorded:
        tree.apply(one)
    view = tree.snapshot()
    children = [view.nodes[c] for c in view.nodes[1].children]
    assert strip(children, 50, 10) == ["done"] * 6 + ["failed"] + ["done"] * 3
    assert strip(children[:20], 50, 10) == ["done"] * 4 + ["waiting"] * 6
    assert strip([], 50, 10) == ["waiting"] * 10
    assert strip([], 0, 10) == []


def test_every_command_has_one_place_and_no_key_twice() -> None:
    parts = {part for command in COMMANDS for part in command.where.split(",")}
    assert parts <= set(PARTS), "the help has a heading for each"
    for where in parts:
        keys = [(k, c.action) for c in COMMANDS if where in c.where.split(",") for k in c.keys.split(",")]
        # Esc cancels, or goes back when there is nothing to cancel; Ctrl+N lets a run answer now, or is for workspaces
        # when none goes on: never both, `test_workspaces` tries it.
        seen = [k for k, _ in keys if k not in ("escape", "ctrl+n")]
        assert len(seen) == len(set(seen))
        assert bindings(where)
    assert len({c.action for c in COMMANDS}) == len(COMMANDS)


def test_key_names() -> None:
    names = {c.action: key_name(c) for c in COMMANDS}
    assert names["screen.add"] == "Ctrl+O"
    assert names["app.help"] == "F1 or ?"
    assert names["screen.stop"] == "Esc"
    assert names["screen.tab(1)"] == "]"


def test_typed_paths(tmp_path: Path) -> None:
    assert typed_path(" '/a b/c' ") == Path("/a b/c")
    assert typed_path("file:///a%20b/c.pdf") == Path("/a b/c.pdf")
    assert typed_path("/a\\ b/c") == Path("/a b/c")
    assert typed_path("~/x") == Path("~/x").expanduser()


def test_pasted_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "My lease.pdf", tmp_path / "it's"
    one.write_text("x")
    two.mkdir()
    escaped = shlex.quote(str(two))
    for text, paths in (
        (f"{one}", [one]),
        (f"  '{one}'\r\n", [one]),
        (f'"{one}"', [one]),
        (str(one).replace(" ", "\\ "), [one]),
        (one.as_uri(), [one]),
        (f"{one.as_uri()}\r\n{two.as_uri()}\r\n", [one, two]),
        (f"'{one}' {escaped} '{one}'", [one, two]),
        (f"{one}\n{two}", [one, two]),
    ):
        assert pasted_paths(text) == paths, text
    monkeypatch.chdir(tmp_path)
    for text in (
        "",
        "\n",
        "What is the fee?",
        "it's",
        "My lease.pdf",
        f"What is in '{one}'?",
        f"{one} {tmp_path}/gone",
        f"{one}\nand more",
        f"{one}\0",
        "/" + "x" * 5000,
        "/\\ " + "x" * 5000,
        "file://[oops",
        f"{one}\n" * 100_000,
        "/\ud800",
    ):
        assert pasted_paths(text) == [], text[:80]


def test_completions(tmp_path: Path) -> None:
    (tmp_path / "Contracts").mkdir()
    (tmp_path / "contract.pdf").touch()
    (tmp_path / ".hidden").touch()
    assert completions(f"{tmp_path}/con") == [f"{tmp_path}/Contracts/", f"{tmp_path}/contract.pdf"]
    assert completions(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert completions(f"{tmp_path}/nowhere/x") == []
    assert completions("\0") == []


async def test_a_session_draws_only_when_something_happened() -> None:
    from rlm_desk.corpus import Corpus

    session = Session(Corpus([]))
    for one in full_run().recorded[:10]:
        session.apply(one)
    assert session.frame(1.0) is not None
    assert session.frame(2.0) is None
    session.take_text(0, "x")
    assert session.frame(3.0) is not None
    session.take_text(5, "of a sub-call")
    assert session.frame(4.0) is None


async def test_a_replay_of_2000_nodes_lets_the_loop_breathe() -> None:
    import asyncio

    from rlm_desk.corpus import Corpus

    session, beats = Session(Corpus([])), 0
    task = asyncio.ensure_future(session.replay(many(2000).recorded))
    while not task.done():
        beats += 1
        await asyncio.sleep(0)
    assert len(session.frame(1.0).nodes) == 2002
    assert beats > 50


def test_importing_the_interface_loads_no_model_and_no_document_library() -> None:
    heavy = "'pypdf', 'llama_cpp', 'reportlab', 'jinja2', 'pygments.lexers.python'"
    code = f"import sys, rlm_desk.tui.app; print([m for m in ({heavy}) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)
    assert done.stdout.strip() == "[]"


def test_an_answer_of_too_many_lines_is_shown_to_a_line_and_says_so() -> None:
    turn = Turn("q")
    turn.recall("a\n" * (LINES - 1) + "end")
    assert turn._drawn.plain.count("\n") < LINES + 5 and "end\n" in turn._drawn.plain
    turn.recall("\n" * 200_000)
    assert turn._drawn.plain.count("\n") < LINES + 5
    assert f"and {200_001 - LINES:,} more lines: Ctrl+R, then x exports all of it" in turn._drawn.plain
    assert turn.answer == "\n" * 200_000
