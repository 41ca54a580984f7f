"""A long document, read by all workers together: ranges of pages are handed out, and put together at the end."""

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from rlm_desk.documents.extracted import MOST_TEXT
from rlm_desk.documents.reading import Many

FIRST = 8
"""Pages of the first range, which is small so that there is something to look at soon."""
RANGE = 32
MOST_FAILURES = 24
"""After so many, a range that fails is given up whole: every try is a process started anew."""
LINE_BYTES = 56
"""What a line takes besides its characters."""
MOST_WEIGHT = 2 * MOST_TEXT
Record = list[Any]
DAMAGED: Record = [[], [], [], "damaged"]


@dataclass(frozen=True, slots=True)
class Range:
    """Pages to read; or one scanned page to recognise."""

    first: int
    last: int
    ocr: bool = False


@dataclass(slots=True)
class Pages:
    """The pages of one document: what is read, what is being read, what is left."""

    many: Many
    records: list[Record | None] = field(default_factory=list)
    left: deque[Range] = field(default_factory=deque)
    under_way: int = 0
    failures: int = 0
    """Ranges that ended the worker that read them."""
    recognised: int = 0
    to_recognise: int = 0
    deadline: float = math.inf
    """When reading is given up, in seconds of the monotonic clock. OCR has none: each scan has its own limit."""
    abandoned: bool = False
    weight: int = 0
    """About the bytes that its lines take here."""
    too_much: bool = False
    """Reading was given up, as they took more than a document may."""

    def __post_init__(self) -> None:
        total = self.many.total
        self.records = [None] * total
        self.left = deque([Range(0, min(FIRST, total))])
        self.left.extend(Range(at, min(at + RANGE, total)) for at in range(FIRST, total, RANGE))

    @property
    def done(self) -> int:
        """Pages that are read."""
        return sum(record is not None for record in self.records)

    @property
    def over(self) -> bool:
        """Whether nothing is left to read."""
        return not self.left and not self.under_way

    @property
    def front(self) -> int:
        """How many pages from the first on are read without a gap."""
        return next((at for at, record in enumerate(self.records) if record is None), len(self.records))

    def take(self) -> Range | None:
        """A range to read next; every one that is taken is given back to `put` or `failed`."""
        if self.left and time.monotonic() > self.deadline:
            self.abandoned = True
            self.left.clear()
        if not self.left:
            return None
        self.under_way += 1
        return self.left.popleft()

    def put(self, taken: Range, records: list[Record]) -> None:
        """A range is read."""
        self.under_way -= 1
        self.records[taken.first : taken.last] = records
        self.weight += sum(len(line) + LINE_BYTES for record in records for line in record[0])
        if self.weight > MOST_WEIGHT:
            self.too_much = True
            self.left.clear()
        if taken.ocr:
            self.recognised += 1

    def failed(self, taken: Range) -> None:
        """A range ended its worker: try its halves, so that one bad page costs itself only."""
        self.under_way -= 1
        self.failures += 1
        if taken.ocr:
            self.recognised += 1  # it stays a page without text
        elif taken.last - taken.first == 1:
            self.records[taken.first] = DAMAGED
        elif self.failures > MOST_FAILURES:
            self.records[taken.first : taken.last] = [DAMAGED] * (taken.last - taken.first)
        else:
            middle = (taken.first + taken.last) // 2
            self.left.extendleft((Range(middle, taken.last), Range(taken.first, middle)))

    def recognise(self) -> None:
        """Ask for OCR of every page without a text layer."""
        scanned = [at for at, record in enumerate(self.records) if record is not None and record[3] == "no text layer"]
        self.to_recognise = len(scanned)
        self.deadline = math.inf
        self.left.extend(Range(at, at + 1, ocr=True) for at in scanned)
