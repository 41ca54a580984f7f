"""The guided demonstration: what is said at each step, from what has really happened so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rlm_desk.clean import one_line
from rlm_desk.demo.outcome import Outcome, shown
from rlm_desk.demo.show import Demonstration, ask_plainly, what_fits
from rlm_desk.desk.run import Answer
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.rlm.tree import TreeView

Look = Literal["documents", "answer", "tree", "code", "call", "timeline"]
"""What is looked at meanwhile."""
Work = Literal["", "plain", "run"]
"""What a step sets going."""


@dataclass
class Facts:
    """What is known so far."""

    demonstration: Demonstration | None = None
    documents: int = 0
    tokens: int = 0
    """Of the text, to the nearest thousand."""
    window: int = 0
    model: str = ""
    fitting: int = 0
    plain: Answer | None = None
    view: TreeView | None = None
    read: str = ""
    """``read 212 of 3,104 pages``."""
    outcome: Outcome | None = None


Says = Callable[[Facts], str | None]


@dataclass(frozen=True)
class Step:
    """One caption. `says` gives None while it is too early."""

    title: str
    look: Look
    says: Says
    work: Work = ""
    meanwhile: str = ""


class Guide:
    """All steps, and the facts they tell of."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.steps = STEPS

    def says(self, index: int) -> str | None:
        """A step's caption; None while what it tells of has not happened."""
        return self.steps[index].says(self.facts)

    async def opened(self, desk: AsyncDesk, demonstration: Demonstration) -> None:
        """Documents are loaded: learn their size and the model's window."""
        engine = await desk.machine.engine(desk.model)
        estimate = await desk.estimate(demonstration.question.text)
        facts = self.facts
        facts.demonstration, facts.documents = demonstration, len(desk.corpus.documents)
        tokens = len(desk.corpus) / estimate.per_token
        facts.tokens, facts.window, facts.model = int(round(tokens, -3)), engine.window, desk.model.name

    async def ask_plainly(self, desk: AsyncDesk) -> None:
        """Ask the same model without recursion, on as many documents as fit its window. Raises DeskError."""
        assert self.facts.demonstration is not None
        question = self.facts.demonstration.question.text
        fitting = await what_fits(await desk.machine.engine(desk.model), desk, question)
        self.facts.fitting = len(fitting)
        self.facts.plain = await ask_plainly(desk, question, fitting)

    @property
    def plain_lines(self) -> tuple[str, str]:
        """What the plain way gave, and what that is worth. Only after it was asked."""
        facts = self.facts
        assert facts.demonstration is not None and facts.plain is not None
        right = facts.demonstration.right(facts.plain)
        worth = "✓ right, by luck" if right else f"✗ wrong: the true answer is {facts.demonstration.truth}"
        return (
            shown(facts.plain),
            f"{worth}. Asked plainly, of the {facts.fitting:,} of {facts.documents:,} agreements that fit the window.",
        )

    def judge(self, answer: Answer) -> Outcome:
        """Set the answer by recursion beside the plain one."""
        facts = self.facts
        assert facts.demonstration is not None and facts.plain is not None
        facts.outcome = Outcome(facts.demonstration, answer, facts.plain, facts.fitting)
        return facts.outcome


def _corpus(facts: Facts) -> str | None:
    if not facts.documents:
        return None
    times = facts.tokens / max(1, facts.window)
    return (
        f"{facts.documents:,} agreements, invented just now: about {facts.tokens:,} tokens. {facts.model} can hold "
        f"{facts.window:,} tokens at once. The text is {times:,.0f} times longer than that."
    )


def _question(facts: Facts) -> str | None:
    made = facts.demonstration
    return (
        None
        if made is None
        else f"“{made.question.text}” We wrote the agreements, so we know the true answer: {made.truth}."
    )


def _plain(facts: Facts) -> str | None:
    if facts.plain is None or facts.demonstration is None:
        return None
    answer = shown(facts.plain)
    right = facts.demonstration.right(facts.plain)
    how = "right, by luck: it cannot know" if right else f"the true answer is {facts.demonstration.truth}"
    return (
        f"Only {facts.fitting} of {facts.documents:,} agreements fit. Asked about those, it says: {answer} ({how}). "
        "The others it has never seen. We do not cut them off in silence: we count them."
    )


def _recursion(facts: Facts) -> str | None:
    if facts.outcome is None or facts.view is None:
        return None
    used = facts.view.used
    return (
        f"The same model, but it may write Python and call itself on pieces: {used.subcalls:,} sub-calls, "
        f"{used.tokens:,} tokens, {used.seconds:.0f} s. No prompt was longer than its window."
    )


def _code(facts: Facts) -> str | None:
    if facts.outcome is None:
        return None
    return (
        "The first line of the tree is the root. It never sees the agreements: it sees the question, and writes this "
        "code. A locked worker runs it: no files, no network."
    )


def _batch(facts: Facts) -> str | None:
    if facts.outcome is None or facts.view is None:
        return None
    batches = [n for n in facts.view.nodes.values() if n.role == "batch"]
    largest = max(batches, key=lambda n: n.items, default=None)
    if largest is None:
        return "This time the code made no batch of sub-calls."
    return (
        f"Its code asked one short question about each piece. A batch is one line: {largest.items_done:,} of "
        f"{largest.items:,} answered. In all {len(facts.view.nodes):,} nodes, depth {facts.view.used.depth}."
    )


def _call(facts: Facts) -> str | None:
    if facts.outcome is None:
        return None
    return (
        "One sub-call: the question, one agreement, nothing else. The answer is a word or a number, which the code "
        "can count, sort and compare without a mistake."
    )


def _timeline(facts: Facts) -> str | None:
    if facts.outcome is None:
        return None
    return "The same run over time. Each lane is one sub-call at work: the model reads several agreements at once."


def _budget(facts: Facts) -> str | None:
    if facts.outcome is None or facts.view is None:
        return None
    used, limits = facts.view.used, facts.view.limits
    return (
        f"One budget for the whole tree, always in sight below: {used.subcalls:,} of {limits.subcalls:,} sub-calls, "
        f"depth {used.depth} of {limits.depth}, {used.tokens:,} of {limits.tokens:,} tokens. When it runs out, you are "
        "asked."
    )


def _verdict(facts: Facts) -> str | None:
    if facts.outcome is None:
        return None
    outcome = facts.outcome
    right = "✓ correct" if outcome.right else "✗ wrong"
    read = f" It {facts.read}." if facts.read else ""
    return (
        f"Asked plainly: {one_line(shown(outcome.plain), 60)}. By recursion: {one_line(shown(outcome.recursive), 60)}. "
        f"True: {outcome.demonstration.truth}. {right}.{read} Nothing left this machine."
    )


STEPS: tuple[Step, ...] = (
    Step("A pile of documents", "documents", _corpus, meanwhile="Writing and reading the agreements"),
    Step("A question about all of them", "documents", _question),
    Step("The plain way fails", "answer", _plain, "plain", "Asking the model plainly, on what fits its window"),
    Step("By recursion", "tree", _recursion, "run", "Watch the tree: it grows as the model calls itself"),
    Step("The root writes code", "code", _code),
    Step("A batch of sub-calls", "tree", _batch),
    Step("One sub-call", "call", _call),
    Step("Many at once", "timeline", _timeline),
    Step("A budget", "tree", _budget),
    Step("The answer", "answer", _verdict),
)
