"""What a demonstration showed, as the lines that are printed and shown."""

from __future__ import annotations

from dataclasses import dataclass

from rlm_desk.clean import one_line
from rlm_desk.demo.show import Demonstration, ask_plainly, what_fits
from rlm_desk.desk.run import Answer
from rlm_desk.desk.service import AsyncDesk


@dataclass(frozen=True)
class Outcome:
    """The answer by recursion beside the true one and the one of a plain ask."""

    demonstration: Demonstration
    recursive: Answer
    plain: Answer
    fitting: int
    """Documents that fit the window together, which the plain ask was about."""

    @property
    def right(self) -> bool:
        """Whether the answer by recursion is the true one."""
        return self.demonstration.right(self.recursive)

    @property
    def question(self) -> str:
        """The question, as the first line of the summary."""
        return f"question        {self.demonstration.question.text}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The rest of the summary; the last line is `correct` or `wrong`."""
        used = self.recursive.usage
        of = len(self.demonstration.corpus.documents)
        return (
            f"true answer     {self.demonstration.truth}",
            f"by recursion    {shown(self.recursive)}",
            f"asked plainly   {shown(self.plain)}  ({self.fitting} of {of} documents fit its window)",
            f"took            {used.seconds:.1f} s, {used.tokens_read:,} tokens read, "
            f"{used.subcalls:,} sub-call{'' if used.subcalls == 1 else 's'}, depth {used.depth}",
            "correct" if self.right else "wrong",
        )


async def compare(desk: AsyncDesk, demonstration: Demonstration, recursive: Answer) -> Outcome:
    """Set an answer beside what the same model says when it is asked plainly. Raises DeskError."""
    question = demonstration.question.text
    fitting = await what_fits(await desk.machine.engine(desk.model), desk, question)
    return Outcome(demonstration, recursive, await ask_plainly(desk, question, fitting), len(fitting))


def shown(answer: Answer) -> str:
    """An answer on one line, with what stopped the run where something did."""
    text = one_line(answer.text, 300) if answer.text else "no answer"
    return text if answer.complete else f"{text}  ({answer.status.replace('_', ' ')}: {one_line(answer.why, 200)})"
