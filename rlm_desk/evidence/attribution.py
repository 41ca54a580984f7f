"""Which characters of a corpus a prompt contains, however the code that made it joined, numbered or wrapped them.

Every five consecutive words of the corpus are indexed. A prompt's words are looked up; a hit that occurs once in
the corpus fixes a place, and from there the match is followed word by word in both directions, through passages
that occur in many places too. What is left ambiguous is given to the place nearest to where its neighbours in the
prompt came from. Not seen: fewer than five words in a row without matched neighbours, and text whose words were
changed.
"""

import re
from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from rlm_desk.corpus import Corpus, Span
from rlm_desk.evidence import gaps
from rlm_desk.evidence.gaps import Match
from rlm_desk.evidence.intervals import Range, merged
from rlm_desk.evidence.words import Numbers, Words, shingles, words

Hashes = NDArray[np.uint32]
Places = NDArray[np.int64]

SHINGLE = 5
"""Words in a row that count as a trace of the corpus."""
EDGE = 64
"""Characters a match may go on beyond its last whole word."""
CANDIDATES = 2000
"""Places looked at for a passage that occurs in many."""
FAR = 1 << 40
"""Distance, in words, that another document has."""
BLOCK = 64
"""Words compared at once."""
_NO_LETTER = re.compile(r"[\W_]+")


class Attributor:
    """An index over one corpus, built once: about 30 bytes a word."""

    def __init__(self, corpus: Corpus) -> None:
        self._text = corpus.text
        self._document_starts = np.array([placed.start for placed in corpus.documents], np.int64)
        found = words(corpus.text)
        padded: Hashes = np.append(found.hashes.astype(np.uint32), np.zeros(BLOCK, np.uint32))
        self._hashes: Hashes = padded[: len(found)]
        self._blocks = np.lib.stride_tricks.sliding_window_view(padded, BLOCK)  # a view: row n is the words from n on
        self._starts = found.starts.astype(np.int32)
        self._ends = found.ends.astype(np.int32)
        keys = shingles(found.hashes, SHINGLE)
        self._places = np.argsort(keys, kind="stable").astype(np.int32)
        self._keys, first = np.unique(keys[self._places], return_index=True)
        self._first = np.append(first, len(keys)).astype(np.int32)

    def find(self, text: str, near: int | None = None) -> tuple[Span, ...]:
        """The spans of the corpus that `text` contains, sorted and disjoint.

        `near` is an offset of the corpus to prefer when all of the text occurs in several places.
        """
        prompt = words(text)
        if len(prompt) < SHINGLE or not len(self._keys):
            return ()
        hashes: Hashes = prompt.hashes.astype(np.uint32)
        rows = self._look_up(prompt.hashes)
        matches = self._certain(hashes, rows)
        matches = self._ambiguous(hashes, rows, matches, near)

        def same_letters(mine: Range, its: Range) -> bool:
            here = text[int(prompt.starts[mine[0]]) : int(prompt.ends[mine[1] - 1])]
            there = self._text[int(self._starts[its[0]]) : int(self._ends[its[1] - 1])]
            return _letters(here) == _letters(there)

        matches = gaps.resumed(matches, hashes, self._hashes)
        ranges = merged((match.first + match.shift, match.last + match.shift) for match in matches)
        ranges = merged(ranges + gaps.filled(matches, hashes, self._hashes, same_letters))
        spans = [(int(self._starts[first]), int(self._ends[last - 1])) for first, last in ranges]
        starts = {match.first + match.shift for match in matches}
        ends = {match.last + match.shift for match in matches}
        for match in matches:  # between two that meet in the corpus there is nothing to add
            if match.last + match.shift not in starts:
                spans.append(self._edge_after(match, prompt, text))
            if match.first + match.shift not in ends:
                spans.append(self._edge_before(match, prompt, text))
        return tuple(Span(start, end) for start, end in merged(spans))

    def _look_up(self, hashes: Numbers) -> Places:
        """For every place in the prompt the row of `_keys` that holds its words, or -1."""
        wanted = shingles(hashes, SHINGLE)
        rows = self._keys.searchsorted(wanted)
        rows[rows == len(self._keys)] = 0
        return np.where(self._keys[rows] == wanted, rows, -1)

    def _certain(self, hashes: Hashes, rows: Places) -> list[Match]:
        """Matches around words that occur once in the corpus, in prompt order, disjoint."""
        at = np.flatnonzero(rows >= 0)
        at = at[self._first[rows[at] + 1] - self._first[rows[at]] == 1]
        shifts = self._places[self._first[rows[at]]] - at
        matches: list[Match] = []
        for head in np.flatnonzero(np.append(True, shifts[1:] != shifts[:-1])[: len(at)]).tolist():
            floor = matches[-1].last if matches else 0
            start, shift = max(int(at[head]), floor), int(shifts[head])
            if matches and start == floor and matches[-1].shift == shift:
                continue
            last = self._forward(hashes, start, len(hashes), shift)
            if last > start:
                matches.append(Match(self._backward(hashes, start, floor, shift), last, shift))
        return matches

    def _ambiguous(self, hashes: Hashes, rows: Places, certain: list[Match], near: int | None) -> list[Match]:
        """The certain matches, and between them those whose words occur in several places."""
        hits: list[int] = np.flatnonzero(rows >= 0).tolist()
        matches: list[Match] = []
        floor = 0
        for following in (*certain, None):
            ceiling = following.first if following else len(hashes)
            while ceiling - floor >= SHINGLE:
                index = bisect_left(hits, floor)
                if index == len(hits) or hits[index] + SHINGLE > ceiling:
                    break
                start = hits[index]
                anchors = self._anchors(matches[-1] if matches else None, following, near)
                shift = self._choose(hashes, start, ceiling, int(rows[start]), anchors) - start
                first = self._backward(hashes, start, floor, shift)
                floor = self._forward(hashes, start, ceiling, shift)
                matches.append(Match(first, floor, shift))
            if following:
                matches.append(following)
                floor = following.last
        return matches

    def _anchors(self, before: Match | None, after: Match | None, near: int | None) -> list[int]:
        """The words of the corpus near which an ambiguous passage should lie: where its neighbours came from."""
        anchors = [before.last + before.shift] if before else []
        anchors += [after.first + after.shift] if after else []
        if not anchors and near is not None:
            anchors.append(int(self._starts.searchsorted(np.int32(near))))
        return anchors

    def _choose(self, hashes: Hashes, start: int, ceiling: int, row: int, anchors: list[int]) -> int:
        """Of all places that hold the words at `start`: those that go on longest, and of them the nearest."""
        places: Places = self._places[self._first[row] : self._first[row + 1]].astype(np.int64)
        if len(places) > CANDIDATES:
            middles = [int(places.searchsorted(anchor)) for anchor in anchors] or [0]
            room = CANDIDATES // len(middles)
            lows = [min(max(middle - room // 2, 0), len(places) - room) for middle in middles]
            places = np.unique(np.concatenate([places[low : low + room] for low in lows]))
        length = SHINGLE
        while len(places) > 1 and start + length < ceiling:
            wanted = hashes[start + length : min(start + length + BLOCK, ceiling)]
            same = self._blocks[places + length, : len(wanted)] == wanted
            reach = same.argmin(axis=1)  # the first word that differs; 0 where none does, too
            reach[same[np.arange(len(same)), reach]] = len(wanted)
            furthest = int(reach.max())
            places = places[reach == furthest]
            if furthest < len(wanted):
                break
            length += len(wanted)
        if not anchors or len(places) == 1:
            return int(places[0])
        homes = self._documents(np.append(places, anchors))
        best = (FAR * 2, int(places[0]))
        for anchor, home in zip(anchors, homes[len(places) :], strict=True):
            distances = np.abs(places - anchor) + np.where(homes[: len(places)] == home, 0, FAR)
            index = int(distances.argmin())
            best = min(best, (int(distances[index]), int(places[index])))
        return best[1]

    def _documents(self, words: Places) -> Places:
        """Which document each word lies in."""
        return self._document_starts.searchsorted(self._starts[np.minimum(words, len(self._starts) - 1)], "right")

    def _forward(self, hashes: Hashes, start: int, ceiling: int, shift: int) -> int:
        """Where the words from `start` on stop being those of the corpus."""
        ceiling = min(ceiling, len(self._hashes) - shift)
        step = BLOCK
        while start < ceiling:
            end = min(start + step, ceiling)
            same = hashes[start:end] == self._hashes[start + shift : end + shift]
            other = int(same.argmin())  # the first word that differs; 0 where none does, too
            if not same[other]:
                return start + other
            start, step = end, step * 4
        return start

    def _backward(self, hashes: Hashes, start: int, floor: int, shift: int) -> int:
        """Where the words that lead up to `start` begin to be those of the corpus."""
        floor = max(floor, -shift)
        step = BLOCK
        while start > floor:
            begin = max(start - step, floor)
            same = hashes[begin:start] == self._hashes[begin + shift : start + shift]
            other = int(same[::-1].argmin())
            if not same[-1 - other]:
                return start - other
            start, step = begin, step * 4
        return start

    def _edge_after(self, match: Match, prompt: Words, text: str) -> Range:
        """What belongs to a match beyond its last whole word: punctuation, and a word that was cut in two."""
        here, there = int(prompt.ends[match.last - 1]), int(self._ends[match.last + match.shift - 1])
        return there - 1, there + gaps.common(text[here : here + EDGE], self._text[there : there + EDGE])

    def _edge_before(self, match: Match, prompt: Words, text: str) -> Range:
        """The same before its first word."""
        here, there = int(prompt.starts[match.first]), int(self._starts[match.first + match.shift])
        mine, its = text[max(0, here - EDGE) : here], self._text[max(0, there - EDGE) : there]
        return there - gaps.common(mine[::-1], its[::-1]), there + 1


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text).lower()
