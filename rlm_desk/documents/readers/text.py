"""Plain text in any encoding: notes, logs, Markdown, tables, source code."""

import codecs
import re

import charset_normalizer

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble, plain
from rlm_desk.documents.sectioning import sections

SAMPLE = 64 * 1024
"""Bytes the guess at an encoding looks at: it is slow, and more do not make it better."""
CONTROL_SHARE = 0.02
"""More control characters than this, and it is no text."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_COMMON = {"cp1252": 0.1} | dict.fromkeys(
    "cp1250 cp1251 cp1253 cp1254 iso8859_2 koi8_r cp932 euc_jp gb18030 big5 euc_kr mac_roman".split(), 0.08
)
"""How far a detector's score may be worse before a common encoding gives way to a rare one."""
_UNWESTERN = re.compile(
    "[^\x00-\x7f]{3}|[^\x00-\x7f\xa0-\xff\u20ac\u2018-\u201e\u2013\u2014\u2022\u2026\u0152\u0153\u0160\u0161\u017d\u017e\u0178]"
    "|[^\\W\\d_][\xa1-\xb9\xbb-\xbf\xd7\xf7\u201a\u201c-\u201e\u2013\u2014\u2022\u2026\u20ac][^\\W\\d_]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_BINARY = "is not text: it holds binary data"


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """The text of `data`, on pages where it has form feeds, else in sections of lines. Raises Unreadable."""
    if not data.strip(b"\0 \t\r\n\f"):
        raise Unreadable("is empty")
    raw, notes = decode(data)
    text = plain(raw)
    if not text.strip():
        raise Unreadable("is empty")
    if len(_CONTROL.findall(text[: SAMPLE * 4])) > CONTROL_SHARE * min(len(text), SAMPLE * 4):
        raise Unreadable(_BINARY)
    if "\f" in text.strip("\f\n"):
        pages = text.strip("\f").split("\f")
        return assemble([(str(n), page) for n, page in enumerate(pages, 1)], "page", notes)
    return Extracted(text, "lines", sections(text), notes)


def decode(data: bytes) -> tuple[str, list[str]]:
    """Text and notes: by byte order mark, as UTF-8, as UTF-16 without a mark, and then by guessing.

    Raises:
        Unreadable: it is binary data.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if "\0" not in text:
            return text, []
    unmarked = _utf16_without_mark(data)
    if unmarked:
        return data.decode(unmarked, "replace"), []
    if data.count(b"\0") > 2:
        raise Unreadable(_BINARY)
    loose = data.decode("utf-8", "replace")
    wrong = loose.count("\ufffd")
    # A UTF-8 text with a few broken bytes, rather than a text in an 8-bit encoding where every accent breaks.
    if wrong * 20 < sum(1 for c in loose if c > "\x7f"):
        return loose, [f"{wrong} byte(s) are not valid UTF-8 and show as \ufffd."]
    guess = _guess(data[:SAMPLE])
    return data.decode(guess, "replace"), [f"The encoding was guessed: {guess}."]


def _guess(sample: bytes) -> str:
    """The likeliest encoding. The detector rates decodings as equal that differ in how common they are."""
    best, least = "", 9.0
    for match in charset_normalizer.from_bytes(sample):
        for encoding in (match.encoding, *match.could_be_from_charset):
            score = match.chaos - 0.1 * match.coherence - _COMMON.get(encoding, 0.0)
            if score < least:
                best, least = encoding, score
    if not best:
        raise Unreadable(_BINARY)
    return "cp1252" if best not in _COMMON and _western(sample) else best


def _western(sample: bytes) -> bool:
    """Whether it reads as Western Europe writes: words with an accent here and there, no sign inside a word."""
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return not _UNWESTERN.search(text)


def _utf16_without_mark(data: bytes) -> str:
    """An encoding, when zero bytes stand at every other place as they do in Latin text."""
    sample = data[:SAMPLE]
    if len(sample) < 4 or len(data) % 2:
        return ""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if odd > half * 0.6 and even <= half * 0.02:
        return "utf-16-le"
    if even > half * 0.6 and odd <= half * 0.02:
        return "utf-16-be"
    return ""
