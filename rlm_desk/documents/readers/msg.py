"""Outlook messages by python-oxmsg."""

import re
import sys
from email.header import decode_header, make_header

from oxmsg import Message

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.html import fill
from rlm_desk.documents.sectioning import LABEL, Outline


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """One page: headers and body. Raises Unreadable."""
    try:
        message = Message.load(data)
        headers = {
            "From": str(make_header(decode_header(message.sender or ""))),
            "To": ", ".join(f"{one.name} <{one.email_address}>" for one in message.recipients),
            "Date": message.sent_date.isoformat(" ", "minutes") if message.sent_date else "",
            "Subject": message.subject or "",
        }
        body = message.body or _plain(message.html_body or "")
        attached = [one.file_name or "unnamed" for one in message.attachments]
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # olefile and python-oxmsg raise what the bytes provoke
        print(f"{name}: {problem!r}", file=sys.stderr)
        raise Unreadable("is damaged, or no Outlook message") from problem
    lines = [f"{header}: {' '.join(value.split())}" for header, value in headers.items() if value.strip()]
    if not body.strip() and not headers["Subject"]:
        raise Unreadable("is empty")
    notes = [f"Attachments are not read: {', '.join(attached[:10])}."] if attached else []
    label = re.sub(r"\s+", " ", f"1 {headers['Subject']}").strip()[:LABEL]
    return assemble([(label, "\n".join([*lines, "", body]))], "message", notes)


def _plain(html: str) -> str:
    outline = Outline()
    fill(outline, html)
    return outline.extracted().text if html.strip() else ""
