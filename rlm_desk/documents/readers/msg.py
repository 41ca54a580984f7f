"""Outlook messages by python-oxmsg."""

import re
import sys
from email.header import decode_header, make_header

from oxmsg import Message

from rlm_desk.documents.extracted import Extracted, Inner, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.eml import Found, distinct, readable
from rlm_desk.documents.readers.html import fill
from rlm_desk.documents.readers.naming import file_name
from rlm_desk.documents.sectioning import LABEL, Outline


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """One page: headers and body; what is attached is read as documents of their own. Raises Unreadable."""
    try:
        message = Message.load(data)
        headers = {
            "From": str(make_header(decode_header(message.sender or ""))),
            "To": ", ".join(filter(None, (_address(one.name, one.email_address) for one in message.recipients))),
            "Date": message.sent_date.isoformat(" ", "minutes") if message.sent_date else "",
            "Subject": message.subject or "",
        }
        page = Outline()
        body = message.body or _plain(message.html_body or "", page)
        attached = [(file_name(one.file_name or "") or "unnamed", one.file_bytes or b"") for one in message.attachments]
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # olefile and python-oxmsg raise what the bytes provoke
        print(f"{name}: {problem!r}", file=sys.stderr)
        raise Unreadable("is damaged, or no Outlook message") from problem
    lines = [f"{header}: {' '.join(value.split())}" for header, value in headers.items() if value.strip()]
    if not body.strip() and not headers["Subject"]:
        raise Unreadable("is empty")
    inner = [Inner(file, raw) for file, raw in attached if readable(file) and raw]
    left_out = [file for file, raw in attached if not (readable(file) and raw)]
    found = Found(attached=[(1, one) for one in inner], left_out=left_out, hidden=page.hidden)
    label = re.sub(r"\s+", " ", f"1 {headers['Subject']}").strip()[:LABEL]
    made = assemble([(label, "\n".join([*lines, "", body]))], "message", found.all_notes())
    return Extracted(made.text, "message", made.pages, made.notes, inner=distinct(inner))


def _address(name: str, address: str) -> str:
    """`Name <address>`, or the one of them that there is."""
    name, address = name.strip(), address.strip()
    return f"{name} <{address}>" if name and address and name != address else name or address


def _plain(html: str, outline: Outline) -> str:
    fill(outline, html)
    try:
        return outline.extracted().text
    except Unreadable:  # a message may be its subject
        return ""
