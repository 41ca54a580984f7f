"""Everything the events say about one node, put together on demand."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rlm_desk import events as ev
from rlm_desk.rlm.tree.views import NodeView, Tokens

CorpusText = Callable[[int, int], str]
"""Characters `start` to `end` of the run's corpus."""

Texts = Callable[[ev.Hash], str]
"""The text an event cites."""


@dataclass(frozen=True, slots=True)
class MessageText:
    """A chat message put together again, and the corpus spans it cites."""

    role: str
    text: str
    cites: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Prompt:
    turn: int
    messages: tuple[MessageText, ...]
    shown: tuple[tuple[int, int], ...] = ()
    """Corpus spans that the prompt showed to the model."""


@dataclass(frozen=True, slots=True)
class Reply:
    turn: int
    text: str
    partial: bool
    """Still being written, or cut off by the end of the run."""
    finish: str
    usage: Tokens
    seconds: float
    cached: bool


@dataclass(frozen=True, slots=True)
class Cell:
    number: int
    code: str
    output: str | None
    """None while it runs."""
    failed: bool
    seconds: float
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeDetail:
    """Everything the events say about one node, in the order it happened."""

    view: NodeView
    prompts: tuple[Prompt, ...]
    replies: tuple[Reply, ...]
    cells: tuple[Cell, ...]
    reads: tuple[ev.Read, ...]
    nudges: tuple[ev.Nudged, ...]
    restarts: tuple[str, ...]
    missing: tuple[int, ...]
    answer: str | None


def detail(
    view: NodeView,
    happened: Iterable[ev.Event],
    partial: ev.PartialReply | None,
    engine_restarts: Iterable[str],
    text: Texts,
    corpus_text: CorpusText | None,
) -> NodeDetail:
    """A node's own events as what it was asked, wrote, ran and answered.

    `partial` is the reply that was being written last; `engine_restarts` are the reasons of those it lived through.
    """
    prompts: list[Prompt] = []
    replies: list[Reply] = []
    cells: dict[int, Cell] = {}
    nudges: list[ev.Nudged] = []
    reads: list[ev.Read] = []
    restarts: list[str] = []
    missing: tuple[int, ...] = ()
    answer: str | None = None
    for event in happened:
        match event:
            case ev.Asked():
                prompts.append(
                    Prompt(event.turn, tuple(_message(m, text, corpus_text) for m in event.messages), event.shown)
                )
            case ev.Replied():
                usage = Tokens() + event.usage
                said = text(event.text)
                replies.append(Reply(event.turn, said, False, event.finish, usage, event.seconds, event.cached))
            case ev.CellStarted():
                cells[event.cell] = Cell(event.cell, text(event.code), None, False, 0.0, ())
            case ev.CellFinished():
                code = cells[event.cell].code if event.cell in cells else ""
                output = text(event.output)
                cells[event.cell] = Cell(event.cell, code, output, event.failed, event.seconds, event.variables)
            case ev.Read():
                reads.append(event)
            case ev.Nudged():
                nudges.append(event)
            case ev.Missing():
                missing = event.items
            case ev.ReplRestarted():
                restarts.append(event.reason)
            case ev.Answered():
                answer = text(event.text)
            case _:
                pass
    if partial is not None:
        replies.append(Reply(partial.turn, text(partial.text), True, "", Tokens(), 0.0, False))
    return NodeDetail(
        view=view,
        prompts=tuple(prompts),
        replies=tuple(replies),
        cells=tuple(cells.values()),
        reads=tuple(reads),
        nudges=tuple(nudges),
        restarts=(*restarts, *engine_restarts),
        missing=missing,
        answer=answer,
    )


def _message(message: ev.MessageRef, text: Texts, corpus_text: CorpusText | None) -> MessageText:
    parts: list[str] = []
    cites: list[tuple[int, int]] = []
    for piece in message.pieces:
        if piece.blob is not None:
            parts.append(text(piece.blob))
            continue
        cites.append((piece.start, piece.end))
        if corpus_text is not None:
            parts.append(corpus_text(piece.start, piece.end))
        else:
            parts.append(f"[characters {piece.start:,} to {piece.end:,} of the documents]")
    return MessageText(message.role, "".join(parts), tuple(cites))
