"""The words of a text that is erased, found again in texts that were told it, and blanked there."""

import builtins
import keyword
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from rlm_desk.store.query import fold

MARK = "[erased]"
"""Stands where words were."""
QUOTED = 4
"""So many words in a row are a quotation, however common each is."""
SHORT = 4
"""Letters below which a word says nothing by itself; a character of Chinese, Japanese or Korean counts as two."""
LONG = 6
"""Letters from which a word is found inside another too: with an ending, or as a part of a name in code."""
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|\d+(?:[.,:/-]\d+)+|[^\W{_CJK}]+")
_PYTHON = {fold(word) for word in (*keyword.kwlist, *dir(builtins))}


def words(text: str) -> list[str]:
    """The words of a text, folded; a number or a date is one."""
    return [match.group() for match in _WORD.finditer(fold(text))]


class Erased:
    """What to blank in the texts of one later run.

    That is: a question or an answer as a whole; any four words in a row of them; and every word of them that the run
    can have from nowhere else.
    """

    def __init__(self, question: str, answer: str, own: str, elsewhere: Callable[[str], bool]) -> None:
        """
        Args:
            question: what was asked and is erased.
            answer: what was answered.
            own: the later run's own question. What a person typed there again is that run's.
            elsewhere: whether a word (folded) was to be had without the erased texts.
        """
        typed = words(own)
        known = {*typed, *_PYTHON}
        self._rows: set[tuple[str, ...]] = set()
        for row in (words(question), words(answer), [*words(question), *words(answer)]):
            self._rows |= set(_rows(row))
        self._rows -= set(_rows(typed)) | {
            tuple(typed[i:j]) for i in range(len(typed)) for j in range(i + 1, i + QUOTED)
        }
        self._sizes = sorted({len(row) for row in self._rows}, reverse=True)
        candidates = {word for word in words(f"{question} {answer}") if _weight(word) >= SHORT and word not in known}
        self._alone = {word for word in candidates if not elsewhere(word)}
        self._sorted = sorted(self._alone)
        self._lengths: dict[str, set[int]] = {}
        for word in self._alone:
            if len(word) >= LONG:
                self._lengths.setdefault(word[:LONG], set()).add(len(word))

    def blanked(self, text: str) -> str:
        """The text without the words; the very same object where there are none."""
        folded = fold(text)
        found = [match.span() for match in _WORD.finditer(folded)]
        said = [folded[start:end] for start, end in found]
        # Not folded, since that makes a full stop of the sign for what was left out.
        hit = [self._alone_here(said[n], text[end : end + 1]) for n, (_, end) in enumerate(found)]
        for size in self._sizes:
            for n in range(len(said) - size + 1):
                if tuple(said[n : n + size]) in self._rows:
                    hit[n : n + size] = [True] * size
        return _without(text, found, hit) if any(hit) else text

    def _alone_here(self, word: str, after: str) -> bool:
        if word in self._alone or self._holds(word):
            return True
        # What was cut short (a reply half written, a line shown in part) may end within a word.
        if after not in ("", "…") or len(word) < SHORT:
            return False
        at = bisect_left(self._sorted, word)
        return at < len(self._sorted) and self._sorted[at].startswith(word)

    def _holds(self, word: str) -> bool:
        """Whether one of the long words stands in this one. An answer has thousands of them: by their first letters."""
        for at in range(len(word) - LONG + 1):
            for length in self._lengths.get(word[at : at + LONG], ()):
                if word[at : at + length] in self._alone:
                    return True
        return False


def _rows(said: list[str]) -> Iterator[tuple[str, ...]]:
    if len(said) < QUOTED:
        if sum(map(_weight, said)) >= SHORT:
            yield tuple(said)
        return
    yield from (tuple(said[n : n + QUOTED]) for n in range(len(said) - QUOTED + 1))


def _weight(word: str) -> int:
    return 2 * len(word) if re.match(f"[{_CJK}]", word) else len(word)


def _without(text: str, found: list[tuple[int, int]], hit: Iterable[bool]) -> str:
    pieces: list[str] = []
    at, marked = 0, False
    for (start, end), gone in zip(found, hit, strict=True):
        if gone and not marked:
            pieces += [text[at:start], MARK]
        elif marked and not gone:
            pieces.append(text[at:start])
        if gone or marked:
            at = end if gone else start
        marked = gone
    return "".join([*pieces, text[at:]])
