"""Asking plainly: one prompt with all the text in it."""

from typing import Any

from rlm_desk.completion import Message
from rlm_desk.corpus import Corpus, Span
from rlm_desk.rlm.dialects.base import Dialect
from rlm_desk.rlm.gateway import Draft


def plain_tokens(dialect: Dialect) -> int:
    """Tokens a plain answer may take: as many as a root's turn, but for a model that answers in words of the text."""
    return dialect.answer_tokens if dialect.extractive else dialect.reply_tokens


def plain_draft(dialect: Dialect, question: str, corpus: Corpus) -> tuple[Draft, list[Any]]:
    """The one message of a plain ask, laid out like a sub-call, and the corpus characters it shows."""
    layout = dialect.subcall(question, "text", ())
    parts: list[Any] = [layout.before]
    shown = []
    for placed in corpus.documents:
        span = [Span(placed.start, placed.end)] if placed.document.text else []
        shown += span
        if len(parts) > 1:
            parts.append("\n\n")
        parts.append((span[0], placed.document.text) if span else placed.document.text)
    parts.append(layout.after)
    return Draft("user", tuple(parts)), shown


def plain_message(dialect: Dialect, question: str, corpus: Corpus) -> Message:
    """What a plain ask would send: the router measures it."""
    return plain_draft(dialect, question, corpus)[0].message
