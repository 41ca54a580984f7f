"""From tokens' bytes to text: UTF-8 that is never cut inside a character, and stop strings that never leak out."""

import codecs


class TextOut:
    """The text of one reply as it grows.

    A tail that could be the beginning of a stop string is held back until it is clear; a character whose bytes come in
    several tokens appears when it is whole. Bytes that are no UTF-8 become U+FFFD.
    """

    def __init__(self, stop: tuple[str, ...] = ()) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(s for s in stop if s)
        self._longest = max((len(s) for s in self._stop), default=0)
        self._held = ""
        self._out: list[str] = []
        self.stopped = False
        """A stop string was met: nothing follows, and it is not part of the text."""

    def feed(self, piece: bytes) -> str:
        """Take one token's bytes; return the text that is now certain (perhaps empty)."""
        return "" if self.stopped else self._take(self._decoder.decode(piece), final=False)

    def finish(self) -> str:
        """No more tokens: return what was held back."""
        return "" if self.stopped else self._take(self._decoder.decode(b"", final=True), final=True)

    @property
    def text(self) -> str:
        """Everything returned so far."""
        if len(self._out) > 1:
            self._out = ["".join(self._out)]
        return self._out[0] if self._out else ""

    def _take(self, new: str, final: bool) -> str:
        self._held += new
        if not self._stop:
            certain, self._held = self._held, ""
        else:
            found = min((at for at in (self._held.find(s) for s in self._stop) if at >= 0), default=-1)
            if found >= 0:
                self.stopped = True
                certain, self._held = self._held[:found], ""
            else:
                keep = 0 if final else self._could_begin()
                cut = len(self._held) - keep
                certain, self._held = self._held[:cut], self._held[cut:]
        if certain:
            self._out.append(certain)
        return certain

    def _could_begin(self) -> int:
        """Length of the longest tail that begins a stop string."""
        for length in range(min(self._longest - 1, len(self._held)), 0, -1):
            tail = self._held[-length:]
            if any(s.startswith(tail) for s in self._stop):
                return length
        return 0
