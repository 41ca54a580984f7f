"""Excel workbooks by openpyxl: the values as they were last computed, sheet by sheet, in blocks of rows."""

import datetime
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from rlm_desk.clean import plural
from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.cellnotes import comments
from rlm_desk.documents.readers.locked import unlocked
from rlm_desk.documents.readers.zipped import core_facts, opened
from rlm_desk.documents.sectioning import PAGE_CHARS, column_name

_MOST_COLUMNS = 500
NAMED = 5
"""Sheets named in a sentence."""


def read(data: bytes, name: str, on_page: OnPage, password: str | None = None) -> Extracted:
    """Rows as lines of a table, labelled by sheet and range of cells. Raises Unreadable, Locked."""
    data = unlocked(data, "Excel", ".xlsx", password)
    archive = opened(data)
    wide: list[str] = []
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = workbook.worksheets
        pages: list[tuple[str, str]] = []
        for number, sheet in enumerate(sheets, 1):
            pages += _sheet(sheet, wide)
            if noted := comments(archive, getattr(sheet, "_worksheet_path", "")):
                pages.append((f"{sheet.title}!comments", "\n".join(noted)))
            on_page(number, len(sheets))
    except (MemoryError, ImportError, Unreadable):
        raise
    except Exception as problem:  # openpyxl raises what the bytes provoke
        raise Unreadable("is damaged, or no Excel workbook") from problem
    made = assemble(pages, "sheet", list(_notes(sheets, wide)))
    outline: list[tuple[str, int, int]] = []
    for label, start, _ in made.pages:
        title = label.rpartition("!")[0]
        if title and (not outline or outline[-1][0] != title):
            outline.append((title, 1, start))
    return replace(made, outline=outline, facts=core_facts(workbook.properties, dated=False))


def _notes(sheets: Sequence[Any], wide: Sequence[str]) -> Iterator[str]:
    """What a reader of the text could not see: sheets that Excel hides, columns that were left out."""
    hidden = [sheet.title for sheet in sheets if getattr(sheet, "sheet_state", "visible") != "visible"]
    if hidden:
        yield f"{plural(len(hidden), 'sheet')} that Excel does not show: {', '.join(hidden[:NAMED])}."
    if wide:
        last = column_name(_MOST_COLUMNS)
        yield f"Columns behind {last} were not read: {', '.join(wide[:NAMED])}."


def _sheet(sheet: Any, wide: list[str]) -> list[tuple[str, str]]:
    """Its rows in blocks; its title is added to `wide` where it has columns that are left out."""
    pages: list[tuple[str, str]] = []
    lines: list[str] = []
    first = last = chars = 0
    widest = 1
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # what the file says about its size is often wrong
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS + 1), 1):
        cells = [_value(value) for value in row]
        if len(cells) > _MOST_COLUMNS and cells.pop() and sheet.title not in wide:
            wide.append(sheet.title)
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        line = f"| {' | '.join(cells)} |"
        if chars + len(line) > PAGE_CHARS and lines:
            pages.append((_label(sheet.title, first, last, widest), "\n".join(lines)))
            lines, chars, widest = [], 0, 1
        first = number if not lines else first
        last = number
        widest = max(widest, len(cells))
        lines.append(line)
        chars += len(line)
    if lines:
        pages.append((_label(sheet.title, first, last, widest), "\n".join(lines)))
    return [(label, f"{sheet.title}\n{text}" if n == 0 else text) for n, (label, text) in enumerate(pages)]


def _label(title: str, first: int, last: int, columns: int) -> str:
    """A range of cells as Excel writes it."""
    return f"{title}!A{first}:{column_name(columns)}{last}"


def _value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return " ".join(str(value).split()).replace("|", "/")
