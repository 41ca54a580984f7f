"""Tables as plain text, comma- or otherwise separated: the lines as they are, their pages named as cells."""

import csv
from collections.abc import Iterator

from rlm_desk.documents.extracted import Extracted, OnPage
from rlm_desk.documents.readers import text
from rlm_desk.documents.sectioning import PAGE_CHARS, column_name, sections

csv.field_size_limit(2**31 - 1)
SAMPLE = 16 * 1024
"""Characters that tell how cells are separated."""


def read(data: bytes, name: str, on_page: OnPage) -> Extracted:
    """Pages of whole records, labelled `A1:D40`. Raises Unreadable."""
    found = text.read(data, name, on_page)
    if found.page_kind != "lines":
        return found
    try:
        pages = list(_ranges(found.text, _delimiter(found.text[:SAMPLE], name)))
    except csv.Error:  # quotes that never end: lines it is
        return Extracted(found.text, "lines", sections(found.text), found.notes)
    return Extracted(found.text, "cells", pages, found.notes)


def _delimiter(sample: str, name: str) -> str:
    if name.lower().endswith((".tsv", ".tab")):
        return "\t"
    try:
        return csv.Sniffer().sniff(sample, ",;\t|").delimiter
    except csv.Error:
        return ","


def _ranges(whole: str, delimiter: str) -> Iterator[tuple[str, int, int]]:
    """Label, start and end of pages; a record with line breaks in its cells stays in one piece."""
    lines = [line + "\n" for line in whole.split("\n")]
    lines[-1] = lines[-1][:-1]
    reader = csv.reader(lines, delimiter=delimiter)
    start = offset = taken = 0
    first = number = 1
    widest = 1
    for number, record in enumerate(reader, 1):
        size = sum(len(line) for line in lines[taken : reader.line_num])
        if offset > start and offset - start + size > PAGE_CHARS:
            yield f"A{first}:{column_name(widest)}{number - 1}", start, offset
            start, first, widest = offset, number, 1
        widest = max(widest, len(record))
        taken, offset = reader.line_num, offset + size
    last = number - 1 if lines[-1] == "" and number > first else number
    yield f"A{first}:{column_name(widest)}{last}", start, len(whole)
