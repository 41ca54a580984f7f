"""From paragraphs to the text of a file: wrapped or running text, Markdown, and real one-page PDFs."""

from __future__ import annotations

import random
import textwrap
from io import BytesIO
from typing import Literal

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from rlm_desk.demo.contract import Contract

Layout = Literal["wrapped", "running", "markdown", "pdf"]
SHARES: dict[Layout, float] = {"wrapped": 0.35, "running": 0.30, "markdown": 0.25, "pdf": 0.10}
SUFFIX: dict[Layout, str] = {"wrapped": ".txt", "running": ".txt", "markdown": ".md", "pdf": ".pdf"}


def choose(rng: random.Random) -> Layout:
    return rng.choices(tuple(SHARES), tuple(SHARES.values()))[0]


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False, break_long_words=False)


def text(rng: random.Random, contract: Contract, layout: Layout) -> str:
    """The text a reader of the file gets to see."""
    width = {"wrapped": rng.randint(70, 100), "pdf": rng.randint(95, 125)}.get(layout, 100_000)
    mark = "# " if layout == "markdown" else ""
    blocks = [[mark + contract.title]] if contract.title else []
    style = rng.choice(("{i}. {h}", "{i}. {h}", "Section {i}", "{i}. {u}", "{h}"))
    for i, (heading, paragraphs) in enumerate(contract.sections, 1):
        if heading and i > 1:
            head = style.format(i=i, h=heading, u=heading.upper())
            blocks.append([("## " if layout == "markdown" else "") + head])
        number = rng.random() < 0.3
        for j, paragraph in enumerate(paragraphs, 1):
            lead = f"{i}.{j} " if number and heading else "- " if layout == "markdown" and not number and j > 1 else ""
            blocks.append(_wrap(lead + paragraph, width))
    gap = "\n" if layout == "pdf" else "\n\n"
    return gap.join("\n".join(block) for block in blocks)


def pdf(lines: list[str]) -> bytes:
    """One A4 page, small type, so that an agreement is one page."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=0)
    leading = min(12.0, 780 / max(1, len(lines)))
    size = min(9.0, leading * 0.85, 520 / (max(map(len, lines)) * 0.5))
    canvas.setFont("Helvetica", size)
    top = A4[1] - 40
    for i, line in enumerate(lines):
        canvas.drawString(38, top - i * leading, line)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()
