"""Which names a cell would have bound, read from its text: asked in the app when the worker that ran it is gone."""

import re

from rlm_desk.repl.protocol import MAX_NAME, MAX_NAMES

BIND = re.compile(
    r"^(?:def|class)[ \t]++(\w++)|^([A-Za-z]\w*+)(?:[ \t]*+,[ \t]*+\w++)*+[ \t]*+(?::[^=\n]++)?=(?!=)", re.MULTILINE
)
"""Names that a line of code binds; within a line and without going back, since a cell may be a megabyte of commas."""


def bound(code: str) -> tuple[str, ...]:
    """Names at the beginning of a line that it binds, each once; no more and no longer ones than a session has."""
    names: dict[str, None] = {}
    for match in BIND.finditer(code):
        name = match[1] or match[2]
        if len(name) <= MAX_NAME:
            names[name] = None
        if len(names) == MAX_NAMES:
            break
    return tuple(names)
