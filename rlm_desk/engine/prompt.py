"""Messages to tokens: the template's literals with special tokens parsed, contents without, piece by piece.

The tokens of a prompt are the concatenation of the tokens of its pieces, each tokenised alone; whoever trains a model
for the desk tokenises the same way. Pieces are cached, so that a conversation's earlier turns are not tokenised again.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rlm_desk.chat_template import ChatTemplate

Tokens = NDArray[np.int32]
CACHED = 2_000_000
"""Tokens kept in the cache of pieces."""


class PromptBuilder:
    """Renders and tokenises conversations for one model."""

    def __init__(self, template: ChatTemplate, tokenise: Callable[[str, bool], Tokens], bos: int | None) -> None:
        """`tokenise(text, special)` gives the tokens of one piece; `bos` is put first where the model wants it."""
        self._template = template
        self._tokenise = tokenise
        self._bos = bos
        self._cache: OrderedDict[tuple[str, bool], Tokens] = OrderedDict()
        self._cached = 0

    def build(self, messages: Sequence[tuple[str, str]], thinking: bool = False) -> Tokens:
        """Tokens of (role, content) pairs, generation prompt included; with `thinking` the model thinks first.

        Raises:
            TemplateProblem: the model's template refuses this order of roles.
        """
        parts = self._template.parts(tuple((role, not content) for role, content in messages), thinking)
        pieces = [
            self._piece(part, True) if isinstance(part, str) else self._piece(messages[part][1], False)
            for part in parts
        ]
        if self._bos is not None and not (pieces and len(pieces[0]) and pieces[0][0] == self._bos):
            pieces.insert(0, np.array([self._bos], dtype=np.int32))
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int32)

    def _piece(self, text: str, special: bool) -> Tokens:
        key = (text, special)
        known = self._cache.get(key)
        if known is not None:
            self._cache.move_to_end(key)
            return known
        tokens = self._tokenise(text, special)
        self._cache[key] = tokens
        self._cached += len(tokens) + 16
        while self._cached > CACHED and len(self._cache) > 1:
            _, oldest = self._cache.popitem(last=False)
            self._cached -= len(oldest) + 16
        return tokens
