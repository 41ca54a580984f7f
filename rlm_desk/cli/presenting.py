"""`rlm-desk demo --present`: the guided demonstration, on a screen or in lines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rlm_desk.config import Settings
    from rlm_desk.demo.guide import Guide, Step
    from rlm_desk.demo.outcome import Outcome
    from rlm_desk.demo.show import Demonstration
    from rlm_desk.desk.run import Answer
    from rlm_desk.desk.service import AsyncDesk
    from rlm_desk.rlm.tree import TreeView


class Presented:
    """A guide as the screen wants it."""

    def __init__(self, guide: Guide) -> None:
        self._guide = guide
        self.prepared: list[Demonstration] = []

    @property
    def steps(self) -> tuple[Step, ...]:
        """All captions."""
        return self._guide.steps

    @property
    def outcome(self) -> Outcome | None:
        """Once there is a verdict."""
        return self._guide.facts.outcome

    def says(self, index: int) -> str | None:
        """A caption; None while it is too early."""
        return self._guide.says(index)

    async def begin(self, desk: AsyncDesk) -> str:
        """Documents are loaded. The question."""
        await self._guide.opened(desk, self.prepared[0])
        return self.prepared[0].question.text

    async def ask_plainly(self, desk: AsyncDesk) -> tuple[str, str]:
        """Ask without recursion: the answer, and the verdict on it. Raises DeskError."""
        await self._guide.ask_plainly(desk)
        return self._guide.plain_lines

    async def judge(self, answer: Answer) -> str:
        """The verdict in lines."""
        outcome = self._guide.judge(answer)
        *lines, last = outcome.lines
        return "\n".join([*lines, "", f"{'✓' if outcome.right else '✗'} {last}"])

    def seen(self, view: TreeView, read: str) -> None:
        """The run as it stands."""
        self._guide.facts.view, self._guide.facts.read = view, read


async def on_screen(chosen: Settings, folder: Path, seed: int, size: int, family: str, auto: bool) -> Outcome | None:
    """None when the person left before there was a verdict. Raises the DeskError that kept it from coming."""
    from rlm_desk.demo import show
    from rlm_desk.demo.desk import DemoDesk
    from rlm_desk.demo.guide import Guide
    from rlm_desk.tui.app import DeskApp
    from rlm_desk.tui.start import Start

    guide = Presented(Guide())

    async def open_desk() -> DemoDesk:
        guide.prepared.append(await show.prepare_aside(folder, seed=seed, tokens=size, family=family))
        return await DemoDesk.open(chosen)

    opening = f"Writing about {size:,} tokens of agreements (seed {seed})"
    start = Start(paths=[folder], opening=opening, consent=False, judging="Comparing the answers")
    app = DeskApp(
        open_desk,
        start,
        title="rlm-desk demo",
        guide=guide,
        auto=auto,
        theme=chosen.theme,
        motion=chosen.motion,
        session=chosen,
    )
    await app.run_async()
    if guide.outcome is None and app.problem is not None:
        raise app.problem  # the screen that told it is gone
    return guide.outcome


async def in_lines(chosen: Settings, folder: Path, seed: int, size: int, family: str) -> Outcome | None:
    """The captions one after another on standard output, the progress of the run on standard error."""
    import typer

    from rlm_desk.cli import asking
    from rlm_desk.cli.progress import PlainProgress
    from rlm_desk.demo import show
    from rlm_desk.demo.desk import DemoDesk
    from rlm_desk.demo.guide import Guide
    from rlm_desk.evidence.coverage import Coverage
    from rlm_desk.rlm.tree import Tree

    guide = Guide()
    asking.say(f"writing about {size:,} tokens of agreements (seed {seed}) to {folder}")
    demonstration = show.prepare(folder, seed=seed, tokens=size, family=family)
    desk = await DemoDesk.open(chosen)
    try:
        await asking.load(desk, [folder])
        await guide.opened(desk, demonstration)
        for number, step in enumerate(guide.steps, 1):
            if step.work == "plain":
                asking.say(step.meanwhile)
                await guide.ask_plainly(desk)
            elif step.work == "run":
                asking.say(step.meanwhile)
                answer = await asking.ask(desk, demonstration.question.text, PlainProgress())
                if answer.status == "cancelled":
                    return None
                tree, coverage = Tree(), Coverage(desk.corpus)
                for recorded in await desk.replay(answer.run):
                    tree.apply(recorded)
                    coverage.add(recorded.event)
                guide.facts.view, guide.facts.read = tree.snapshot(), coverage.headline()
                guide.judge(answer)
            typer.echo(f"{number} of {len(guide.steps)}. {step.title}\n   {guide.says(number - 1)}\n")
    finally:
        await desk.close()
    return guide.facts.outcome
