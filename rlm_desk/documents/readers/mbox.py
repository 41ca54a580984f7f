"""Mailboxes: many messages in one file, each after a line that begins with `From `."""

import re

from rlm_desk.documents.extracted import Extracted, Inner, OnPage, Unreadable, assemble
from rlm_desk.documents.readers import eml

_FROM = re.compile(rb"^From [^\r\n]*\r?\n", re.M)
_QUOTED = re.compile(rb"^>(>*From )", re.M)


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """One page a message; what is attached is read as documents of their own. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("is empty")
    begins = [match for match in _FROM.finditer(data) if _after_a_blank_line(data, match.start())]
    if not begins or data[: begins[0].start()].strip():
        raise Unreadable("is no mailbox: it does not begin with a message")
    found = eml.Found()
    for number, match in enumerate(begins, 1):
        end = begins[number].start() if number < len(begins) else len(data)
        if len(found.pages) >= eml.MOST:
            found.notes.append(f"Only the first {eml.MOST:,} of its {len(begins):,} messages were read.")
            break
        eml.add(found, _QUOTED.sub(rb"\1", data[match.end() : end]))
        on_page(number, len(begins))
    inner = [Inner(f"message {number}/{one.name}", one.data) for number, one in found.attached]
    made = assemble(found.pages, "message", found.all_notes())
    outline = [(label.partition(" ")[2] or label, 1, start) for label, start, _ in made.pages]
    return Extracted(made.text, "message", made.pages, made.notes, outline=outline, inner=inner)


def _after_a_blank_line(data: bytes, at: int) -> bool:
    return at == 0 or data[:at].endswith((b"\n\n", b"\n\r\n"))
