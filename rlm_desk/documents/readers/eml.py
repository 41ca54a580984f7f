"""E-mail by the standard library: a message, the messages it carries, and the names of what is attached."""

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.html import fill
from rlm_desk.documents.readers.text import decode
from rlm_desk.documents.sectioning import LABEL, Outline

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_MOST = 5000
"""Messages inside one file."""

# Parsers of headers are loaded late, and behind the lock they cannot be.
BytesParser(policy=email.policy.default).parsebytes(
    b"From: a@b\nTo: c@d\nSubject: =?utf-8?q?=C3=A9?=\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n"
    b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\neA==\n"
).get_content()


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """One page per message. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("is empty")
    message = BytesParser(policy=email.policy.default).parsebytes(data)
    if not message.keys() or not any(message.get(header) for header in (*_HEADERS, "Received", "Content-Type")):
        raise Unreadable("is no e-mail message")
    pages: list[tuple[str, str]] = []
    attached: list[str] = []
    _message(message, pages, attached)
    notes = [f"Attachments are not read: {', '.join(attached[:10])}."] if attached else []
    return assemble(pages, "message", notes)


def _message(message: EmailMessage, pages: list[tuple[str, str]], attached: list[str]) -> None:
    if len(pages) >= _MOST:
        return
    lines = [f"{header}: {_header(message, header)}" for header in _HEADERS if _header(message, header)]
    inner: list[EmailMessage] = []
    bodies: list[str] = []
    for part in _parts(message):
        if part.get_content_type() == "message/rfc822":
            inner += [one for one in part.get_payload() if isinstance(one, EmailMessage)]
        elif part.get_content_disposition() == "attachment" or part.get_content_maintype() != "text":
            attached.append(part.get_filename() or part.get_content_type())
        else:
            bodies.append(_body(part))
    label = f"{len(pages) + 1} {_header(message, 'Subject')}".strip()[:LABEL]
    pages.append((label, "\n".join([*lines, "", *bodies])))
    for one in inner:
        _message(one, pages, attached)


def _parts(message: EmailMessage) -> list[EmailMessage]:
    """The leaves that a reader sees: of alternatives the plain one, else the last."""
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        return [message]
    children = [child for child in message.get_payload() if isinstance(child, EmailMessage)]
    if message.get_content_type() == "multipart/alternative" and children:
        chosen = next((child for child in children if child.get_content_type() == "text/plain"), children[-1])
        return _parts(chosen)
    return [leaf for child in children for leaf in _parts(child)]


def _body(part: EmailMessage) -> str:
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
    try:
        return outline.extracted().text
    except Unreadable:
        return ""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError):  # the standard parser trips over some broken headers
        return ""
