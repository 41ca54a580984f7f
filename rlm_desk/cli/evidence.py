"""An answer on the command line with what it stands on: numbers, sources, checks, coverage, gaps."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import typer

from rlm_desk.clean import clean, one_line
from rlm_desk.corpus import Corpus
from rlm_desk.evidence import wording
from rlm_desk.evidence.account import Evidence
from rlm_desk.evidence.citations import Source

LISTED = 10
"""Sources shown; `runs show --all` and exports have all that are kept."""
STRIPS = 8
"""Documents whose strip is drawn; where there are more, none is."""
CELLS = 40


def show(evidence: Evidence, corpus: Corpus, everything: bool = False) -> None:
    """Answer and evidence, on standard output."""
    if evidence.answer:
        typer.echo(clean(wording.marked(evidence)))
        typer.echo()
    for line in below(evidence, corpus, everything):
        typer.echo(line)


def below(evidence: Evidence, corpus: Corpus, everything: bool = False) -> Iterator[str]:
    """What stands below the answer, cleaned, line by line."""
    yield evidence.sentence
    sources = evidence.sources if everything else evidence.sources[:LISTED]
    for source in sources:
        yield f"[{source.number}] {one_line(wording.where(source), 160)}"
        yield f"    {_passage(source)}"
    if evidence.sources_total > len(sources):
        more = evidence.sources_total - len(sources)
        yield f"    and {more:,} more: rlm-desk runs show {evidence.run} --all"
    yield from _checks(evidence)
    yield f"Coverage: {evidence.headline}; {wording.amounts(evidence.amount)}."
    unread = wording.unread(evidence.documents)
    if unread:
        yield one_line(f"Not read: {unread}", 400)
    if len(corpus.documents) <= STRIPS:
        for one in evidence.documents:
            yield f"  {wording.bar(evidence.strip(corpus, one.index, CELLS))} {one_line(one.name, 60)}"
        yield f"  {wording.LEGEND}"
    for gap in evidence.gaps:
        yield one_line(f"! {gap.text}", 400)


def _checks(evidence: Evidence) -> Iterator[str]:
    summary = wording.checks(evidence.checked)
    if not summary:
        return
    yield f"Checked: {summary}."
    for one in evidence.checked:
        if one.verdict != "verified":
            yield one_line(f"  “{one.claim.text}”: {wording.verdict(one)}", 300)


def _passage(source: Source) -> str:
    """The passage on one line, its marked words standing out: bold on a terminal, «so» elsewhere."""
    before, mark, after = (" ".join(clean(part).split()) for part in source.parts)
    raw_before, _, raw_after = source.parts
    if mark:
        mark = typer.style(mark, bold=True, underline=True) if sys.stdout.isatty() else f"«{mark}»"
    left = " " if before and raw_before[-1:].isspace() else ""
    right = " " if after and raw_after[:1].isspace() else ""
    return f"{before}{left}{mark}{right}{after}"
