"""The demonstration: a corpus nobody has seen, a question with a known answer, recursion beside a plain ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlm_desk.completion import Completer
from rlm_desk.demo import verdict
from rlm_desk.demo.corpus import DemoCorpus, questions, write
from rlm_desk.demo.questions import FAMILIES, Family, Question
from rlm_desk.desk.run import Answer
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.errors import UsageError
from rlm_desk.events import BudgetLimits
from rlm_desk.rlm import dialects
from rlm_desk.rlm.plain import plain_message, plain_tokens

TOKENS = 200_000
FAMILY: Family = "compare"
"""Asked when no family is named: its tree is deeper than one."""
SMALLEST = 2_000
LARGEST = 20_000_000


@dataclass(frozen=True)
class Demonstration:
    """A corpus on disk and one question about it."""

    corpus: DemoCorpus
    question: Question

    @property
    def truth(self) -> str:
        """The true answer as text."""
        return verdict.said(self.question.truth)

    def right(self, answer: Answer) -> bool:
        """Whether a run's answer is the true one."""
        return answer.complete and verdict.right(answer.text, self.question.truth, self.question.family)


def check(tokens: int, family: str) -> Family:
    """What was asked for, if it can be made.

    Raises:
        UsageError: an unknown family, or a size that cannot be made.
    """
    if family not in FAMILIES:
        raise UsageError(f"There is no family {family}.", f"Choose one of: {', '.join(FAMILIES)}.")
    if not SMALLEST <= tokens <= LARGEST:
        raise UsageError(f"A corpus of {tokens:,} tokens cannot be made.", f"Choose {SMALLEST:,} to {LARGEST:,}.")
    return family


def prepare(folder: Path, *, seed: int, tokens: int = TOKENS, family: str = FAMILY) -> Demonstration:
    """Write the corpus of a seed below `folder` and draw its question.

    Raises:
        UsageError: an unknown family, a size that cannot be made, or too small a corpus for the family.
    """
    family = check(tokens, family)
    corpus = write(folder, seed=seed, tokens=tokens)
    asked = questions(corpus, family, 1, seed=seed)
    if not asked:
        raise UsageError("This corpus is too small for such a question.", "Choose more --tokens or another --family.")
    return Demonstration(corpus, asked[0])


async def prepare_aside(folder: Path, *, seed: int, tokens: int = TOKENS, family: str = FAMILY) -> Demonstration:
    """`prepare` beside the event loop, in a thread of its own that nobody waits for.

    The loop's own threads are waited for when it ends: a person who leaves would wait for a large corpus.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Demonstration] = loop.create_future()

    def tell(made: Demonstration | None, problem: Exception | None) -> None:
        if not done.done():
            if made is not None:
                done.set_result(made)
            elif problem is not None:
                done.set_exception(problem)

    def work() -> None:
        made: Demonstration | None = None
        failure: Exception | None = None
        try:
            made = prepare(folder, seed=seed, tokens=tokens, family=family)
        except Exception as problem:  # raised again where it is awaited
            failure = problem
        if not loop.is_closed():
            loop.call_soon_threadsafe(tell, made, failure)

    threading.Thread(target=work, name="demonstration corpus", daemon=True).start()
    return await done


def budget(documents: int, limits: BudgetLimits) -> BudgetLimits:
    """The person's budget, wide enough to ask about every document twice."""
    return limits.model_copy(update={"subcalls": max(limits.subcalls, 2 * documents + 10)})


async def what_fits(completer: Completer, desk: AsyncDesk, question: str) -> Sequence[int]:
    """Indices of the first documents that fit the window together, for the plain ask."""
    dialect = dialects.get(desk.model.dialect, desk.model.profile)
    chosen: list[int] = []
    for index in range(len(desk.corpus.documents)):
        trial = desk.corpus.select([*chosen, index])
        if await completer.count((plain_message(dialect, question, trial),)) + plain_tokens(dialect) > completer.window:
            break
        chosen.append(index)
    return chosen


async def ask_plainly(desk: AsyncDesk, question: str, documents: Sequence[int] | None = None) -> Answer:
    """What the same model says without recursion, on what fits its window."""
    engine = await desk.machine.engine(desk.model)
    chosen = documents if documents is not None else await what_fits(engine, desk, question)
    run = desk.ask(question, route="plain", documents=chosen)
    try:
        return await run.result()
    except asyncio.CancelledError:
        run.cancel()
        raise


def parse_tokens(text: str) -> int:
    """`200000`, `200k` or `1M`. Raises UsageError."""
    factor = {"k": 1_000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    digits = text[:-1] if factor > 1 else text
    try:
        return int(float(digits.replace(",", "").replace("_", "")) * factor)
    except (ValueError, OverflowError):  # "inf"
        raise UsageError(f"{text!r} is no number of tokens.", "Write 200000, 200k or 1M.") from None


__all__ = ["Demonstration", "ask_plainly", "budget", "check", "parse_tokens", "prepare", "prepare_aside", "what_fits"]
