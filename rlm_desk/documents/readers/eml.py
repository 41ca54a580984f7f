"""E-mail by the standard library: a message, the messages it carries, and what is attached."""

import email.policy
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser

from rlm_desk.documents.extracted import Extracted, Inner, OnPage, Unreadable, assemble
from rlm_desk.documents.formats import BY_SUFFIX, suffix
from rlm_desk.documents.readers.html import fill
from rlm_desk.documents.readers.naming import file_name
from rlm_desk.documents.readers.text import decode
from rlm_desk.documents.sectioning import LABEL, Outline, hidden_note

_SUFFIXES = {"text/plain": ".txt", "text/csv": ".csv", "text/html": ".html", "application/pdf": ".pdf"}
"""For attached files whose sender gave them no name."""
_HEADERS = ("From", "To", "Cc", "Date", "Subject")
MOST = 20_000
"""Messages inside one file."""

# Parsers of headers are loaded late, and behind the lock they cannot be.
BytesParser(policy=email.policy.default).parsebytes(
    b"From: a@b\nTo: c@d\nSubject: =?utf-8?q?=C3=A9?=\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n"
    b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\neA==\n"
).get_content()


@dataclass(slots=True)
class Found:
    """What messages gave so far."""

    pages: list[tuple[str, str]] = field(default_factory=list)
    """Label and text, one a message."""
    attached: list[tuple[int, Inner]] = field(default_factory=list)
    """Number of the message, from 1, and the file."""
    left_out: list[str] = field(default_factory=list)
    """Names of attached files of kinds that are not read."""
    notes: list[str] = field(default_factory=list)
    hidden: int = 0
    """Characters of HTML that a reader would not see."""

    def all_notes(self) -> list[str]:
        """With what is said of attachments."""
        notes = [*self.notes, *hidden_note(self.hidden)]
        if self.attached:
            names = ", ".join(one.name for _, one in self.attached[:10])
            notes.append(f"Attached, and read as documents of their own: {names}.")
        if self.left_out:
            notes.append(f"Attachments of kinds that are not read: {', '.join(self.left_out[:10])}.")
        return notes


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """One page per message; what is attached is read as documents of their own. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("is empty")
    found = Found()
    if not add(found, data):
        raise Unreadable("is no e-mail message")
    made = assemble(found.pages, "message", found.all_notes())
    inner = distinct([one for _, one in found.attached])
    return Extracted(made.text, "message", made.pages, made.notes, inner=inner)


def add(found: Found, raw: bytes) -> bool:
    """Take a message, and those it carries; False when it is none."""
    message = BytesParser(policy=email.policy.default).parsebytes(raw)
    if not message.keys() or not any(message.get(header) for header in (*_HEADERS, "Received", "Content-Type")):
        return False
    _message(message, found)
    return True


def distinct(files: list[Inner]) -> list[Inner]:
    """Files with names that differ."""
    seen: dict[str, int] = {}
    named = []
    for one in files:
        seen[one.name] = seen.get(one.name, 0) + 1
        named.append(one if seen[one.name] == 1 else Inner(f"{seen[one.name]} {one.name}", one.data))
    return named


def readable(name: str) -> bool:
    """Whether an attached file is of a kind that is read."""
    return bool(suffix(name)) and suffix(name) in BY_SUFFIX


def _message(message: EmailMessage, found: Found) -> None:
    if len(found.pages) >= MOST:
        return
    lines = [f"{header}: {_header(message, header)}" for header in _HEADERS if _header(message, header)]
    inner: list[EmailMessage] = []
    bodies: list[str] = []
    number = len(found.pages) + 1
    for part in _parts(message):
        if part.get_content_type() == "message/rfc822":
            inner += [one for one in part.get_payload() if isinstance(one, EmailMessage)]
        elif part.get_content_disposition() == "attachment" or part.get_content_maintype() != "text":
            name = _file_name(part) or f"unnamed{_SUFFIXES.get(part.get_content_type(), '')}"
            raw = part.get_payload(decode=True) if readable(name) else None
            if isinstance(raw, bytes) and raw:
                found.attached.append((number, Inner(name, raw)))
            else:
                found.left_out.append(name if name != "unnamed" else part.get_content_type())
        else:
            bodies.append(_body(part, found))
    label = f"{number} {_header(message, 'Subject')}".strip()[:LABEL]
    found.pages.append((label, "\n".join([*lines, "", *bodies])))
    for one in inner:
        _message(one, found)


def _file_name(part: EmailMessage) -> str:
    try:
        return file_name(part.get_filename() or "")
    except (ValueError, TypeError, IndexError, AttributeError):  # as for headers below
        return ""


def _parts(message: EmailMessage) -> list[EmailMessage]:
    """The leaves that a reader sees: of alternatives the plain one, else the last."""
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        return [message]
    children = [child for child in message.get_payload() if isinstance(child, EmailMessage)]
    if message.get_content_type() == "multipart/alternative" and children:
        chosen = next((child for child in children if child.get_content_type() == "text/plain"), children[-1])
        return _parts(chosen)
    return [leaf for child in children for leaf in _parts(child)]


def _body(part: EmailMessage, found: Found) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    charset = part.get_content_charset()
    try:
        text = raw.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        text, _ = decode(raw) if raw.strip() else ("", [])
    if part.get_content_subtype() != "html":
        return text
    outline = Outline()
    fill(outline, text)
    found.hidden += outline.hidden
    try:
        return outline.extracted().text
    except Unreadable:
        return ""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError):  # the standard parser trips over some broken headers
        return ""
