"""Which files can be read, as data. Standard library only: the worker imports it too."""

from dataclasses import dataclass


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
    Format("text", _TEXT, 1, (".txt", ".text", ".log", ".rst", ".adoc", ".org", ".srt", ".vtt", "")),
    Format("markdown", _TEXT, 1, (".md", ".markdown", ".mdown")),
    Format("csv", _TEXT, 1, (".csv", ".tsv")),
    Format("json", _TEXT, 1, (".json", ".jsonl", ".ndjson", ".geojson")),
    Format("data", _TEXT, 1, (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".properties", ".xml", ".svg")),
    Format("code", _TEXT, 1, tuple(_CODE.split())),
    Format("pdf", f"{_READERS}.pdf", 1, (".pdf",), (b"%PDF-",)),
    Format("word", f"{_READERS}.docx", 1, (".docx", ".docm")),
    Format("excel", f"{_READERS}.xlsx", 1, (".xlsx", ".xlsm")),
    Format("slides", f"{_READERS}.pptx", 1, (".pptx", ".pptm")),
    Format("html", f"{_READERS}.html", 1, (".html", ".htm", ".xhtml")),
    Format("email", f"{_READERS}.eml", 1, (".eml",)),
    Format("outlook", f"{_READERS}.msg", 1, (".msg",)),
    Format("rtf", f"{_READERS}.rtf", 1, (".rtf",), (b"{\\rtf",)),
    Format("opendocument", f"{_READERS}.odt", 1, (".odt", ".ott")),
    Format("epub", f"{_READERS}.epub", 1, (".epub",)),
)

BY_KIND = {format.kind: format for format in FORMATS}
BY_SUFFIX = {suffix: format for format in FORMATS for suffix in format.suffixes}

PAGE_KINDS = ("page", "lines", "section", "sheet", "slide", "message")
"""What a document's pages can be."""


def sniff(asked: Format, data: bytes) -> Format:
    """The format a file has by its first bytes, else the one its name says."""
    for format in FORMATS:
        if any(data.startswith(magic) for magic in format.magic):
            return format
    return asked
