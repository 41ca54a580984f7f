"""Whether right answers stand where they say: find-one questions through the whole program, judged from the files.

    python -m tests.bench.citations [--seeds 9601-9604] [--questions 20] [--tokens 20000]

What the program says of its sources is not believed: this opens the file that a source names, a PDF with pypdf and a
text by its lines, takes the page that the source names, and looks there for the passage, and in the passage for the
fact. Every second file is bound anew as a PDF of several pages, so that a page can be wrong. What an answer's checks
call verified is looked up in the same way.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pypdf

from rlm_desk.bench.bars import Bar
from rlm_desk.config import Settings, load
from rlm_desk.demo import show, verdict
from rlm_desk.demo.corpus import DemoCorpus, questions, write
from rlm_desk.demo.questions import Question
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.evidence.account import Evidence
from rlm_desk.evidence.citations import Source
from tests.documents.making import pdf

MOST = 3
"""Passages that a find-one answer may cite."""
LINES = 14
"""Lines of a bound page."""
SPELT = "zero one two three four five six seven eight nine ten eleven twelve".split()


@dataclass(frozen=True)
class Judged:
    """The evidence of one right answer."""

    question: str
    fact: bool
    """A passage that holds it is cited, in the document that decides, and stands in the file on the page it names."""
    lengths: tuple[int, ...]
    """Characters of every passage cited."""
    off_page: int
    """Passages that the file does not have on the page named."""
    verified: int
    unverified: int
    """Quotes, numbers and names of the answer, all of them true."""
    false: int
    """Called verified, and not in the passage named."""

    @property
    def good(self) -> bool:
        return self.fact and not self.off_page and len(self.lengths) <= MOST


def bind(corpus: DemoCorpus) -> DemoCorpus:
    """Every second file that is no PDF as one of several pages."""
    documents = []
    for number, one in enumerate(corpus.documents):
        path = corpus.directory / one.path
        if number % 2 and path.suffix != ".pdf":
            lines = [part for line in path.read_text("utf-8").splitlines() for part in textwrap.wrap(line, 80) or [""]]
            bound = path.with_suffix(".pdf")
            bound.write_bytes(pdf(["\n".join(lines[at : at + LINES]) for at in range(0, len(lines), LINES)]))
            path.unlink()
            path = bound
        documents.append(replace(one, path=path.relative_to(corpus.directory).as_posix()))
    return replace(corpus, documents=tuple(documents))


async def measure(settings: Settings, seeds: tuple[int, ...], each: int, tokens: int) -> tuple[list[Judged], int]:
    """Ask, and judge the evidence of right answers that name a value. Those, and how many were asked."""
    found: list[Judged] = []
    asked = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="rlm-desk-citations-") as place:
            chosen = settings.model_copy(update={"data_dir": Path(place) / "data"})
            corpus = bind(write(Path(place) / "corpus", seed=seed, tokens=tokens))
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
                        found.append(judge(await desk.evidence(run), question, corpus))
                    desk.forget()
            finally:
                await desk.close()
        print(f"seed {seed}: {len(corpus.documents)} documents, {len(found)} right with a value of {asked} asked")
    return found, asked


def judge(evidence: Evidence, question: Question, corpus: DemoCorpus) -> Judged:
    """One answer's evidence against the files."""
    value = str(question.truth)
    fact = any(
        Path(source.name).stem in question.evidence and holds(source.passage, value) for source in evidence.sources
    )
    marks = [one for one in evidence.checked if one.verdict != "title"]
    verified = [one for one in marks if one.verdict == "verified"]
    return Judged(
        question=question.text,
        fact=fact,
        lengths=tuple(len(source.passage) for source in evidence.sources),
        off_page=sum(not on_page(source, corpus) for source in evidence.sources),
        verified=len(verified),
        unverified=len(marks) - len(verified),
        false=sum(not holds(evidence.source(one.source).passage, one.claim.text) for one in verified),
    )


def holds(passage: str, value: str) -> bool:
    """Whether a passage says a value, by other means than the program's: numbers as numbers, or letters."""
    number = re.fullmatch(r"\D*?(\d[\d,]*(?:\.\d+)?)\D*", value)
    if number is None or re.search(r"[A-Za-z]\d|\d[A-Za-z]|-", value):
        return squeezed(value) in squeezed(passage)
    wanted = float(number[1].replace(",", ""))
    said = [float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", passage.replace(",\n", " "))]
    return wanted in said or (wanted < len(SPELT) and SPELT[int(wanted)] in passage.casefold().split())


def on_page(source: Source, corpus: DemoCorpus) -> bool:
    """Whether the file has the passage on the pages that the source names; a passage over two is on both together."""
    path = next(corpus.directory / one.path for one in corpus.documents if one.name == Path(source.name).stem)
    if not source.pages:
        return False
    return squeezed(source.passage) in squeezed("\n".join(_pages(path, source.pages)))


def _pages(path: Path, labels: tuple[str, ...]) -> Iterator[str]:
    if path.suffix == ".pdf":
        reader = pypdf.PdfReader(path)
        yield from (reader.pages[int(label) - 1].extract_text() for label in labels)
        return
    lines = path.read_text("utf-8").split("\n")
    for label in labels:
        first, _, last = label.partition("-")
        yield "\n".join(lines[int(first) - 1 : int(last or first)])


def squeezed(text: str) -> str:
    """Letters and digits, in one case."""
    return re.sub(r"[\W_]+", "", text).casefold()


def table(found: list[Judged], asked: int) -> str:
    """The figures and what they were to be."""
    if not found:
        return f"{asked} asked, no right answer with a value"
    lengths = [length for one in found for length in one.lengths]
    said = sum(one.verified + one.unverified for one in found)
    bars = (
        Bar("cite the fact on its page:", sum(one.good for one in found) / len(found), 0.98, percent=True),
        Bar("passages of an answer at most:", max(len(one.lengths) for one in found), MOST, most=True),
        Bar("median characters of a passage:", statistics.median(lengths or [0]), 300, most=True),
        Bar("passages not on the page named:", sum(one.off_page for one in found), 0, most=True),
        Bar("called verified, and not there:", sum(one.false for one in found), 0, most=True),
        Bar("true claims verified:", sum(one.verified for one in found) / max(said, 1), 0.98, percent=True),
    )
    lines = [f"{asked} asked, {len(found)} right with a value, {said} claims in them"]
    lines += [bar.describe() for bar in bars]
    return "\n".join(lines + [f"  {one}" for one in found if not one.good or one.false or one.unverified])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="9601-9604")
    parser.add_argument("--questions", type=int, default=20, help="for each seed")
    parser.add_argument("--tokens", type=int, default=20_000)
    chosen = parser.parse_args()
    first, _, last = chosen.seeds.partition("-")
    seeds = tuple(range(int(first), int(last or first) + 1))
    print(table(*asyncio.run(measure(load(), seeds, chosen.questions, chosen.tokens))))


if __name__ == "__main__":
    main()
