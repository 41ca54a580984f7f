"""Which files can be read, as data. Standard library only: the worker imports it too."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of document and the module that reads it."""

    kind: str
    module: str
    """Has `read(data: bytes, name: str, on_page) -> Extracted`; imported in the worker only."""
    version: int
    """Raised when the reader gives another text for the same file: cached documents are read again."""
    suffixes: tuple[str, ...]
    magic: tuple[bytes, ...] = ()
    """How such a file begins, whatever it is called."""
    holds_files: bool = False
    """Whether other files can lie in it, which become documents of their own."""

    @property
    def tag(self) -> str:
        """What a cached document was made by."""
        return f"{self.kind}/{self.version}"


_READERS = "rlm_desk.documents.readers"
_TEXT = f"{_READERS}.text"
_CODE = (
    ".py .pyi .js .mjs .ts .tsx .jsx .java .kt .scala .c .h .cc .cpp .cxx .hpp .cs .go .rs .rb .php .pl .lua .r .jl"
    " .swift .m .mm .sh .bash .zsh .fish .ps1 .bat .sql .css .scss .vue .svelte .hs .ml .ex .exs .erl .clj .el .dart"
    " .zig .nim .f90 .asm .s .tex .bib .cmake .gradle .proto .graphql .tf"
)

FORMATS = (
    Format("text", _TEXT, 2, (".txt", ".text", ".log", ".rst", ".adoc", ".org", ".srt", ".vtt", "")),
    Format("markdown", f"{_READERS}.markdown", 3, (".md", ".markdown", ".mdown")),
    Format("csv", f"{_READERS}.delimited", 3, (".csv", ".tsv", ".tab")),
    Format("json", f"{_READERS}.records", 3, (".json", ".jsonl", ".ndjson", ".geojson")),
    Format("data", _TEXT, 2, (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".xml", ".svg")),
    Format("code", f"{_READERS}.code", 3, tuple(_CODE.split())),
    Format("pdf", f"{_READERS}.pdf", 5, (".pdf",), (b"%PDF-",)),
    Format("word", f"{_READERS}.docx", 4, (".docx", ".docm")),
    Format("excel", f"{_READERS}.xlsx", 3, (".xlsx", ".xlsm")),
    Format("slides", f"{_READERS}.pptx", 3, (".pptx", ".pptm")),
    Format("html", f"{_READERS}.html", 4, (".html", ".htm", ".xhtml")),
    Format("email", f"{_READERS}.eml", 3, (".eml",), holds_files=True),
    Format("mailbox", f"{_READERS}.mbox", 2, (".mbox", ".mbx"), holds_files=True),
    Format("outlook", f"{_READERS}.msg", 4, (".msg",), holds_files=True),
    Format("rtf", f"{_READERS}.rtf", 1, (".rtf",), (b"{\\rtf",)),
    Format("opendocument", f"{_READERS}.odt", 3, (".odt", ".ott", ".ods", ".odp")),
    Format("epub", f"{_READERS}.epub", 3, (".epub",)),
    Format("archive", f"{_READERS}.archive", 1, (".zip",), holds_files=True),
)

BY_KIND = {format.kind: format for format in FORMATS}
BY_SUFFIX = {suffix: format for format in FORMATS for suffix in format.suffixes}

OLD = {".doc": ("Word", ".docx"), ".xls": ("Excel", ".xlsx"), ".ppt": ("PowerPoint", ".pptx")}
"""Kinds from before 2007, which are not read: the program, and what it should save them as."""

PAGE_KINDS = ("page", "lines", "section", "sheet", "cells", "slide", "message", "records")
"""What a document's pages can be."""


def suffix(name: str) -> str:
    """A file's suffix as `BY_SUFFIX` has it: `.pdf`."""
    return PurePosixPath(name.rsplit("/", 1)[-1]).suffix.lower()


def sniff(asked: Format, data: bytes) -> Format:
    """The format a file has by its first bytes, else the one its name says."""
    for format in FORMATS:
        if any(data.startswith(magic) for magic in format.magic):
            return format
    return asked
