"""Whether right answers cite the fact: find-one questions over corpora never trained on, through the whole program.

    python -m rlm_desk.evals.evidence [--seeds 9001,9002] [--questions 20] [--tokens 20000]

For every right answer that names a value: does a cited passage hold the fact, in the document that decides the
question, on its page, with at most 3 passages; how long are they; and does every claim marked verified stand there.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rlm_desk.config import Settings, load
from rlm_desk.demo import show, verdict
from rlm_desk.demo.corpus import questions, write
from rlm_desk.demo.questions import Question
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.evidence.account import Evidence
from rlm_desk.evidence.lookup import number_pattern, occurrences, words_pattern

MOST = 3
"""Passages that a find-one answer may cite."""


@dataclass(frozen=True)
class Cited:
    """One right answer."""

    question: str
    fact: bool
    """A cited passage in the right document holds the value, on a page that the source names."""
    passages: int
    lengths: tuple[int, ...]
    false: int
    """Claims marked verified that do not stand in the passage they name."""


async def measure(settings: Settings, seeds: tuple[int, ...], each: int, tokens: int) -> tuple[list[Cited], int]:
    """Ask, and judge the evidence of right answers with a value. Those, and how many were asked."""
    found: list[Cited] = []
    asked = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="rlm-desk-eval-") as place:
            chosen = settings.model_copy(update={"cache": False, "data_dir": Path(place) / "data"})
            corpus = write(Path(place) / "corpus", seed=seed, tokens=tokens)
            desk = await AsyncDesk.open(chosen)
            try:
                await desk.load([corpus.directory])
                limits = show.budget(len(desk.corpus.documents), desk.settings.budget)
                for question in questions(corpus, "find", each, seed=seed):
                    run = desk.ask(question.text, budget=limits, route="recursive")
                    answer = await run.result()
                    asked += 1
                    right = answer.complete and verdict.right(answer.text, question.truth, "find")
                    if right and str(question.truth) != "none":
                        found.append(judge(await desk.evidence(run), question))
                    desk.forget()
            finally:
                await desk.close()
    return found, asked


def judge(evidence: Evidence, question: Question) -> Cited:
    """One answer's evidence against what is known of the corpus."""
    value = str(question.truth)
    pattern = number_pattern(value) if value[:1].isdigit() else words_pattern(value)
    holding = [
        source
        for source in evidence.sources
        if Path(source.name).stem in question.evidence
        and source.pages
        and next(occurrences(pattern, source.passage, 0, len(source.passage)), None)
    ]
    false = 0
    for one in evidence.checked:
        if one.verdict == "verified" and one.span is not None:
            span = evidence.source(one.source).span
            false += not (span.start <= one.span.start and one.span.end <= span.end)
    lengths = tuple(len(source.span) for source in evidence.sources)
    return Cited(question.text, bool(holding), len(evidence.sources), lengths, false)


def table(found: list[Cited], asked: int) -> str:
    """The figures."""
    if not found:
        return f"{asked} asked, no right answer with a value"
    good = sum(one.fact and one.passages <= MOST for one in found)
    lengths = [length for one in found for length in one.lengths]
    lines = [
        f"{asked} asked, {len(found)} right with a value",
        f"cite the fact in its document, on its page, with at most {MOST} passages: {good / len(found):.1%}",
        f"passages: at most {max(one.passages for one in found)}, "
        f"median {statistics.median(lengths or [0]):.0f} characters",
        f"marked verified and not there: {sum(one.false for one in found)}",
    ]
    return "\n".join(lines + [f"  missed: {one.question}" for one in found if not one.fact or one.passages > MOST])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="9001,9002")
    parser.add_argument("--questions", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=20_000)
    chosen = parser.parse_args()
    seeds = tuple(int(seed) for seed in chosen.seeds.split(","))
    print(table(*asyncio.run(measure(load(), seeds, chosen.questions, chosen.tokens))))


if __name__ == "__main__":
    main()
