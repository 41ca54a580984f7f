"""A large library: thousands of small documents imported, searched, opened again and listed.

    python -m tests.bench.library_speed [DOCUMENTS [CHARACTERS]]

Makes DOCUMENTS text files (10,000) of about CHARACTERS each (4,000; 100,000 makes 1 GB of text), and prints documents
a second for the first and the last thousand, how long the index took to catch up, the time of searches for rare and
for common words, how long the workspace took to open again, and what laying out its list costs. Processor time is
that of this process; on a machine that does other work, believe it.
"""

import asyncio
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from rlm_desk.desk.library import Library
from rlm_desk.documents.reader import Extractor, Progress
from rlm_desk.store import Store
from rlm_desk.tui.widgets.documents import entries
from tests.bench import calibration

SYLLABLES = [a + b for a in "bcdfghklmnprstvw" for b in "aeiou"]
SEARCHES = 60


def words(chance: random.Random) -> list[str]:
    """A vocabulary; the words of a text are drawn from it as those of a language are: few often, many seldom."""
    return ["".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 4)))) for _ in range(30_000)]


def make(folder: Path, documents: int, chars: int) -> list[str]:
    """Files in folders of a hundred; a word that only one of them has, for every thousandth."""
    chance = random.Random(7)
    vocabulary = words(chance)
    weights = [1 / (rank + 5) for rank in range(len(vocabulary))]
    pool = chance.choices(vocabulary, weights, k=400_000)
    rare = []
    for number in range(documents):
        start = chance.randrange(len(pool) - chars // 5)
        drawn = pool[start : start + chars // 5]
        if number % 1000 == 500:
            rare.append(f"only{number}")
            drawn[len(drawn) // 2] = rare[-1]
        text = f"Agreement {number}\n\n" + "\n".join(" ".join(drawn[at : at + 12]) for at in range(0, len(drawn), 12))
        place = folder / f"{number // 100:03}"
        place.mkdir(exist_ok=True)
        (place / f"agreement {number:05}.txt").write_text(text)
    common = [vocabulary[0], vocabulary[3], f"{vocabulary[1]} {vocabulary[2]}", "agreement"]
    seldom = [f"{vocabulary[chance.randrange(3000, 9000)]} {vocabulary[chance.randrange(50)]}" for _ in range(20)]
    return [*rare, *common, *seldom]


def _since(begun: float, cpu: float) -> str:
    return f"{time.perf_counter() - begun:.2f} s, processor time {time.process_time() - cpu:.2f} s"


async def main(documents: int, chars: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name, "files"), Path(name, "data")
        folder.mkdir()
        searches = make(folder, documents, chars)
        store, extractor = await Store.open(data), Extractor()
        await extractor.start(2)
        library = Library(store, extractor)
        await library.create("large")
        times: list[float] = []
        started = time.perf_counter()

        def note(now: Progress) -> None:
            times.extend([time.perf_counter() - started] * (now.done - len(times)))

        report = await library.load([folder], note)
        took = time.perf_counter() - started
        assert len(report.added) == documents
        each = min(1000, documents // 2)
        first, last = each / times[each - 1], each / (times[-1] - times[-each - 1])
        print(f"{documents:,} documents, {len(library.corpus):,} characters")
        print(f"import: {took:.1f} s; {first:.0f} documents/s at first, {last:.0f} at last; ratio {last / first:.2f}")
        print(f"after the last document: {took - times[-1]:.2f} s")
        begun = time.perf_counter()
        await store.index.caught_up()
        print(f"index caught up {time.perf_counter() - begun:.1f} s after the import")
        for inside in (False, True):
            spent, cpus = [], []
            for at in range(SEARCHES):
                begun, cpu = time.perf_counter(), time.process_time()
                found = await library.search(searches[at % len(searches)], not inside, 20)
                cpus.append(time.process_time() - cpu)
                spent.append((time.perf_counter() - begun, searches[at % len(searches)]))
                assert found.pages or at % len(searches) >= len(searches) - 20
            where = "in the workspace" if inside else "everywhere"
            worst = max(spent)
            median = statistics.median(one for one, _ in spent)
            print(f"search {where}: median {median * 1e3:.1f} ms, worst {worst[0] * 1e3:.1f} ms ({worst[1]!r})")
            used = statistics.median(cpus) * 1e3
            print(f"    processor time: median {used:.1f} ms, worst {max(cpus) * 1e3:.1f} ms")
        begun, cpu = time.perf_counter(), time.process_time()
        await library.load([folder])
        print(f"looked at again, nothing changed: {_since(begun, cpu)}")
        begun, cpu = time.perf_counter(), time.process_time()
        await library.open("large")
        print(f"workspace opened again: {_since(begun, cpu)}")
        begun, cpu = time.perf_counter(), time.process_time()
        lines = entries(library.corpus, ())
        print(f"list of {len(lines):,} lines laid out: {_since(begun, cpu)}")
        await extractor.close()
        await store.close()
        size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) / 2**20
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"data folder {size:.0f} MiB; most memory of the host process {held:.0f} MiB")


if __name__ == "__main__":
    print(calibration.line())
    given = [int(one) for one in sys.argv[1:]]
    asyncio.run(main(*given, *(10_000, 4_000)[len(given) :]))
