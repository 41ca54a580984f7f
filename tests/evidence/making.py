"""A corpus in which a fifth is boilerplate repeated across files, and programs that take pieces of it."""

import random
import textwrap
from collections.abc import Callable, Iterator

from rlm_desk.corpus import Corpus, Document, Page

Range = tuple[int, int]


def document(text: str, name: str = "a.txt", pages: int = 1) -> Document:
    cuts = [len(text) * n // pages for n in range(pages + 1)]
    tiles = tuple(Page(str(n + 1), cuts[n], cuts[n + 1]) for n in range(pages))
    return Document(name, name, "text", "page", text, tiles)


class Files:
    """Random documents of sentences, with passages that occur in many."""

    def __init__(self, seed: int, chars: int) -> None:
        self.random = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.vocabulary = ["".join(self.random.choices(letters, k=self.random.randint(2, 9))) for _ in range(6000)]
        boilerplate = [self._paragraph() for _ in range(40)]
        documents: list[Document] = []
        while chars > 0:
            paragraphs = [
                self.random.choice(boilerplate) if self.random.random() < 0.2 else self._paragraph()
                for _ in range(self.random.randint(10, 80))
            ]
            documents.append(document("\n\n".join(paragraphs), f"{len(documents)}.txt"))
            chars -= len(documents[-1].text)
        self.corpus = Corpus(documents)

    def _paragraph(self) -> str:
        sentences = []
        for _ in range(self.random.randint(2, 7)):
            pool = self.vocabulary[:2000] if self.random.random() < 0.5 else self.vocabulary
            sentences.append(" ".join(self.random.choices(pool, k=self.random.randint(6, 22))).capitalize() + ".")
        return textwrap.fill(" ".join(sentences), self.random.choice([60, 80, 100]))

    def program(self) -> tuple[str, list[Range]]:
        """A prompt as some code would have made it, and the characters of the corpus it took."""
        take = self.random.choice([self._slice, self._paragraphs, self._lines])
        ranges = [one for _ in range(self.random.randint(1, 6)) for one in take()]
        pieces = [self.corpus.text[start:end] for start, end in ranges]
        change = self.random.choice(CHANGES)
        between = self.random.choice(["\n", "\n\n", "\n---\n", "\nItem: "])
        body = between.join(change(piece, n) for n, piece in enumerate(pieces))
        return f"Answer from the text below. What is the fee?\n\n{body}\n\nQuestion: how many of them?", ranges

    def _slice(self) -> Iterator[Range]:
        placed = self.random.choice(self.corpus.documents)
        start = self.random.randint(placed.start, max(placed.start, placed.end - 200))
        yield start, min(placed.end, start + self.random.randint(200, 6000))

    def _paragraphs(self) -> Iterator[Range]:
        placed = self.random.choice(self.corpus.documents)
        paragraphs = placed.document.text.split("\n\n")
        first = self.random.randrange(len(paragraphs))
        start = placed.start + len("\n\n".join([*paragraphs[:first], ""]))
        yield start, start + len("\n\n".join(paragraphs[first : first + self.random.randint(2, 6)]))

    def _lines(self) -> Iterator[Range]:
        placed = self.random.choice(self.corpus.documents)
        word = self.random.choice(self.vocabulary)[:2]
        offset = placed.start
        for line in placed.document.text.split("\n"):
            if word in line and len(line.split()) > 5:
                yield offset, offset + len(line)
            offset += len(line) + 1


CHANGES: list[Callable[[str, int], str]] = [
    lambda piece, n: piece,
    lambda piece, n: "\n".join(line.strip() for line in piece.split("\n") if line.strip()),
    lambda piece, n: "\n".join(f"{n}.{at}: {line}" for at, line in enumerate(piece.split("\n"))),
    lambda piece, n: "\n".join(f"- {line}" for line in piece.split("\n")),
    lambda piece, n: textwrap.fill(piece, 72),
    lambda piece, n: " ".join(piece.split()),
    lambda piece, n: piece.lower(),
    lambda piece, n: f"[{n}] {piece}",
]


def characters(corpus: Corpus, ranges: list[Range]) -> set[int]:
    """Offsets in ranges, white space and headings left out."""
    bodies = [(placed.start, placed.end) for placed in corpus.documents]
    return {
        at
        for start, end in ranges
        for low, high in bodies
        if low < end and start < high
        for at in range(max(start, low), min(end, high))
        if not corpus.text[at].isspace()
    }
