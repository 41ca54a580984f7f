"""Excel workbooks by openpyxl: the values as they were last computed, sheet by sheet, in blocks of rows."""

import datetime
import io
from dataclasses import replace
from typing import Any

import openpyxl  # type: ignore[import-untyped]

from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.locked import unlocked
from rlm_desk.documents.readers.zipped import core_facts, opened
from rlm_desk.documents.sectioning import PAGE_CHARS, column_name

_MOST_COLUMNS = 500


def read(data: bytes, name: str, on_page: OnPage, password: str | None = None) -> Extracted:
    """Rows as lines of a table, labelled by sheet and range of cells. Raises Unreadable, Locked."""
    data = unlocked(data, "Excel", ".xlsx", password)
    opened(data)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = workbook.worksheets
        pages = [page for n, sheet in enumerate(sheets) for page in _sheet(sheet, n, len(sheets), on_page)]
    except (MemoryError, ImportError, Unreadable):
        raise
    except Exception as problem:  # openpyxl raises what the bytes provoke
        raise Unreadable("is damaged, or no Excel workbook") from problem
    made = assemble(pages, "sheet", [])
    outline: list[tuple[str, int, int]] = []
    for label, start, _ in made.pages:
        title = label.rpartition("!")[0]
        if not outline or outline[-1][0] != title:
            outline.append((title, 1, start))
    return replace(made, outline=outline, facts=core_facts(workbook.properties, dated=False))


def _sheet(sheet: Any, index: int, total: int, on_page: OnPage) -> list[tuple[str, str]]:
    pages: list[tuple[str, str]] = []
    lines: list[str] = []
    first = last = chars = 0
    widest = 1
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # what the file says about its size is often wrong
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=_MOST_COLUMNS), 1):
        cells = [_value(value) for value in row]
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
    on_page(index + 1, total)
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
