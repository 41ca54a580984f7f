"""The ablation: the same model writes the same programs, but regular expressions answer its sub-calls.

If expressions in a cell could do a sub-call's work, recursion would be decoration; this measures that they cannot.
"""

from collections.abc import Callable

from rlm_desk.completion import Completer, Completion, Message, Request, Usage

MARK = "\n\nQuestion: "
"""Stands between text and question in a sub-call of the small profile."""


class RegexSubcalls:
    """An engine whose sub-calls are answered by `answer(text, question)`; root turns go to the model."""

    def __init__(self, engine: Completer, answer: Callable[[str, str], str]) -> None:
        self._engine = engine
        self._answer = answer

    @property
    def window(self) -> int:
        """The engine's."""
        return self._engine.window

    async def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Completion:
        """A sub-call is one user message with a question behind its text."""
        messages = request.messages
        if len(messages) == 1 and MARK in messages[0].content:
            text, _, question = messages[0].content.rpartition(MARK)
            return Completion(self._answer(text, question), "stop", Usage())
        return await self._engine.complete(request, on_text)

    async def count(self, messages: tuple[Message, ...]) -> int:
        """The engine's count."""
        return await self._engine.count(messages)
