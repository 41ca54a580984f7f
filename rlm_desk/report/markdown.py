"""A run as Markdown. Text of documents and models is cleaned and escaped: it cannot become markup, links or HTML."""

import re

from rlm_desk.clean import clean
from rlm_desk.evidence import wording
from rlm_desk.report.material import STRIP, Material

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$()+=@-]|:(?=//)|(?<=www)\.)")


def markdown(report: Material) -> str:
    """The whole report."""
    evidence = report.evidence
    parts = [f"# {_line(evidence.question) or 'A run'}", ""]
    if report.label:
        parts += [f"> **{_line(report.label)}**", ""]
    parts += [_text(wording.marked(evidence)), ""] if evidence.answer else []
    parts += [_line(evidence.sentence), ""]
    if evidence.sources:
        parts += ["## Sources", ""]
    for source in evidence.sources:
        before, mark, after = (_line(part) for part in source.parts)
        left = " " if source.parts[0][-1:].isspace() else ""
        right = " " if source.parts[2][:1].isspace() else ""
        middle = f"{left}**{mark}**{right}" if mark else ""
        parts += [f"**[{source.number}]** {_line(wording.where(source))}", "", f"> {before}{middle}{after}", ""]
    if evidence.sources_total > len(evidence.sources):
        parts += [f"{evidence.sources_total - len(evidence.sources):,} more are not listed.", ""]
    if evidence.checked:
        parts += ["## Checked", "", "| in the answer | kind | result |", "|---|---|---|"]
        parts += [
            f"| {_line(one.claim.text)} | {one.claim.kind} | {_line(wording.verdict(one))} |"
            for one in evidence.checked
        ]
        parts.append("")
    parts += ["## Coverage", "", f"{evidence.headline}; {wording.amounts(evidence.amount)}.", ""]
    parts += ["| document | pages read | shown to a model | strip | not read |", "|---|---|---|---|---|"]
    for one in report.documents():
        share = wording.percent(one.amount.shown, one.amount.chars)
        strip = wording.bar(evidence.strip(report.corpus, one.index, STRIP))
        missing = _line(wording.pages_unread(one, 20))
        parts.append(f"| {_line(one.name)} | {one.pages_read} of {len(one.pages)} | {share} | `{strip}` | {missing} |")
    parts += ["", *([report.unlisted, ""] if report.unlisted else []), wording.LEGEND, ""]
    if evidence.gaps:
        parts += ["## Left out", "", *(f"- {_line(gap.text)}" for gap in evidence.gaps), ""]
    parts += ["## How it was found", "", *(f"{'  ' * depth}- {_line(text)}" for depth, text in report.tree()), ""]
    parts += ["## Run", "", *(f"- {name}: {_line(value)}" for name, value in report.facts()), ""]
    return "\n".join(parts)


def _line(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(clean(text).split()))


def _text(text: str) -> str:
    """Several lines, each kept as one; what looks like a list stays one to the eye."""
    return "  \n".join(_line(line) for line in clean(text).splitlines())
