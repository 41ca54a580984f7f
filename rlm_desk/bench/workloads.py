"""The related calls a recursive model makes, as prompts: one preamble, many chunks, short answers. Deterministic."""

import random
from dataclasses import dataclass, replace

from rlm_desk.completion import Completer, Message, Request

_WORDS = (
    "the agreement between supplier and customer signed in March is governed by law of state where delivery of goods "
    "takes place within thirty days notice period payment late order party may end written annual fee amounts to"
).split()


@dataclass(frozen=True, slots=True)
class Workload:
    """A batch of sub-calls, instruction first, then the chunk, then the question. Counts are tokens, about."""

    name: str
    calls: int
    preamble: int
    chunk: int
    answer: int
    """Tokens each reply is to have."""

    def of(self, calls: int) -> "Workload":
        """The same with another number of calls."""
        return replace(self, calls=calls, name=f"{calls} {self.name.partition(' ')[2]}")


SHORT = Workload("64 sub-calls, 600 shared + 400 each, 24-token answers", 64, 600, 400, 24)
LONG = Workload("32 sub-calls, 100 shared + 3,000 each, 24-token answers", 32, 100, 3000, 24)
QUESTIONS = ("What is the notice period?", "By which law is the agreement governed?")


async def requests(engine: Completer, workload: Workload, seed: int = 1, question: int = 0) -> list[Request]:
    """The workload's requests for one model's tokenizer. Another `seed` shares no chunk and no preamble."""
    dice = random.Random(seed)
    preamble = await text(engine, dice, workload.preamble)
    made: list[Request] = []
    for _ in range(workload.calls):
        chunk = await text(engine, dice, workload.chunk)
        content = f"{preamble}\n\n{chunk}\n\n{QUESTIONS[question]}"
        made.append(Request((Message("user", content),), max_tokens=workload.answer, priority=1, prefix=len(preamble)))
    return made


async def text(engine: Completer, dice: random.Random, tokens: int) -> str:
    """Words that take about so many tokens."""
    words = dice.choices(_WORDS, k=tokens)
    measured = await engine.count((Message("user", " ".join(words)),))
    return " ".join(words[: max(1, tokens * tokens // max(1, measured))])
