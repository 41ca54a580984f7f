"""Rich text by striprtf."""

from striprtf.striprtf import rtf_to_text

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable
from rlm_desk.documents.sectioning import Outline


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Its text, in sections of lines. Raises Unreadable."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise Unreadable("is empty" if not data.strip() else "is no rich text, whatever its name says")
    try:
        text = str(rtf_to_text(data.decode("latin-1"), errors="replace"))  # type: ignore[no-untyped-call]
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # striprtf raises what the bytes provoke
        raise Unreadable("is damaged") from problem
    outline = Outline()
    outline.add(text)
    return outline.extracted()
