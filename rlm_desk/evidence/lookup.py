"""Finding in a text what an answer says: letter for letter, then forgiving line breaks, hyphens and number formats.

A pattern never crosses from one number into another, and never matches part of a word or a longer number.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from rlm_desk.corpus import Span

LONGEST = 2000
"""Characters of the longest text looked up loosely; a longer one must be there letter for letter."""

_BREAKS = r"[\s\u00ad\u200b‐‑‒–—-]*"
BREAK = re.compile(r"[\s\u00ad\u200b‐‑‒–—-]+")
"""What may stand inside a quotation or a name without changing it: white space, hyphens, soft hyphens."""
_UNSIGNED = r"(?<![\s(\[][-−–])(?<!^[-−–])"
"""Not behind a minus sign: a dash that touches the number and follows a blank, a bracket or nothing."""
_UNSIGNED_SUM = r"(?<![\s(\[][-−–][$€£¥])(?<!^[-−–][$€£¥])"
_SAME = {"'": "['’‘ʼ]", "’": "['’‘ʼ]", '"': '["“”„«»]', "“": '["“”„«»]', "”": '["“”„«»]'}
_MONTHS = "January February March April May June July August September October November December".split()
SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
"""Words that make another number of the one before them, and the zeros they stand for."""
_SCALED = rf"[\s-]+(?i:{'|'.join(SCALES)})\b"
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
UNITS = (
    ("€", "EUR", "euros", "euro"),
    ("$", "US$", "USD", "dollars", "dollar"),
    ("£", "GBP", "pounds", "pound"),
    ("¥", "JPY", "yen"),
    ("%", "percent", "per cent"),
    *((f"{unit}s", unit) for unit in "day week month year hour minute second page employee unit".split()),
    ("km", "kilometres", "kilometers"),
    ("kg", "kilograms"),
    ("m", "metres", "meters"),
)
"""Units by what they mean; any of a row stands for the others."""


def words_pattern(text: str) -> str:
    """A pattern for a quotation or a name."""
    if len(text) > LONGEST or not BREAK.sub("", text):
        return re.escape(text)
    parts: list[str] = []
    before, gap = "", ""
    for character in text.strip():
        if BREAK.fullmatch(character):
            gap += character
            continue
        if before.isdigit() and character.isdigit():  # "4\n200" is not 4200, and "4 200" is not either
            parts.append(_BREAKS[:-1] + "+" if gap else "")
        elif before or gap:
            parts.append(_BREAKS)
        if character.isdigit() and not before.isdigit():
            signed = gap[-1:] in ("-", "–") and (not before or before in "([" or gap[:-1].strip() != gap[:-1])
            parts.append("(?<=[-–])" if signed else _UNSIGNED)
        parts.append(_SAME.get(character, re.escape(character)))
        before, gap = character, ""
    return _bounded("".join(parts), BREAK.sub("", text))


def number_pattern(number: str, unit: str = "", scale: str = "") -> str:
    """A pattern for a number, with a unit of the same meaning beside it when one is given.

    `scale` is a word of SCALES behind the number: `4 million` is `4,000,000` too, and `4` is neither.
    """
    bare = re.sub("[,'’\u00a0\u202f]", "", number)
    whole, _, fraction = bare.partition(".")
    fraction = fraction.rstrip("0")
    digits = _digits(whole, fraction)
    if scale:
        power = SCALES[scale.lower()]
        written = (fraction + "0" * power)[:power] if len(fraction) <= power else ""
        large = rf"|{_digits((whole + written).lstrip('0') or '0', '')}(?!{_SCALED})" if written else ""
        digits = rf"(?:{digits}[\s-]*(?i:{scale})(?!\w){large})"
    else:
        digits += rf"(?!{_SCALED})"
    apart = r"(?<![\d.,])(?<!\d[’'\u00a0\u202f])(?<![A-Za-z\d]-)" + _UNSIGNED + _UNSIGNED_SUM
    forms = [rf"{apart}(?<!\w){digits}(?!\d|[.,]\d|-[A-Z])"]
    words = "" if scale or fraction or len(whole) > 2 else spelt(int(whole))
    if words:
        forms.append(rf"(?<!\w)(?i:{words})(?!\w)(?![ -](?i:hundred|thousand|million|{'|'.join(_ONES[1:10])})\b)")
    row = next((row for row in UNITS if unit in row), None)
    if row is None:
        return f"(?:{'|'.join(forms)})(?!\\w)"
    names = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(row, key=len, reverse=True))
    behind = rf"(?:{'|'.join(forms)})[)\]]?[\s-]*(?:{names})(?!\w)"
    before = rf"(?<!\w){_UNSIGNED}(?:{names})[\s-]*{apart}{digits}(?!\w|[.,]\d)"
    return f"(?:{behind}|{before})"


def _digits(whole: str, fraction: str) -> str:
    groups = re.findall(r"\d{1,3}(?=(?:\d{3})*$)", whole)
    return "[,'’\u00a0\u202f]?".join(groups) + (rf"\.{fraction}0*" if fraction else r"(?:\.0+)?")


def date_pattern(day: date) -> str:
    """A pattern for a date in any of the ways it is written out in English, and in ISO's."""
    month = _MONTHS[day.month - 1]
    name = month if len(month) == 3 else rf"(?:{month}|{month[:3]}\.?)"
    number = rf"0?{day.day}(?:st|nd|rd|th)?"
    return (
        rf"(?<!\d)(?:{day.isoformat()}|{number}(?:\s+day)?\s+(?:of\s+)?{name},?\s+{day.year}"
        rf"|(?<!\w){name}\s+{number},?\s+{day.year})(?!\d)"
    )


def occurrences(pattern: str, text: str, start: int, end: int) -> Iterator[Span]:
    """Where a pattern matches between two offsets; what stands around them is looked at too."""
    for match in compiled(pattern).finditer(text, start, end):
        # A match that ends where the window does may be the beginning of a longer word or number.
        if match.end() == end:
            again = compiled(pattern).match(text, match.start())
            if again is None or again.end() != match.end():
                continue
        yield Span(match.start(), match.end())


@lru_cache(1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled once for the many places it is tried at."""
    return re.compile(pattern)


def _bounded(pattern: str, text: str) -> str:
    before = r"(?<!\w)" if text[0].isalnum() else ""
    after = r"(?!\w)" if text[-1].isalnum() else ""
    if text[0].isdigit():
        before += r"(?<!\d[.,])"
    if text[-1].isdigit():
        after += r"(?![.,]\d)"
    return f"{before}{pattern}{after}"


def spelt(number: int) -> str:
    """A pattern for a number below 100 written out, in lower case; empty for others."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f"[ -]?{_ONES[ones]}" if ones else "")
    return ""
