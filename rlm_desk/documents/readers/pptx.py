"""PowerPoint by python-pptx: the text of each slide from top to bottom, its tables, and the speaker's notes."""

import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pptx
from pptx.enum.shapes import MSO_SHAPE_TYPE

from rlm_desk.clean import plural
from rlm_desk.documents.extracted import Extracted, OnPage, Unreadable, assemble
from rlm_desk.documents.readers.locked import unlocked
from rlm_desk.documents.readers.zipped import core_facts, opened
from rlm_desk.documents.sectioning import table_lines

NAMED = 10
"""Hidden slides named in a sentence."""


def read(data: bytes, name: str, on_page: OnPage, password: str | None = None) -> Extracted:
    """One page per slide. Raises Unreadable, Locked."""
    data = unlocked(data, "PowerPoint", ".pptx", password)
    opened(data)
    try:
        presentation = pptx.Presentation(io.BytesIO(data))
        slides = list(presentation.slides)
    except (MemoryError, ImportError):
        raise
    except Exception as problem:  # python-pptx raises what the bytes provoke
        raise Unreadable("is damaged, or no PowerPoint presentation") from problem
    pages: list[tuple[str, str]] = []
    broken = 0
    for number, slide in enumerate(slides, 1):
        try:
            text = "\n".join(_slide(slide))
        except (MemoryError, ImportError):
            raise
        except Exception as problem:  # as above, and the other slides may be sound
            print(f"{name}, slide {number}: {problem!r}", file=sys.stderr)
            text, broken = "", broken + 1
        pages.append((str(number), text))
        on_page(number, len(slides))
    if not any(text.strip() for _, text in pages):
        raise Unreadable(f"has {plural(len(pages), 'slide')} without any text (pictures?)", len(pages))
    notes = [f"{broken} of {len(slides)} slides are damaged."] if broken else []
    hidden = [str(number) for number, slide in enumerate(slides, 1) if slide.element.get("show") in ("0", "false")]
    if hidden:
        notes.append(f"{plural(len(hidden), 'slide')} that PowerPoint does not show: {', '.join(hidden[:NAMED])}.")
    made = assemble(pages, "slide", notes)
    titles = [text.strip().split("\n", 1)[0][:200] for _, text in pages]
    outline = [(title, 1, start) for title, (_, start, _) in zip(titles, made.pages, strict=True) if title]
    return replace(made, outline=outline, facts=core_facts(presentation.core_properties))


def _slide(slide: Any) -> Iterator[str]:
    shapes = sorted(slide.shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    title = slide.shapes.title
    if title is not None and title.has_text_frame:
        yield title.text_frame.text
    for shape in shapes:
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = slide.notes_slide.notes_text_frame.text.strip()
        if notes:
            yield f"Notes: {notes}"


def _shape(shape: Any) -> Iterator[str]:
    if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
        for inner in shape.shapes:
            yield from _shape(inner)
    elif shape.has_text_frame:
        if shape.text_frame.text.strip():
            yield shape.text_frame.text
    elif getattr(shape, "has_table", False):
        yield from table_lines([[cell.text for cell in row.cells] for row in shape.table.rows])
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart)


def _chart(chart: Any) -> Iterator[str]:
    if chart.has_title and chart.chart_title.has_text_frame:
        yield f"Chart: {chart.chart_title.text_frame.text}"
    for plot in chart.plots:
        header = ["", *(str(category) for category in plot.categories)]
        rows = [[str(series.name), *(str(value) for value in series.values)] for series in plot.series]
        yield from table_lines([header, *rows])
