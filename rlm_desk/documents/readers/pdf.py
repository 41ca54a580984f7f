"""PDF by pypdf, page by page. What cannot be read is counted and said."""

import importlib
import io
import logging
import pkgutil
import re
import sys
from typing import Any

import pypdf
import pypdf.errors

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns about every odd file; our notes say what matters

# pypdf imports many of its modules when a file needs them; behind the lock there is no file system to do so from.
for _module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
    try:
        importlib.import_module(_module.name)
    except ModuleNotFoundError as _problem:
        if (_problem.name or "pypdf").startswith("pypdf"):
            raise  # else: an optional dependency we do without

# A search for "first" must find it, however its f and i were drawn.
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)
_LABEL = re.compile(r"[\w.:/ -]{1,20}")


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Text of each page under its printed label. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("is empty")
    if b"%PDF-" not in data[:1024]:
        raise Unreadable("is not a PDF, whatever its name says")
    cut = b"%%EOF" not in data[-2048:]
    reader, total = _open(data, name, cut)
    texts: list[str] = []
    broken = scanned = 0
    for number in range(total):
        try:
            page = reader.pages[number]
            text = page.extract_text().translate(_LIGATURES)
            if not text.strip():
                scanned += _has_images(page)
        except (MemoryError, ImportError):
            raise
        except Exception as problem:  # pypdf raises what the bytes provoke: any of it means an unreadable page
            print(f"{name}, page {number + 1}: {problem!r}", file=sys.stderr)
            text = ""
            broken += 1
        texts.append(text)
        on_page(number + 1, total)
    if not any(text.strip() for text in texts):
        raise Unreadable(_why_empty(total, broken, scanned, cut))
    notes = []
    if cut:
        notes.append("The file is cut off; what could be recovered was read.")
    if broken:
        notes.append(f"{broken} of {total} pages are damaged and could not be read.")
    if scanned:
        notes.append(f"{scanned} of {total} pages have no text layer (scanned?).")
    return assemble(zip(_labels(reader, total), texts, strict=True), "page", notes)


def _open(data: bytes, name: str, cut: bool) -> tuple[pypdf.PdfReader, int]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("is encrypted: open it with its password and save a copy without")
        return reader, len(reader.pages)
    except (MemoryError, ImportError, Unreadable):
        raise
    except pypdf.errors.FileNotDecryptedError as problem:
        raise Unreadable("is encrypted: open it with its password and save a copy without") from problem
    except (NotImplementedError, pypdf.errors.DependencyError) as problem:
        raise Unreadable("is encrypted in a way that cannot be opened here") from problem
    except Exception as problem:  # as above: whatever the bytes provoke
        print(f"{name}: {problem!r}", file=sys.stderr)
        raise Unreadable("is cut off or damaged" if cut else "is damaged") from problem


def _why_empty(total: int, broken: int, scanned: int, cut: bool) -> str:
    if total == 0 or cut or broken == total:
        return "is cut off or damaged: no page of it can be read" if cut else "is damaged: no page of it can be read"
    if scanned:
        return f"has no text layer on any of its {total} pages (scanned?): run OCR on it and open the result"
    return f"has {total} pages without any text"


def _labels(reader: pypdf.PdfReader, total: int) -> list[str]:
    """Printed labels where all are sound and different, else numbers."""
    numbers = [str(number) for number in range(1, total + 1)]
    try:
        labels = [str(label).strip() for label in reader.page_labels]
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # a broken label tree costs the labels, not the document
        print(f"page labels: {problem!r}", file=sys.stderr)
        return numbers
    sound = len(labels) == total and len(set(labels)) == total and all(_LABEL.fullmatch(label) for label in labels)
    return labels if sound else numbers


def _has_images(page: Any) -> bool:
    """Whether a page without text shows a picture, as a scan does; a blank page does not."""
    resources = page.get("/Resources")
    resources = resources.get_object() if resources is not None else {}
    objects = resources.get("/XObject")
    objects = objects.get_object() if objects is not None else {}
    # Forms may hold pictures in turn: they count, rather than be searched.
    if any(objects[name].get_object().get("/Subtype") in ("/Image", "/Form") for name in objects):
        return True
    contents = page.get_contents()
    return contents is not None and re.search(rb"\bBI\b.*\bID\b", contents.get_data(), re.DOTALL) is not None
