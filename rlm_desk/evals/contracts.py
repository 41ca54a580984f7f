"""The contract questions: recursion beside a plain ask and beside the ablation, on corpora never trained on.

Every figure comes from the whole way: files on disk, the extraction worker, the loop, the REPL worker, the engine.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from rlm_desk.config import Settings
from rlm_desk.demo import ablation, show, verdict
from rlm_desk.demo.corpus import DemoCorpus, questions, write
from rlm_desk.demo.questions import FAMILIES, Question
from rlm_desk.desk.run import Answer
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.evals.ablation import RegexSubcalls

Say = Callable[[str], None]


@dataclass(frozen=True)
class Row:
    """One question asked in one way."""

    way: str
    """``recursive``, ``plain`` (what fits the window), ``plain_fits`` (the evidence alone, find only), ``ablation``."""
    family: str
    seed: int
    question: str
    truth: str
    answer: str
    right: bool
    score: float
    """See `demo.verdict.score`."""
    depth: int
    subcalls: int
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What to ask."""

    tokens: int
    seeds: tuple[int, ...]
    per_family: int
    """Questions of each family for each corpus."""
    families: tuple[str, ...] = FAMILIES
    plain: bool = True
    ablation: bool = True
    reuse: bool = False
    """Answer a sub-call that an earlier question of the same corpus made from the store: decoding is greedy, so answers
    stay the same; tokens and seconds do not."""


async def evaluate(settings: Settings, plan: Plan, say: Say) -> list[Row]:
    """Ask everything in the plan, each corpus in a store of its own, so that every answer is computed here."""
    rows: list[Row] = []
    for seed in plan.seeds:
        with tempfile.TemporaryDirectory(prefix="rlm-desk-eval-") as place:
            chosen = settings.model_copy(update={"cache": plan.reuse, "data_dir": Path(place) / "data"})
            corpus = write(Path(place) / "corpus", seed=seed, tokens=plan.tokens)
            desk = await AsyncDesk.open(chosen)
            try:
                await desk.load([corpus.directory])
                say(f"seed {seed}: {len(desk.corpus.documents)} documents, {len(desk.corpus):,} characters")
                for family in plan.families:
                    for question in questions(corpus, family, plan.per_family, seed=seed):  # type: ignore[arg-type]
                        for row in await _ask_all_ways(desk, corpus, question, plan):
                            rows.append(row)
                            mark = (
                                "right"
                                if row.right
                                else f"WRONG, score {row.score:.3f} ({row.answer[:60]!r}, true {row.truth[:60]!r})"
                            )
                            say(f"  {row.way:<10} {family:<8} {mark}  {row.seconds:.1f} s  {question.text}")
            finally:
                await desk.close()
    return rows


async def _ask_all_ways(desk: AsyncDesk, corpus: DemoCorpus, question: Question, plan: Plan) -> list[Row]:
    limits = show.budget(len(desk.corpus.documents), desk.settings.budget)
    rows = []
    answer = await desk.ask(question.text, budget=limits, route="recursive").result()
    rows.append(_row("recursive", corpus, question, answer))
    if plan.plain:
        rows.append(_row("plain", corpus, question, await show.ask_plainly(desk, question.text)))
    if plan.plain and question.family == "find":
        names = {placed.document.title: index for index, placed in enumerate(desk.corpus.documents)}
        evidence = [names[name] for name in question.evidence]
        rows.append(_row("plain_fits", corpus, question, await show.ask_plainly(desk, question.text, evidence)))
    if plan.ablation:
        desk.wrap = lambda engine: RegexSubcalls(engine, ablation.answer)
        try:
            answer = await desk.ask(question.text, budget=limits, route="recursive").result()
        finally:
            desk.wrap = None
        rows.append(_row("ablation", corpus, question, answer))
    desk.forget()
    return rows


def _row(way: str, corpus: DemoCorpus, question: Question, answer: Answer) -> Row:
    score = verdict.score(answer.text, question.truth, question.family) if answer.complete else 0.0
    used = answer.usage
    return Row(
        way=way,
        family=question.family,
        seed=corpus.seed,
        question=question.text,
        truth=verdict.said(question.truth),
        answer=answer.text if answer.complete else f"[{answer.status}] {answer.why}",
        right=score == 1.0,
        score=score,
        depth=used.depth,
        subcalls=used.subcalls,
        tokens=used.tokens_read,
        seconds=used.seconds,
    )


def summary(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Per way and family: how many, share right, mean score, share at depth 2 or more, mean tokens and seconds."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.way, row.family].append(row)
    return [
        {
            "way": way,
            "family": family,
            "n": len(found),
            "right": mean(row.right for row in found),
            "score": mean(row.score for row in found),
            "deep": mean(row.depth >= 2 for row in found),
            "tokens": mean(row.tokens for row in found),
            "seconds": mean(row.seconds for row in found),
        }
        for (way, family), found in groups.items()
    ]


def table(rows: Iterable[Row]) -> str:
    """The summary as aligned text."""
    lines = [f"{'way':<10} {'family':<8} {'n':>4} {'right':>7} {'score':>7} {'deep':>6} {'tokens':>10} {'seconds':>8}"]
    lines += [
        f"{one['way']:<10} {one['family']:<8} {one['n']:>4} {one['right']:>7.1%} {one['score']:>7.3f} "
        f"{one['deep']:>6.0%} {one['tokens']:>10,.0f} {one['seconds']:>8.1f}"
        for one in summary(rows)
    ]
    return "\n".join(lines)


def as_json(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Every row as plain data."""
    return [asdict(row) for row in rows]
