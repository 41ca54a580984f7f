"""Reading a long PDF: single-process pypdf, then rlm-desk's workers, on the same file in one run.

    python -m tests.bench.pdf_speed [PAGES]

Prints seconds and processor time, their ratios, when the first pages were there, how long opening it again took, and
the workers' memory. The pages made here are the simplest there are, which is where pypdf is at its best.
On a machine that does other work, believe the processor time.
"""

import asyncio
import io
import resource
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pypdf
from reportlab.pdfgen.canvas import Canvas

from rlm_desk.documents.reader import Extractor, Progress
from rlm_desk.store import Store
from tests.bench import calibration

WORDS = "the lessee shall pay the yearly fee of the berth to the harbour office before the first of March "


def made(pages: int) -> bytes:
    """A text PDF of full pages, no two alike."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for number in range(pages):
        lines = canvas.beginText(60, 780)
        for line in textwrap.wrap(f"Page {number} of the register. " + WORDS * 26 + f"Entry {number * 7}.", 95):
            lines.textLine(line)
        canvas.drawText(lines)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def memory(pid: int) -> float:
    """The most memory a process held, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


async def main(pages: int) -> None:
    data = made(pages)
    started, cpu = time.perf_counter(), time.process_time()
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    alone, alone_cpu = time.perf_counter() - started, time.process_time() - cpu
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "long.pdf")
        file.write_bytes(data)
        store, extractor = await Store.open(Path(folder, "data")), Extractor()
        await extractor.start(2)
        first = 0.0

        def note(now: Progress) -> None:
            nonlocal first
            if now.first_pages and not first:
                first = time.perf_counter() - started

        started = time.perf_counter()
        (document,), _ = await extractor.read([file], note, cache=store)
        ours = time.perf_counter() - started
        held = [memory(worker._worker.pid) for worker in extractor._workers if worker._worker]
        await store.index.caught_up()
        started = time.perf_counter()
        await extractor.read([file], cache=store)
        again = time.perf_counter() - started
        await extractor.close()
        await store.close()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    ours_cpu = used.ru_utime + used.ru_stime
    assert len(document.pages) == len(texts)
    print(f"{pages:,} pages, {len(document.text):,} characters")
    print(f"pypdf, one process: {alone:.1f} s; rlm-desk, 2 workers from cold: {ours:.1f} s; ratio {ours / alone:.2f}")
    print(f"processor time: {alone_cpu:.1f} s and {ours_cpu:.1f} s in both workers; ratio {ours_cpu / alone_cpu:.2f}")
    peaks = ", ".join(f"{one:.0f} MiB" for one in held)
    print(f"first pages after {first:.2f} s; opened again in {again:.3f} s; workers' memory {peaks}")


if __name__ == "__main__":
    print(calibration.line())
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
