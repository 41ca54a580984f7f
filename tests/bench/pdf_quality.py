"""What PDFs give as text: rlm-desk's reader, plain pypdf and pdftotext on the same files, against what they say.

    python -m tests.bench.pdf_quality [-v]

Counts, for each reader, sentences that are whole (no word joined, split or left hyphenated), texts in the right order,
table rows kept on one line with their cells in order, and running headers that do not cut into the text. What a file
says was written down from looking at it, or is known from where its text comes from (lipsum). `-v` names what each
reader got wrong. Files of ../shared/documents are left out, and named, where that folder is missing.
"""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pypdf

from rlm_desk.documents.readers import pdf

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "tests/documents/files", ROOT.parent / "shared/documents")


@dataclass(frozen=True, slots=True)
class Known:
    """What a file says."""

    whole: tuple[str, ...] = ()
    """Sentences, with one space wherever there is white space."""
    order: tuple[str, ...] = ()
    """Texts, each behind the one before."""
    rows: tuple[tuple[str, ...], ...] = ()
    """Cells that stand on one line."""
    once: tuple[str, ...] = ()
    """Running headers, which may stand once."""


BERTHS = (("Berth", "Length", "Fee"), ("One", "120 m", "340"), ("Two", "95 m", "275"), ("Three", "60 m", "190"))
FILES = {
    "calc.pdf": Known(rows=(("berth", "length", "fee"), ("One", "120", "340"), ("Three, old", "60", "190"))),
    "chromium-three.pdf": Known(
        whole=("Notice is given in writing, ninety days before the first of March.",),
        order=("Cranes", "Fees"),
        rows=BERTHS,
    ),
    "chromium-arabic.pdf": Known(
        whole=(
            "في الميناء أربعة عشر رصيفا. يبقى الرصيف السابع خاليا لقوارب الإرشاد.",
            "يتبع سائقها لمدير الميناء السيدة Öztürk في المكتب رقم 12.",
            "الرسم السنوي هو 340 يورو، ويدفع إلى Harbour Office Ltd قبل نهاية السنة 2027.",
        ),
        order=("دليل الميناء", "الرافعة", "الإشعار", "الطول"),
        rows=(("الرصيف", "الطول", "الرسم"), ("الأول", "120", "340"), ("الثاني", "95", "275")),
    ),
    "libreoffice-hebrew.pdf": Known(
        whole=(
            "בנמל ארבעה עשר רציפים. הרציף השביעי נשמר פנוי לסירות הנווט.",
            "הנהג כפוף למנהלת הנמל, גברת Öztürk, בחדר 12.",
            'הדמי השנתיים הם 340 יורו (כולל מע"מ), ומשולמים ל-Harbour Office Ltd עד סוף שנת 2027.',
        ),
        order=("מדריך הנמל", "העגורן", "הודעה", "אורך"),
        rows=(("רציף", "אורך", "דמים"), ("ראשון", "120", "340"), ("שני", "95", "275")),
    ),
    "libreoffice.pdf": Known(
        whole=(
            "The harbour has fourteen berths. Berth seven is kept free for pilot boats.",
            "Its driver answers to the harbour master, Ms Öztürk.",
        ),
        order=("Harbour handbook", "Berths", "Cranes", "Notice is given"),
        rows=BERTHS,
    ),
    "lualatex-outline.pdf": Known(
        order=("Contents", "blue crane", "Berth", "Notice is given"),
        rows=(*BERTHS, ("1", "Cranes", "2"), ("3", "Notice", "4")),
    ),
    "pdflatex-two-columns.pdf": Known(
        whole=("The harbourmastership of the eastern mole keeps uninterrupted responsibilities",),
        order=("FIRSTCOLUMN begins here", "SECONDCOLUMN begins here"),
    ),
    "multicolumn.pdf": Known(
        whole=(
            "This is a sample document with two columns filled with Lorem Ipsum text.",
            "Ut purus elit, vestibulum ut, placerat ac, adipiscing vitae, felis.",
            "Nam arcu libero, nonummy eget, consectetuer id, vulputate a, magna.",
            "Pellentesque habitant morbi tristique senectus et netus et malesuada fames ac turpis egestas.",
            "Praesent eget sem vel leo ultrices bibendum. Aenean faucibus.",
            "Duis eget orci sit amet orci dignissim rutrum.",
            "Donec aliquet, tortor sed accumsan bibendum, erat ligula aliquet magna, vitae ornare odio metus a mi.",
            "Nulla malesuada porttitor diam. Donec felis erat, congue non, volutpat at, tincidunt tristique, libero.",
            "Sed commodo posuere pede. Mauris ut est.",
        ),
        order=("Abstract", "Ut purus elit", "Nam dui ligula", "Nulla malesuada porttitor", "Quisque ullamcorper"),
    ),
    "markitdown-SPARSE-2024-INV-1234_borderless_table.pdf": Known(
        order=("INVENTORY RECONCILIATION REPORT", "Product Code", "Variance Analysis", "Statistics", "Detailed"),
        rows=(
            ("Product Code", "Location", "Expected", "Actual", "Variance", "Status"),
            ("SKU-8847", "A-12", "450"),
            ("B-07", "289", "-23"),
            ("SKU-9201", "780", "778", "OK"),
            ("SKU-4563", "D-22", "156", "CRITICAL"),
        ),
    ),
    "markitdown-movie-theater-booking-2024.pdf": Known(
        rows=(
            ("Order / Rev:", "2024-12-5678"),
            ("Primary Contact:", "Sarah Johnson"),
            ("12/20/24", "12/31/24", "48", "$12,500.00", "$11,250.00"),
            ("December 2024", "48", "$12,500.00", "$11,250.00", "85%"),
        )
    ),
    "unstructured-all-number-table.pdf": Known(rows=(("200.01", "1"), ("800.01", "7"), ("1600.01", "15"))),
    "pdflatex-outline.pdf": Known(rows=(("1", "Foo", "2"), ("9", "Baz", "4"))),
    "google-doc-document.pdf": Known(
        whole=("Special cases aren't special enough to break the rules.", "Readability counts."),
        order=("Beautiful is better", "Errors should never", "Unless explicitly"),
    ),
    "GeoTopo-komprimiert.pdf": Known(
        whole=(
            "Die Teilraumtopologie wird auch Spurtopologie oder Unterraumtopologie genannt.",
            "x und y liegen auf der gleichen Ursprungsgerade",
        ),
        order=("Die Teilraumtopologie wird auch", "Metrische Räume Definition", "heißt zusammenhängend, wenn"),
        once=("1.2. METRISCHE RÄUME", "1.4. ZUSAMMENHANG", "2.1. TOPOLOGISCHE MANNIGFALTIGKEITEN"),
    ),
}


def ours(data: bytes) -> str:
    """As rlm-desk reads it."""
    return pdf.read(data, "name.pdf", lambda done, total: None).text


def plain(data: bytes) -> str:
    """As pypdf gives it."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def poppler(*options: str) -> Callable[[bytes], str]:
    """As pdftotext gives it."""

    def text(data: bytes) -> str:
        command = ["pdftotext", *options, "-", "-"]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode("utf-8", "replace")

    return text


def judged(text: str, known: Known) -> dict[str, list[tuple[str, bool]]]:
    """What holds of a text, by what is asked."""
    flat, lines = " ".join(text.split()), text.split("\n")
    at, order = 0, []
    for one in known.order:
        found = flat.find(one, at)
        order.append((one, found >= 0))
        at = max(found, at)
    return {
        "sentences whole": [(one, one in flat) for one in known.whole],
        "in order": order,
        "rows kept": [(" | ".join(row), any(_row(line, row) for line in lines)) for row in known.rows],
        "headers once": [(one, flat.count(one) == 1) for one in known.once],
    }


def _row(line: str, cells: tuple[str, ...]) -> bool:
    """Whether a line has these cells and no other words."""
    return re.fullmatch(r"[\s|]*" + r"[\s|]+".join(map(re.escape, cells)) + r"[\s|]*", line) is not None


def main(loud: bool) -> None:
    readers = {"rlm-desk": ours, "pypdf": plain}
    if shutil.which("pdftotext"):
        readers |= {"pdftotext": poppler(), "pdftotext -layout": poppler("-layout")}
    else:
        print("pdftotext is not installed here: it is left out")
    right: dict[tuple[str, str], list[bool]] = {}
    for name, known in FILES.items():
        path = next((folder / name for folder in FOLDERS if (folder / name).exists()), None)
        if path is None:
            print(f"{name} is not here: it is left out")
            continue
        data = path.read_bytes()
        for reader, read in readers.items():
            for what, checks in judged(read(data), known).items():
                right.setdefault((what, reader), []).extend(holds for _, holds in checks)
                for said, holds in checks:
                    if loud and not holds:
                        print(f"{reader}: {name}: {what}: {said!r} does not hold")
    print(f"{'':16}" + "".join(f"{reader:>20}" for reader in readers))
    for what in dict.fromkeys(what for what, _ in right):
        figures = [right[what, reader] for reader in readers]
        print(f"{what:16}" + "".join(f"{sum(one):>14} of {len(one):2}" for one in figures))


if __name__ == "__main__":
    main("-v" in sys.argv[1:])
