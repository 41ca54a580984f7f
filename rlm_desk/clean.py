"""Text for people: that of a document, a model or a worker made safe to show, and counts in words.

A terminal obeys ESC and C1 controls, and bidi controls make text lie about its order. Everything that reaches a
screen, a log or a report passes through `clean` first; what was stored and quoted stays as it was.
"""

import re

# C0 but tab and newline, DEL, C1; bidi embeddings, overrides, isolates and marks; zero-width and line separators
# that terminals disagree about; the BOM; interlinear annotation; tag characters; lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def clean(text: str) -> str:
    """`text` with every unsafe character shown as U+FFFD; newlines and tabs are kept, CR LF becomes LF."""
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str, limit: int = 80) -> str:
    """`text` cleaned, on one line, at most `limit` characters, for labels."""
    short = " ".join(clean(text[: limit * 8]).split())
    return short if len(short) <= limit else short[: limit - 1].rstrip() + "…"


def plural(number: int, one: str, many: str = "") -> str:
    """A count in words: ``1 page``, ``3,104 pages``; `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
