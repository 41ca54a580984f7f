"""Lines and headings, gathered into pages. Worker side: standard library only."""

import re
from dataclasses import replace

from rlm_desk.clean import plural
from rlm_desk.documents.extracted import Extracted, Unreadable, assemble, plain

PAGE_CHARS = 3000
"""Roughly what a printed page holds."""
LABEL = 50
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


def sections(text: str) -> list[tuple[str, int, int]]:
    """Pages of whole lines, about PAGE_CHARS long, labelled by their line numbers; a short text is one page.

    A line longer than three pages is cut, and its parts are labelled `7 (2)`.
    """
    if len(text) <= 2 * PAGE_CHARS:
        return [(_range(1, max(1, text.rstrip("\n").count("\n") + 1)), 0, len(text))]
    pages: list[tuple[str, int, int]] = []
    start = offset = 0
    first = number = 1
    for number, line in enumerate(_lines(text), 1):
        if start < offset and (offset - start >= PAGE_CHARS or len(line) > 3 * PAGE_CHARS):
            pages.append((_range(first, number - 1), start, offset))
            start = offset
        if start == offset:
            first = number
        offset += len(line)
        if len(line) > 3 * PAGE_CHARS:
            cuts = [*range(start, offset, PAGE_CHARS), offset]
            pages += [(f"{number} ({part})", cuts[part - 1], cuts[part]) for part in range(1, len(cuts))]
            start = offset
    if start < offset:
        pages.append((_range(first, number), start, offset))
    return pages


class Outline:
    """A document in the making, whose pages are its sections; without headings, sections of lines."""

    def __init__(self) -> None:
        self._sections: list[tuple[str, list[str]]] = [("Beginning", [])]
        self._levels: list[int] = [0]
        self.notes: list[str] = []
        self.facts: list[tuple[str, str]] = []
        self.hidden = 0
        """Characters that were left out because a reader would not see them."""

    def heading(self, text: str, level: int = 1) -> None:
        """Begin a section."""
        text = " ".join(_INVISIBLE.sub("", text).split())
        if text:
            self._sections.append((text[:LABEL], [text, ""]))
            self._levels.append(max(level, 1))

    def add(self, text: str) -> None:
        """A paragraph, or an empty line."""
        self._sections[-1][1].append(text.strip("\n"))

    def table(self, rows: list[list[str]]) -> None:
        """A table, as Markdown."""
        lines = table_lines(rows)
        if lines:
            self._sections[-1][1].extend(["", *lines, ""])

    def extracted(self) -> Extracted:
        """The document. Raises Unreadable when it is empty."""
        notes = [*self.notes, *hidden_note(self.hidden)]
        filled = [
            (label, "\n".join(lines), level)
            for (label, lines), level in zip(self._sections, self._levels, strict=True)
            if "".join(lines).strip()
        ]
        if len(filled) > 1:
            made = assemble(_numbered([(label, text) for label, text, _ in filled]), "section", notes)
            outline = [
                (text.lstrip("\n").split("\n", 1)[0][:200], level, start)
                for (_, text, level), (_, start, _) in zip(filled, made.pages, strict=True)
                if level
            ]
            return replace(made, outline=outline, facts=self.facts)
        text = plain(filled[0][1]).strip("\n") + "\n" if filled else ""
        if not text.strip():
            raise Unreadable("shows no text: all of it is hidden" if self.hidden else "is empty")
        return Extracted(text, "lines", sections(text), notes, facts=self.facts)


def hidden_note(characters: int) -> list[str]:
    """What is said of text that a document hides from its reader, and that was left out."""
    if not characters:
        return []
    return [f"It hides text from its reader ({plural(characters, 'character')}), which was left out."]


def column_name(number: int) -> str:
    """A column as a spreadsheet names it: 1 is A, 27 is AA."""
    name = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name or "A"


def table_lines(rows: list[list[str]]) -> list[str]:
    """Rows as lines of Markdown, with a rule under the first; empty rows and line breaks in cells are dropped."""
    flat = [[" ".join(cell.split()).replace("|", "/") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in flat if any(row)]
    if len(lines) > 1:
        width = max(len(row) for row in flat)
        lines.insert(1, f"|{'---|' * width}")
    return lines


def _numbered(pages: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Labels made different from one another."""
    seen: dict[str, int] = {}
    found = []
    for label, text in pages:
        seen[label] = seen.get(label, 0) + 1
        found.append((label if seen[label] == 1 else f"{label} ({seen[label]})", text))
    return found


def _lines(text: str) -> list[str]:
    """Lines with their LF; other separators that Python knows stay inside."""
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
