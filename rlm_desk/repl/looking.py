"""Helpers that look at the documents without a model. Worker side: standard library only."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from rlm_desk.repl.library import Document, Hit, Library, Part, Piece, Range, Section

AROUND = 160
"""Characters of text a hit shows on either side of what fitted."""


class Hits(list[Hit]):
    """What `search` found: one line each when printed, and how many there were in all."""

    total: int = 0
    """Places that fitted, of which the list holds the first `limit`."""

    def __repr__(self) -> str:
        lines = [f"{position}: {hit!r}" for position, hit in enumerate(self)]
        more = self.total - len(self)
        return "\n".join([*lines, f"({more:,} more)"] if more else lines or ["no hits"])

    __str__ = __repr__


class Sections(list[Section]):
    """An outline: one line each when printed."""

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "no headings"

    __str__ = __repr__


class Looking:
    """`search`, `find_documents`, `folder`, `page`, `pages`, `outline`, `split`, over one library."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def search(self, pattern: "str | Iterable[str]", regex: bool = False, limit: int = 20) -> Hits:
        """Places where a text stands: upper and lower case and the kind of white space do not matter.

        Args:
            pattern: a text; with regex=True a regular expression; or a list of texts, any of which may fit.
            limit: most hits in the list; `.total` counts all.
        """
        hits = Hits()
        found: list[list[Range]] = []
        for term in [pattern] if isinstance(pattern, str) else pattern:
            places = self._places(term, regex)
            found.append(list(islice(places, limit)))
            hits.total += len(found[-1]) + sum(1 for _ in places)
        # Several terms take turns, so that a frequent one does not fill the list.
        turns = dict.fromkeys(place for group in zip_longest(*found) for place in group if place is not None)
        hits += [self._hit(start, end) for start, end in sorted(islice(turns, limit))]
        for hit in hits:
            self._library.reads.add("returned", "search", hit.start, hit.end)
        return hits

    def find_documents(self, text: str) -> list[Document]:
        """Documents whose name or text contains `text`, best first: by name, then by how often it stands there.

        Upper and lower case and the kind of white space do not matter.
        """
        named = re.compile(_loose(text), re.IGNORECASE)
        counts: Counter[int] = Counter()
        for start, _ in self._places(text, regex=False):
            document = self._library.document_at(start)
            if document is not None:
                counts[document.index] += 1
        by_name = {d.index for d in self._library.documents if named.search(d.path) or named.search(d.name)}
        order = sorted(by_name | set(counts), key=lambda index: (index not in by_name, -counts[index], index))
        return [self._library.documents[index] for index in order]

    def folder(self, name: str) -> list[Document]:
        """Documents in a folder, by its name or its path; upper and lower case do not matter."""
        wanted = name.strip().strip("/").casefold()
        return [
            document
            for document in self._library.documents
            if (path := document.folder.casefold()) == wanted or f"/{wanted}/" in f"/{path}/"
        ]

    def page(self, doc: Document, number: "int | str") -> Part:
        """One page of a document, by its number from 1, or by its label."""
        return self.pages(doc, number, number)

    def pages(self, doc: Document, first: "int | str", last: "int | str") -> Part:
        """Pages first to last of a document, both included, in one part."""
        if not isinstance(doc, Document):
            raise TypeError(f"page() wants a Document, for example documents[0], not {type(doc).__name__}")
        start, end = doc.page_range(first)[0], doc.page_range(last)[1]
        self._library.reads.add("returned", "page", start, end)
        return Part(self._library, start, end)

    def outline(self, doc: Document) -> "Sections":
        """A document's headings, each a part that holds all that stands below it; empty where the file names none."""
        if not isinstance(doc, Document):
            raise TypeError(f"outline() wants a Document, for example documents[0], not {type(doc).__name__}")
        sections = Sections()
        for index, (title, level, start) in enumerate(doc.headings):
            below = (at for _, other, at in doc.headings[index + 1 :] if other <= level)
            end = max(next(below, doc.end), start)
            sections.append(Section(self._library, start, end, title, level))
            self._library.reads.add("returned", "outline", start, min(start + len(title), end))
        return sections

    def split(self, text: "str | Piece | Iterable[Piece]", chars: int = 8000) -> list[Part]:
        """Parts of at most `chars` characters, cut where a document, section, page, paragraph or sentence ends if one
        does.

        Args:
            text: a document, a part, several of them, `context`, or any string.
        """
        if chars < 1:
            raise ValueError("chars must be at least 1")
        if not isinstance(text, str | Piece):
            return [part for piece in text for part in self.split(piece, chars)]
        literal = None
        if isinstance(text, Piece) and text.located:
            start, end = text.start, text.end
        else:
            literal = str(text)
            start = 0 if text is self._library.context else self._library.context.find(literal) if literal else -1
            end = start + len(literal)
            if start >= 0:
                literal = None
        if literal is None:
            ranges = _cuts(self._library.context, start, end, chars, self._library.ends(start, end))
            return [Part(self._library, a, b) for a, b in ranges]
        return [Part(self._library, a, b, literal[a:b]) for a, b in _cuts(literal, 0, len(literal), chars)]

    def _places(self, pattern: str, regex: bool) -> Iterator[Range]:
        if not isinstance(pattern, str) or not pattern.strip():
            raise ValueError("search for some text: a string that is not empty")
        compiled = re.compile(pattern if regex else _loose(pattern), re.IGNORECASE)
        # A search for a word is ten times faster than one by an expression that ignores case, so documents without
        # the longest word are passed over.
        word = "" if regex else max(pattern.lower().split(), key=len)
        context = self._library.context
        # Document by document, since a hit in a heading is one in a document's name: find_documents is for those.
        for document in self._library.documents:
            if word not in context[document.start : document.end].lower():
                continue
            for match in compiled.finditer(context, document.start, document.end):
                if match.end() > match.start():
                    yield match.span()

    def _hit(self, start: int, end: int) -> Hit:
        document = self._library.document_at(start)
        low, high = (document.start, document.end) if document else (start, end)
        context = self._library.context
        left, right = max(start - AROUND, low), min(end + AROUND, high)
        if left > low:  # begin and end with whole words
            left = context.find(" ", left, start) + 1 or left
        if right < high:
            right = (context.rfind(" ", end, right) + 1 or right + 1) - 1
        return Hit(self._library, left, right, (start, end))


def _loose(text: str) -> str:
    """A pattern for `text` in which any run of white space fits any other."""
    words = text.split()
    if not words:
        raise ValueError("look for some text: a string that is not empty")
    return r"\s+".join(re.escape(word) for word in words)


_SENTENCE = re.compile(r"[.!?][\"')\]]*\s")


def _cuts(text: str, start: int, end: int, chars: int, ends: Sequence[int] = ()) -> Iterator[Range]:
    """Ranges of at most `chars`, cut as late as possible at the strongest break in their second half.

    `ends`: where sections and pages end, in order.
    """
    while end - start > chars:
        low, high = start + max(chars // 2, 1), start + chars
        cut = text.rfind("\n\n[document ", low, high)
        if cut < 0 and ends:
            last = bisect_right(ends, high) - 1
            cut = ends[last] if last >= 0 and ends[last] > low else -1
        if cut < 0:
            cut = text.rfind("\n\n", low, high)
            cut += 2 if cut >= 0 else 0
        if cut < 0:
            cut = max((match.end() for match in _SENTENCE.finditer(text, low, high)), default=-1)
        if cut < 0:
            cut = max(text.rfind("\n", low, high), text.rfind(" ", low, high)) + 1 or -1
        if cut <= start:
            cut = high
        yield start, cut
        start = cut
    if end > start:
        yield start, end
