"""Finding corpus text in free-form prompts, made ready only when a run needs it."""

import asyncio
from typing import TYPE_CHECKING

from rlm_desk.corpus import Corpus, Span

if TYPE_CHECKING:
    from rlm_desk.evidence.attribution import Attributor

FEWEST_WORDS = 5
"""Fewer words leave no trace (see `evidence.attribution.SHINGLE`), so that no index is built for them..."""
FEWEST_CHARACTERS = 40
"""...except in scripts that put no spaces between words."""


class LazyAttribution:
    """Builds the index at the first prompt, off the loop: runs that only use typed helpers never pay for it."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._lock = asyncio.Lock()
        self._index: Attributor | None = None

    async def find(self, text: str, near: int | None = None) -> tuple[Span, ...]:
        """Corpus characters that `text` contains, however it was cut and joined."""
        if len(text.split(maxsplit=FEWEST_WORDS)) < FEWEST_WORDS and len(text) < FEWEST_CHARACTERS:
            return ()
        async with self._lock:
            if self._index is None:
                self._index = await asyncio.to_thread(self._build)
        return self._index.find(text, near)

    def _build(self) -> "Attributor":
        from rlm_desk.evidence.attribution import Attributor

        return Attributor(self._corpus)
