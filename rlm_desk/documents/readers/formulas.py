"""Formulas of Word on one line: `(550×10^-6 mm)/(2.5 mm)`. A power that lost its sign is another number."""

import re
from collections.abc import Callable
from typing import Any

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FORMULA = f"{_M}oMath"
_INVISIBLE = re.compile("[\u2061-\u2064]")
_SIMPLE = re.compile(r"[-+−]?[\w.,′']+|√?\([^()]*\)")
"""What needs no brackets around it."""
_DEEPEST = 100


def line(formula: Any) -> str:
    """The text of an `m:oMath` element."""
    return " ".join(_INVISIBLE.sub("", _text(formula, 0)).split())


def _text(element: Any, depth: int) -> str:
    if depth > _DEEPEST:
        return "".join(element.itertext(f"{_M}t"))
    name = element.tag.removeprefix(_M) if isinstance(element.tag, str) else "Pr"
    if name == "t" or name.endswith("Pr"):
        return element.text or "" if name == "t" else ""

    def part(tag: str) -> str:
        found = element.find(f"{_M}{tag}")
        return "" if found is None else _text(found, depth + 1).strip()

    if name in _FORMS:
        return _FORMS[name](element, part)
    if name == "m":
        rows = [", ".join(_text(cell, depth + 1) for cell in row.iter(f"{_M}e")) for row in element.iter(f"{_M}mr")]
        return f"[{'; '.join(rows)}]"
    if name == "d":
        inner = _sign(element, "sepChr", "|").join(_text(one, depth + 1) for one in element.findall(f"{_M}e"))
    else:
        inner = "".join(_text(child, depth + 1) for child in element)
    return f"{_sign(element, 'begChr', '(')}{inner}{_sign(element, 'endChr', ')')}" if name == "d" else inner


def _sign(element: Any, name: str, usual: str) -> str:
    """A sign that the element's own properties name, else the usual one."""
    found = element.find(f"{_M}{element.tag.removeprefix(_M)}Pr/{_M}{name}")
    return usual if found is None else str(found.get(f"{_M}val", ""))


def _grouped(text: str) -> str:
    return text if not text or _SIMPLE.fullmatch(text) else f"({text})"


Part = Callable[[str], str]


def _root(element: Any, part: Part) -> str:
    return f"{_grouped(part('deg'))}√({part('e')})"


def _sum(element: Any, part: Part) -> str:
    low, high = part("sub"), part("sup")
    limits = (f"_{_grouped(low)}" if low else "") + (f"^{_grouped(high)}" if high else "")
    return f"{_sign(element, 'chr', '∫')}{limits} {part('e')}"


_FORMS: dict[str, Callable[[Any, Part], str]] = {
    "f": lambda _, part: f"{_grouped(part('num'))}/{_grouped(part('den'))}",
    "sSup": lambda _, part: f"{_grouped(part('e'))}^{_grouped(part('sup'))}",
    "sSub": lambda _, part: f"{_grouped(part('e'))}_{_grouped(part('sub'))}",
    "sSubSup": lambda _, part: f"{_grouped(part('e'))}_{_grouped(part('sub'))}^{_grouped(part('sup'))}",
    "sPre": lambda _, part: f"_{_grouped(part('sub'))}^{_grouped(part('sup'))}{part('e')}",
    "func": lambda _, part: f"{part('fName')} {part('e')}",
    "limLow": lambda _, part: f"{part('e')}_{_grouped(part('lim'))}",
    "limUpp": lambda _, part: f"{part('e')}^{_grouped(part('lim'))}",
    "rad": _root,
    "nary": _sum,
}
