"""Source code: plain text, with what it defines as outline."""

import re
from dataclasses import replace

from rlm_desk.documents.extracted import Extracted, OnPage
from rlm_desk.documents.readers import text

MOST = 2000
_DEFINED = re.compile(
    r"^([ \t]*)(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\(\w+\))?|"
    r"unsafe|open|override|inline|local)[ \t]+)*"
    r"(?:def|class|function|fn|func|interface|struct|enum|trait|impl|module|namespace|object|record|sub|proc)"
    r"[ \t]+([A-Za-z_$][\w$.:<>]*)",
    re.M,
)


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Its text. Raises Unreadable."""
    found = text.read(data, name, on_page)
    outline = []
    for match in _DEFINED.finditer(found.text):
        level = min(len(match[1].expandtabs(4)) // 4 + 1, 6)
        outline.append((match[0].strip()[:200], level, match.start()))
        if len(outline) == MOST:
            break
    return replace(found, outline=outline)
