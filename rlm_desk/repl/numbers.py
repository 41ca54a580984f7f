"""`number`: the number a text names. Worker side: standard library only."""

import re

_FIGURES = r"""
    (?<![\w.,])(?P<sign>[-−+]?)\s*(?:[$€£¥]|USD|EUR|GBP|CHF)?\s*(?P<sign2>[-−+]?)
    (?P<figures>\d{1,3}(?:[,'\u2019\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})*,\d{1,2}(?!\d)|\d+(?:\.\d+)?|\.\d+)
    (?:(?P<scale>\s*(?:thousand|million|billion)|(?-i:k|K|M|bn))\b)?
"""
"""Compiled (and kept, by `re`) when it is first used: that takes 3 ms, which no start of a worker should."""
_SCALES = {"thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "billion": 10**9, "bn": 10**9}


def number(text: object) -> "int | float | None":
    """The first number in a text: `number("$4,250.50 a year")` is 4250.5, `number("14 agreements")` is 14.

    Thousands may be grouped by commas, narrow spaces or apostrophes (or points, before a decimal comma). None where
    there is no number; a number is given back as it is.
    """
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        return text
    found = re.search(_FIGURES, str(text), re.VERBOSE | re.IGNORECASE) if text is not None else None
    if found is None:
        return None
    figures = re.sub("['\u2019\u00a0\u202f]", "", found["figures"])
    if re.fullmatch(r"[\d.]*\d,\d{1,2}", figures):  # 4.250,50
        figures = figures.replace(".", "").replace(",", ".")
    figures = figures.replace(",", "")
    if figures.count(".") > 1:  # 4.250.000
        figures = figures.replace(".", "")
    value = float(figures) if "." in figures else int(figures)
    value *= _SCALES.get((found["scale"] or "").strip().lower(), 1)
    value = -value if {found["sign"], found["sign2"]} & {"-", "−"} else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
