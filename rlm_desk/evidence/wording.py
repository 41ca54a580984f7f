"""Evidence in words: the same sentences on every face and in every report. Text of documents is not cleaned here."""

from collections.abc import Iterable, Sequence

from rlm_desk.corpus import place
from rlm_desk.evidence.account import Evidence
from rlm_desk.evidence.citations import Source
from rlm_desk.evidence.coverage import Amount, Cell, DocumentCoverage
from rlm_desk.evidence.quotes import Checked

CELLS = {"shown": "█", "returned": "▒", "scanned": "░", "untouched": "·"}
"""A strip in characters; `PARTLY` is a cell of which a model was shown less than all."""
PARTLY = "▄"
LEGEND = "█ shown to a model  ▄ partly  ▒ returned by a helper  ░ scanned by code  · untouched"
NAMED = 5
"""Documents and page ranges named in a line; more are counted."""


def marked(evidence: Evidence) -> str:
    """The answer with the numbers of its sources behind each statement: `The fee is EUR 4,200. [1]`"""
    parts: list[str] = []
    at = 0
    for statement in evidence.statements:
        parts.append(evidence.answer[at : statement.end])
        if statement.sources:
            parts.append(f" {numbers(statement.sources)}")
        at = statement.end
    return "".join([*parts, evidence.answer[at:]])


def numbers(sources: Sequence[int]) -> str:
    """`[1]`, `[1] [2]`, `[3-18]`."""
    return " ".join(f"[{one}]" for one in ranges([str(number) for number in sources]))


def where(source: Source) -> str:
    """`Harbour/Brenvale Logistics.pdf, p. 3`."""
    labels = source.pages
    if not labels:
        return source.name
    first = place(source.page_kind, labels[0])
    return f"{source.name}, {first}" + (f" to {labels[-1]}" if len(labels) > 1 else "")


def verdict(checked: Checked) -> str:
    """`verified in [1]`, `stands elsewhere: b.txt, p. 3`, `names a document: b.txt`, `not found in the documents`."""
    if checked.verdict == "verified":
        return f"verified in [{checked.source}]" if checked.source else "verified"
    if checked.verdict == "elsewhere":
        return f"not in its source; stands elsewhere: {checked.document}, {checked.place}"
    if checked.verdict == "title":
        return f"names a document: {checked.document}"
    if checked.claim.kind == "number":
        return "not found in the documents; it may have been computed"
    return "not found in the documents"


def checks(checked: Sequence[Checked]) -> str:
    """`5 of 6 quotes, names, dates and numbers stand in their source`; empty when there was nothing to check.

    Names of files and folders are not counted: no text need repeat them.
    """
    counted = [one for one in checked if one.verdict != "title"]
    if not counted:
        return ""
    right = sum(1 for one in counted if one.verdict == "verified")
    return f"{right} of {len(counted)} quotes, names, dates and numbers stand in their source"


def amounts(amount: Amount) -> str:
    """`12% of the text shown to a model, 3% returned by helpers, 40% scanned by code, 45% untouched`."""
    whole = max(amount.chars, 1)
    kinds = (
        (amount.shown, "of the text shown to a model"),
        (amount.returned, "returned by helpers"),
        (amount.scanned, "scanned by code"),
        (amount.untouched, "untouched"),
    )
    return ", ".join(f"{percent(chars, whole)} {what}" for chars, what in kinds if chars or what.startswith("of"))


def percent(part: int, whole: int) -> str:
    """`12%`; `under 1%` and `over 99%` are never rounded to none or all."""
    share = 100 * part / max(whole, 1)
    if 0 < share < 1:
        return "under 1%"
    return "over 99%" if 99 < share < 100 else f"{share:.0f}%"


def unread(documents: Iterable[DocumentCoverage]) -> str:
    """`a.pdf: 3-7, 12; b.pdf: all; and 40 more documents`; empty when every page was read."""
    open_ones = [one for one in documents if one.unread]
    named = [f"{one.name}: {pages_unread(one)}" for one in open_ones[:NAMED]]
    more = len(open_ones) - len(named)
    return "; ".join([*named, f"and {more:,} more document{'s' if more > 1 else ''}"] if more else named)


def pages_unread(document: DocumentCoverage, most: int = NAMED) -> str:
    """`3-7, 12`, `all`; empty when a model was shown something of every page."""
    return "all" if document.pages and not document.pages_read else listed(ranges(document.unread), most)


def ranges(labels: Sequence[str]) -> list[str]:
    """Labels that count up joined: `1, 2, 3, 7` as `1-3`, `7`."""
    found: list[list[str]] = []
    for label in labels:
        if found and label.isdecimal() and found[-1][-1].isdecimal() and int(label) == int(found[-1][-1]) + 1:
            found[-1] = [found[-1][0], label]
        else:
            found.append([label])
    return ["-".join(one) for one in found]


def listed(items: Sequence[str], most: int = NAMED) -> str:
    """The first items, and how many more there are."""
    more = len(items) - most
    return ", ".join(items[:most]) + (f" and {more:,} more" if more > 0 else "")


def bar(strip: Iterable[Cell]) -> str:
    """A strip as characters."""
    return "".join(PARTLY if cell.state == "shown" and cell.shown < 1.0 else CELLS[cell.state] for cell in strip)
