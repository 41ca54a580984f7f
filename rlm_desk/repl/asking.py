"""Helpers that ask a model, through the host. Worker side: standard library only.

Pieces of the context travel as offsets; only text that code made up travels as text. A batch is one frame, which the
host serves concurrently.
"""

import builtins
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from rlm_desk.repl.library import Document, Library, Piece

KINDS = ("text", "number", "date", "yes_no")
MOST_TEXT, MOST_WORDS = 60_000_000, 400_000
"""Bytes of the items' own text, and characters of questions and labels, in one frame: the host takes little more."""
BATCH = 4000
"""Items in one frame; more are sent one frame after another."""
LABEL = 60
SHOWN = 5
"""Items that were too large, named in the cell's output."""

Exchange = Callable[[dict[str, Any], bytes], list[Any]]
"""Sends a call and returns its values; raises QueryError."""


class QueryError(Exception):
    """A sub-call could not be answered; the sentence says why. Cells may catch it."""


class BudgetError(QueryError):
    """The run's budget is used up: finish with what there is."""


class Answers(list[Any]):
    """One answer per item, None where there is none. Long ones print as a count; index or loop to see them."""

    def __repr__(self) -> str:
        if len(self) <= 5:
            return super().__repr__()
        none = sum(1 for answer in self if answer is None)
        return f"{len(self)} answers: {len(self) - none} given, {none} none"


class Asking:
    """`llm_query`, `map`, `classify`, `rlm_query` and their batched forms."""

    def __init__(self, library: Library, exchange: Exchange) -> None:
        self._library = library
        self._exchange = exchange

    def llm_query(self, prompt: object, *more: object) -> str:
        """Ask the model one question and return its reply. Put all it needs into the prompt: it sees nothing else."""
        return self.llm_query_batched(["\n\n".join([_plain(prompt), *builtins.map(_plain, more)])])[0]

    def llm_query_batched(self, prompts: Iterable[object]) -> list[str]:
        """Ask several independent questions at once; replies in the order of the prompts."""
        if isinstance(prompts, str):
            raise TypeError("llm_query_batched() wants a list of prompts; for one prompt use llm_query()")
        items = [_Literal(_plain(prompt)) for prompt in prompts]
        return [_reply(value) for value in self._ask("llm", "", items)]

    def map(self, items: Any, question: Any = None, kind: str = "text", *more: Any) -> Any:
        """Ask one question about every item: `map(documents, "What is the yearly fee?", kind="number")`.

        Args:
            items: documents, parts, hits or strings.
            question: what to ask about each.
            kind: "text", "number", "date" or "yes_no": what an answer is.

        Returns one answer per item, None where the item does not say. With a function first it is Python's own `map`.
        """
        if callable(items):
            return builtins.map(items, *(rest for rest in (question, *(() if kind == "text" else (kind,)), *more)))
        if isinstance(items, str) and question is not None and not isinstance(question, str):
            items, question = question, items
        if not isinstance(question, str) or not question.strip():
            raise TypeError(
                'map() wants items and a question: map(documents, "What is the yearly fee?", kind="number")'
            )
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
        return Answers(self._ask("map", question, _listed(items), kind=kind))

    def classify(self, items: Any, labels: Sequence[str], question: str = "") -> Answers:
        """Give every item one of the labels; None where none fits."""
        named = [str(label) for label in labels]
        if isinstance(labels, str) or len(named) < 2:
            raise ValueError('classify() wants at least two labels: classify(documents, ["monthly", "yearly"])')
        return Answers(self._ask("classify", question, _listed(items), labels=named))

    def rlm_query(self, question: str, part: Any = None) -> str:
        """Give a whole question to a child that works like you do, over a part of the documents (or all of them).

        Args:
            question: what the child is to find out.
            part: a document, a list of documents, a part, a hit or a string.
        """
        return self.rlm_query_batched(question, [list(self._library.documents) if part is None else part])[0]

    def rlm_query_batched(self, questions: "str | Sequence[str]", parts: Iterable[Any]) -> list[str]:
        """Give one question to several children, each with its part; or each its own question. Answers in order."""
        chosen = list(parts)
        each = [questions] * len(chosen) if isinstance(questions, str) else [str(question) for question in questions]
        if len(each) != len(chosen):
            raise ValueError(f"{len(each)} questions for {len(chosen)} parts")
        items: list[Any] = []
        documents: list[list[int]] = []
        for part in chosen:
            several = not isinstance(part, str | Piece) and list(part)
            if several and all(isinstance(one, Document) for one in several):
                documents.append(list(dict.fromkeys(one.index for one in several)))  # hits share documents
                items.append(_Literal("", _label_of(several)))
            elif isinstance(part, Document):
                documents.append([part.index])
                items.append(part)
            else:
                documents.append([])
                items.append("\n\n".join(builtins.map(_plain, several)) if several else part)
        same = len(set(each)) <= 1
        values = self._ask("rlm", each[0] if each else "", items, documents=documents, questions=[] if same else each)
        return [_reply(value) for value in values]

    def _ask(self, op: str, question: str, items: list[Any], **fields: Any) -> list[Any]:
        """Send a call, in batches, and return one value per item."""
        words = [question, *fields.get("labels", ()), *fields.get("questions", ())]
        if sum(builtins.map(len, words)) > MOST_WORDS:
            raise QueryError(f"The question is longer than {MOST_WORDS:,} characters: give the text as an item.")
        values: list[Any] = []
        for first in range(0, len(items), BATCH):
            batch = items[first : first + BATCH]
            table: list[list[Any]] = []
            body: list[bytes] = []
            for item in batch:
                span, text, label = self._placed(item)
                raw = text.encode("utf-8", "surrogatepass")
                table.append([*span, label] if span else [len(raw), label])
                body.append(raw)
            if sum(builtins.map(len, body)) > MOST_TEXT:
                raise QueryError(f"More than {MOST_TEXT:,} bytes of text in one call: ask about parts, from split().")
            per_item = {
                name: value[first : first + BATCH] if name in ("documents", "questions") else value
                for name, value in fields.items()
            }
            got = self._exchange({"op": op, "question": question, "items": table, **per_item}, b"".join(body))
            if len(got) != len(batch):
                raise QueryError(f"{len(got)} answers came for {len(batch)} items.")
            values += got
        return _told(values, items, self._placed)

    def _placed(self, item: Any) -> tuple[list[int] | None, str, str]:
        """(offsets or None, literal text, label) of an item."""
        if isinstance(item, Piece) and item.located:
            document = item.document
            label = document.name if document else "text"
            page = "" if isinstance(item, Document) or not document else f" p. {item.page}"
            return [item.start, item.end], "", (label + page)[:LABEL]
        if item is self._library.context:
            return [0, len(self._library.context)], "", "context"
        if isinstance(item, _Literal):
            return None, item.text, item.label
        text = _plain(item)
        return None, text, " ".join(text[: LABEL * 2].split())[:LABEL]


class _Literal:
    """A text of the code's own, with its label."""

    def __init__(self, text: str, label: str | None = None) -> None:
        self.text = text
        self.label = label if label is not None else " ".join(text[: LABEL * 2].split())[:LABEL]


def _told(values: list[Any], items: list[Any], placed: Callable[[Any], tuple[Any, str, str]]) -> list[Any]:
    """Values, with None for items that were too large; those, and replies that were cut off, are printed."""
    refused = [at for at, value in enumerate(values) if isinstance(value, dict) and "refused" in value]
    if refused:
        print(f"Not answered, being too large: {len(refused)} of {len(values)} items. Split them and ask again:")
        for at in refused[:SHOWN]:
            print(f"- item {at} ({placed(items[at])[2]}): {values[at]['refused']}")
        if len(refused) > SHOWN:
            print(f"- and {len(refused) - SHOWN} more")
    cut = [at for at, value in enumerate(values) if isinstance(value, dict) and "cut" in value]
    if cut:
        shown = ", ".join(builtins.map(str, cut[:SHOWN])) + (", ..." if len(cut) > SHOWN else "")
        print(f"Cut off, being too long: {len(cut)} of {len(values)} replies (items {shown}). Ask for shorter ones.")
    return [value.get("cut") if isinstance(value, dict) else value for value in values]


def _listed(items: Any) -> list[Any]:
    """Items as a list; a single piece or string is a list of one."""
    return [items] if isinstance(items, str | Piece) else list(items)


def _plain(value: object) -> str:
    """The text of what was given where a text is wanted."""
    return value.text if isinstance(value, Piece) else str(value)


def _label_of(documents: list[Any]) -> str:
    first = cast(Document, documents[0]).name
    return (first if len(documents) == 1 else f"{len(documents)} documents: {first}, …")[:LABEL]


def _reply(value: Any) -> str:
    return "" if value is None else str(value)
