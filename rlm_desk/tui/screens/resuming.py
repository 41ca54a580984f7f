"""A workspace on the screen: the last one again at a start, another one, an empty one."""

from __future__ import annotations

from rlm_desk.clean import one_line
from rlm_desk.corpus import Corpus
from rlm_desk.errors import DeskError
from rlm_desk.tui.port import DeskPort, Kept, PastRun
from rlm_desk.tui.screens.display import Display
from rlm_desk.tui.session import Session
from rlm_desk.tui.widgets.turn import Turn
from rlm_desk.tui.wording import RUN_WORDS, plural

NEW = "\n"
"""Chosen instead of a name, and no name: a workspace that is made, and named, with its first documents."""


async def resume(desk: DeskPort, display: Display) -> None:
    """Open the workspace that was opened last; where there is none, the empty desk teaches. Raises DeskError."""
    told = display.problem
    kept = await desk.workspaces()
    if kept:
        await switch(desk, display, kept[0].name)
        if told is not None:  # it weighs more than a greeting
            display.say(f"{told.sentence} {told.next_step}")


async def switch(desk: DeskPort, display: Display, name: str) -> None:
    """Close what is open, and open a workspace of a name with its conversation, or an empty one. Raises DeskError."""
    display.wait(f"Opening {one_line(name, 60)}" if name != NEW else "Closing the workspace")
    before = desk.workspace
    try:
        if name == NEW:
            await desk.close_workspace()
            display.say(_kept(before))
        else:
            opened = await desk.open_workspace(name)
            await display.clear(desk)
            await _recall(desk, display)
            display.say(_greeting(opened, desk.corpus))
    except DeskError:
        display.say("")
        raise
    finally:
        if name == NEW or not desk.corpus.documents:
            await display.clear(desk)


def _kept(before: Kept | None) -> str:
    kept = f" {one_line(before.name, 60)} is kept: Ctrl+N opens it again" if before is not None else ""
    return f"A new workspace: Ctrl+O adds documents.{kept}"


def _greeting(opened: Kept, corpus: Corpus) -> str:
    name = one_line(opened.name, 60)
    if not corpus.documents:
        return f"{name} is open and empty: Ctrl+O adds documents. Ctrl+N opens another workspace"
    holds = f"{plural(len(corpus.documents), 'document')}, {plural(opened.runs, 'question')}"
    return f"{name} as you left it: {holds}. Ctrl+N: another"


async def _recall(desk: DeskPort, display: Display) -> None:
    """The conversation: the last run whole, those before it as text."""
    runs = await desk.conversation()
    for run in runs[:-1]:
        turn = Turn(run.question or "(the question was removed)")
        turn.recall(run.answer or f"({RUN_WORDS[run.status]})")
        await display.answers.add(turn)
    if not runs:
        return
    past = await desk.past(runs[-1].id)
    session = Session(_corpus(desk, past))
    await session.replay(past.recorded)
    turn = Turn(runs[-1].question or "(the question was removed)")
    await display.answers.add(turn)
    display.recall(turn, session)
    if session.view.answer and session.reading() is not None:
        display.rests(turn, session, await past.evidence())


def _corpus(desk: DeskPort, past: PastRun) -> Corpus:
    """The open documents where the run read the same: then their pane shows how it read them."""
    known = [[(one.document.id, one.document.name) for one in c.documents] for c in (desk.corpus, past.corpus)]
    return desk.corpus if known[0] == known[1] and len(desk.corpus) == len(past.corpus) else past.corpus
