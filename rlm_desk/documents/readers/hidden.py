"""Text of an HTML page that its reader does not see, taken out and counted: hostile pages put orders to a model there.

Looked at are the `hidden` attribute, styles of elements, and rules of the page's own style sheets that name one tag,
class or id. What scripts, sheets in other files, colours or places off the page hide is not known here. All of it
takes time in proportion to the page, however it is written.
"""

import re
from typing import Any

_LOOKED_AT = ("display", "visibility", "opacity", "font-size")
_SIMPLE = re.compile(r"[\w-]*(?:[.#][\w-]+)?", re.ASCII)
_NO_TEXT = {"script", "style", "noscript", "template", "head"}
Styles = dict[str, tuple[bool, str]]
"""By property: whether it is said to be important, and its value."""


def take_out(root: Any) -> int:
    """Empty what is hidden below an element; how many characters that were, without white space."""
    rules = _rules(root)
    taken = 0
    stack: list[tuple[Any, bool, bool, bool]] = [(root, False, False, False)]
    while stack:
        element, gone, invisible, tiny = stack.pop()
        if not isinstance(element.tag, str):
            continue
        styles = _styles(element, rules)
        gone = gone or element.get("hidden") is not None or _said(styles, "display") == "none"
        gone = gone or _is_nothing(_said(styles, "opacity"))
        if seen := _said(styles, "visibility"):  # this, and the size of letters, a child can take back
            invisible = seen in ("hidden", "collapse")
        if size := _said(styles, "font-size"):
            tiny = _is_nothing(size) or (tiny and size.endswith(("em", "%")) and not size.endswith("rem"))
        out = gone or invisible or tiny
        counts = element.tag not in _NO_TEXT
        if out:
            taken += _letters(element.text) if counts else 0
            element.text = None
            if element.get("alt"):
                element.set("alt", "")
        for child in element:
            if out:
                taken += _letters(child.tail) if counts else 0
                child.tail = None
            stack.append((child, gone, invisible, tiny))
    return taken


def _styles(element: Any, rules: dict[str, Styles]) -> Styles:
    """What is declared for an element, by its tag, its classes, its id and itself: the later over the earlier."""
    found: Styles = {}
    if rules:
        tag, classes = element.tag.lower(), (element.get("class") or "").split()
        keys = [tag, *(f".{one}" for one in classes), *(f"{tag}.{one}" for one in classes)]
        if identity := element.get("id"):
            keys += [f"#{identity}", f"{tag}#{identity}"]
        for key in keys:
            _over(found, rules.get(key, {}))
    own = element.get("style")
    return _over(found, _declared(own)) if own else found


def _rules(root: Any) -> dict[str, Styles]:
    """What style sheets declare, by the one tag, class or id it is for."""
    found: dict[str, Styles] = {}
    for sheet in root.iter("style"):
        first, *others = (sheet.text or "").split("/*")
        pieces = re.split(r"([{}])", first + "".join(one.partition("*/")[2] for one in others))
        depth, selectors = 0, ""
        for text, brace in zip(pieces[::2], pieces[1::2], strict=False):
            if brace == "{":
                depth += 1
                selectors = text.rpartition(";")[2] if depth == 1 else selectors
                continue
            if depth == 1 and (styles := _declared(text)):  # deeper are rules for print, for small screens
                for selector in selectors.split(","):
                    if selector.strip() and _SIMPLE.fullmatch(selector.strip()):
                        _over(found.setdefault(selector.strip(), {}), styles)
            depth = max(depth - 1, 0)
    return found


def _declared(style: str) -> Styles:
    found: Styles = {}
    for one in style.split(";"):
        name, _, value = one.partition(":")
        if name.strip().lower() in _LOOKED_AT:
            value, _, rest = value.lower().partition("!")
            _over(found, {name.strip().lower(): (rest.strip() == "important", value.strip())})
    return found


def _over(under: Styles, styles: Styles) -> Styles:
    """Lay styles over others, and give those back."""
    for name, (important, value) in styles.items():
        if important or not under.get(name, (False, ""))[0]:
            under[name] = (important, value)
    return under


def _said(styles: Styles, name: str) -> str:
    return styles.get(name, (False, ""))[1]


def _is_nothing(value: str) -> bool:
    """Whether a number with or without a unit is 0."""
    try:
        return float(value.rstrip("%abcdefghijklmnopqrstuvwxyz ")) == 0
    except ValueError:
        return False


def _letters(text: str | None) -> int:
    return len("".join(text.split())) if text else 0
