"""Which way a question goes: text that fits the window is asked plainly, since recursion only costs there."""

from rlm_desk.completion import Completer
from rlm_desk.corpus import Corpus
from rlm_desk.rlm.dialects.base import Dialect
from rlm_desk.rlm.plain import plain_message, plain_tokens
from rlm_desk.rlm.run import Route

CHARS_PER_TOKEN_AT_MOST = 12
"""A text longer than this times the window cannot fit: it is not counted."""


async def route(completer: Completer, dialect: Dialect, question: str, corpus: Corpus) -> Route:
    """`plain` when the whole corpus, the question and an answer fit one request, else `recursive`."""
    if len(corpus) > CHARS_PER_TOKEN_AT_MOST * completer.window:
        return "recursive"
    tokens = await completer.count((plain_message(dialect, question, corpus),))
    return "plain" if tokens + plain_tokens(dialect) <= completer.window else "recursive"
