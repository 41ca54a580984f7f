"""Text of scanned pages, by the machine's own tesseract where there is one, through its C interface.

The library and its language files are loaded before the lock; afterwards it only computes on pixels. No process is
started and no picture is written anywhere.
"""

import ctypes
from pathlib import Path

from rlm_desk.documents.extracted import NO_TESSERACT

DOTS_PER_INCH = 300
_NAMES = (
    "libtesseract.so.5",
    "libtesseract.so.4",
    "/opt/homebrew/lib/libtesseract.dylib",
    "/usr/local/lib/libtesseract.dylib",
    "/opt/local/lib/libtesseract.dylib",
)
_DATA = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/opt/homebrew/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/local/share/tessdata",
)


class _Loaded:
    """The library with its languages, once `load` has found them."""

    library: ctypes.CDLL | None = None
    handle: ctypes.c_void_p | None = None
    languages: tuple[str, ...] = ()
    version = ""


def load(wanted: str) -> str:
    """Make OCR ready; before the lock. Empty when it is, else why it is not.

    Args:
        wanted: languages as tesseract names them, `eng+deu`; those that are not installed are left out.
    """
    library = _library()
    if library is None:
        return NO_TESSERACT
    folder = next((folder for folder in map(Path, _DATA) if folder.is_dir()), None)
    if folder is None:
        return "tesseract has no language files"
    there = tuple(name for name in wanted.split("+") if (folder / f"{name}.traineddata").is_file())
    if not there:
        return f"tesseract has no language file for {wanted}"
    _declare(library)
    handle = ctypes.c_void_p(library.TessBaseAPICreate())
    if library.TessBaseAPIInit3(handle, str(folder).encode(), "+".join(there).encode()) != 0:
        return "tesseract cannot load its language files"
    _Loaded.library, _Loaded.handle, _Loaded.languages = library, handle, there
    _Loaded.version = library.TessVersion().decode("ascii", "replace")
    return ""


def ready() -> bool:
    """Whether `load` has found what it needs."""
    return _Loaded.library is not None


def languages() -> str:
    """What was loaded: `eng+deu`; empty without."""
    return "+".join(_Loaded.languages)


def text(pixels: bytes, width: int, height: int, stride: int) -> str:
    """The text of a grey picture. Raises RuntimeError when tesseract gives up."""
    library, handle = _Loaded.library, _Loaded.handle
    if library is None:
        raise RuntimeError("OCR is not loaded")
    library.TessBaseAPISetImage(handle, pixels, width, height, 1, stride)
    library.TessBaseAPISetSourceResolution(handle, DOTS_PER_INCH)
    found = library.TessBaseAPIGetUTF8Text(handle)
    if not found:
        raise RuntimeError("tesseract gave no text")
    try:
        return ctypes.string_at(found).decode("utf-8", "replace").replace("\f", "")
    finally:
        library.TessDeleteText(found)
        library.TessBaseAPIClear(handle)


def _library() -> ctypes.CDLL | None:
    for name in _NAMES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def _declare(library: ctypes.CDLL) -> None:
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("TessVersion", ctypes.c_char_p, []),
        ("TessBaseAPICreate", pointer, []),
        ("TessBaseAPIInit3", number, [pointer, ctypes.c_char_p, ctypes.c_char_p]),
        ("TessBaseAPISetImage", None, [pointer, ctypes.c_char_p, number, number, number, number]),
        ("TessBaseAPISetSourceResolution", None, [pointer, number]),
        ("TessBaseAPIGetUTF8Text", pointer, [pointer]),
        ("TessDeleteText", None, [pointer]),
        ("TessBaseAPIClear", None, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
