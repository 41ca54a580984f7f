"""What a cell asks of the host, and what it leaves behind: plain data, host side."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from rlm_desk.corpus import Span

Op = Literal["llm", "map", "classify", "rlm"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a call is about: text given literally, or characters of the session's corpus."""

    text: str | None
    span: Span | None
    label: str
    """A few words for the tree: a document's title, or how the text begins. Hostile text: clean before showing."""


@dataclass(frozen=True, slots=True)
class Call:
    """A cell's request for sub-calls.

    - ``llm``: one item per prompt; `item.text` is the whole prompt.
    - ``map``, ``classify``: `question` is asked about each item; answers are of `kind`, or one of `labels`.
    - ``rlm``: one child per item, over the documents `documents[i]` of this corpus where that is not empty, else over
      `items[i]`. `question` goes to every child, unless `questions` has one for each.
    """

    op: Op
    question: str
    items: tuple[Item, ...]
    kind: str = "text"
    """``text``, ``number``, ``date`` or ``yes_no``."""
    labels: tuple[str, ...] = ()
    documents: tuple[tuple[int, ...], ...] = ()
    questions: tuple[str, ...] = ()
    """``rlm``: one per child where they differ, else empty."""


Serve = Callable[[Call], Awaitable[list[Any]]]
"""Answers a call: one JSON value per item (per child), None where there is no answer, and an object whose `refused` is
a sentence where the item's prompt was larger than the window: the cell is told, and has None for it. An object whose
`cut` is a text: that reply was ended by its largest length, which the cell is told.

A DeskError it raises is raised in the cell as a QueryError that code can catch; BudgetExceeded as a BudgetError."""


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """Characters a cell has had in its hands without asking a model about them."""

    how: Literal["returned", "scanned"]
    """``returned`` by a helper (a search hit), or ``scanned`` by code that used the raw text."""
    helper: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CellResult:
    """What running one cell led to."""

    output: str
    """What it printed, the value of its last expression, and its error; cut in the middle where it was too long."""
    failed: bool
    seconds: float
    """Its own computing time; waiting for sub-calls does not count."""
    variables: tuple[str, ...]
    """Names the code has defined so far."""
    final: str | None
    """The answer, where the cell called FINAL or FINAL_VAR."""
    reads: tuple[ReadRecord, ...]
    lost: tuple[str, ...] = ()
    """Names whose values a restart of the worker could not bring back."""
