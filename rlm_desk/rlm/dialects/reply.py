"""Reading what models really write: fences of every kind, tool calls, thinking, and finishes with brackets in them.

Only strings are looked at; nothing is compiled here, since a reply is a stranger's text.
"""

import re

from rlm_desk.rlm.dialects import fences, toolcalls
from rlm_desk.rlm.dialects.base import Final

LIMIT = 200_000
"""Characters of a reply that are looked at; no dialect's turn is longer."""

EXPRESSION = 1000
"""Characters of the longest expression in a finish."""

_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.S)
_THOUGHT = "</think>"
_XML_CODE = re.compile(r"<(?:python|code|repl|execute)>\n?(.*?)(?:</(?:python|code|repl|execute)>|\Z)", re.S)
_PYTHON_LINE = re.compile(
    r"\s*(?:#|import \w|from \w+ import|(?:for|while|if|elif|with|def|class|try|except|return)\b.*:?\s*$|else:"
    r"|[A-Za-z_][\w.\[\]'\", ]*+\s*+[-+*/|&]?=[^=]|[\w.]+\(.*|[)\]}\"'].*)"
)
_FINAL = re.compile(r"^[ \t>*`#]*(?:(?i:(?:final )?answer):[ \t*`]*)?(FINAL_VAR|FINAL)[ \t]?[(（]", re.M)
_FINISH = re.compile(r"^FINAL\(", re.M)
_NAME = re.compile(r"[A-Za-z_]\w*")
_EXPRESSION = re.compile(
    r"""(?:[fF](["']).*\1|(["']).*\2\.(?:join|format)\(.*\)"""
    r"""|(?:str|len|round|sum|min|max|sorted|int|list|set|number)\(.*\))""",
    re.S,
)
_PLACE = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*[\[(.].*", re.S)
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_WORDS = re.compile(r"(?=\b([^\W\d]\w*) +([^\W\d]\w*))")
_OPERATORS = {"and", "or", "not", "in", "is", "if", "else", "for", "lambda"}


def without_thinking(reply: str) -> str:
    """The reply without `<think>` passages, closed or not; nor what stands before a lone `</think>`, where the prompt
    had opened it.
    """
    text = _THINK.sub("", reply[:LIMIT].replace("\r\n", "\n"))
    return text.rpartition(_THOUGHT)[2]


def code_blocks(reply: str) -> tuple[str, ...]:
    """Code in fences, tool calls or XML tags, in order of appearance; unclosed fences run to the end.

    Fences without a tag count where none is tagged as code: beside one that is they hold imagined output.
    """
    found = [fence for fence in fences.read(reply) if fence.code.strip()]
    tagged = [fence for fence in found if fence.tag in fences.CODE]
    fenced = tuple(fence.code for fence in tagged or found if fence.tag in (*fences.CODE, ""))
    if fenced:
        return fenced
    return toolcalls.code(reply, [fence.code for fence in found if fence.tag in toolcalls.TAGS]) or tuple(
        m[1].strip("\n") for m in _XML_CODE.finditer(reply) if m[1].strip()
    )


def without_code(reply: str) -> str:
    """The reply with its fenced blocks taken out."""
    lines = reply.split("\n")
    for fence in reversed(fences.read(reply)):
        del lines[fence.first : fence.last + 1]
    return "\n".join(lines)


def bare_code(reply: str) -> str:
    """The whole reply, when it is clearly Python without a fence; else empty."""
    lines = [line for line in reply.strip().splitlines() if line.strip()]
    if not lines or not all(_PYTHON_LINE.match(line) or line.startswith((" ", "\t")) for line in lines):
        return ""
    return reply.strip()


def actions(reply: str) -> tuple[tuple[str, ...], Final | None]:
    """The cells of a reply, and the finish that stands outside them."""
    text = without_thinking(reply)
    cells = code_blocks(text)
    if not cells and (code := bare_code(text)) and not is_one_finish(text):
        cells, finish = (code,), None
    else:
        finish = final(without_code(text))
    kept = []
    for cell in cells:
        code, said = without_prose(cell)
        kept.append(code)
        finish = finish or said
    return tuple(code for code in kept if code), finish


def is_one_finish(text: str) -> bool:
    """Whether a reply is a finish and nothing before it."""
    found = _FINAL.search(text)
    return found is not None and not text[: found.start()].strip()


def final(text: str) -> Final | None:
    """A `FINAL(...)` or `FINAL_VAR(...)` at the start of a line: brackets balanced, quotes taken off."""
    first: dict[str, int] = {}
    for match in _FINAL.finditer(text):
        first.setdefault(match[1], match.end())
    if variable := _unquoted(_inside(text, first["FINAL_VAR"])) if "FINAL_VAR" in first else "":
        return Final(code=f"FINAL({variable})") if _short(_PLACE, variable) else Final(variable=variable)
    said = _inside(text, first["FINAL"]) if "FINAL" in first else ""
    if _short(_EXPRESSION, said):
        return Final(code=f"FINAL({said})")
    return Final(text=answer) if (answer := _unquoted(said)).strip() else None


def without_prose(code: str) -> tuple[str, Final | None]:
    """A cell without a `FINAL(...)` at its end that holds a sentence and no Python, and that finish."""
    found = list(_FINISH.finditer(code))
    if not found:
        return code, None
    inside = _inside(code, found[-1].end())
    said = _QUOTED.sub("", inside)
    pairs = [{match[1], match[2]} for match in _WORDS.finditer(said)]
    if not any(not pair & _OPERATORS for pair in pairs):
        return code, None
    return code[: found[-1].start()].rstrip(), Final(text=inside)


def _short(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a text is of a pattern; a long one is prose, and the patterns are slow on long ones."""
    return len(text) <= EXPRESSION and pattern.fullmatch(text) is not None


def _inside(text: str, start: int) -> str:
    """From just after an opening bracket to its partner; to the end of the text when there is none.

    The partner of a list's `1)` or `a)` is a later one.
    """
    depth = 1
    for index in range(start, len(text)):
        depth += (text[index] in "(（") - (text[index] in ")）")
        if depth == 0:
            inside = text[start:index].strip()
            rest = text[index + 1 :]
            extra = rest.count(")") - rest.count("(")
            return text[start : index + 1 + rest.rfind(")")].strip() if inside in "1ai" and extra > 0 else inside
    return text[start:].strip()


def _unquoted(text: str) -> str:
    for quote in ('"""', "'''", '"', "'", "`"):
        if len(text) >= 2 * len(quote) and text.startswith(quote) and text.endswith(quote):
            return text[len(quote) : -len(quote)]
    return text


def is_name(text: str) -> bool:
    """Whether a text is one Python identifier."""
    return _NAME.fullmatch(text) is not None
