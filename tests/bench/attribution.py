"""How exactly, and how fast, text is found again in prompts: 200 random programs over 5 MB, a fifth of it boilerplate.

    python -m tests.bench.attribution [--programs 200] [--megabytes 5]

Prints precision and recall by character (white space left out), and processor time per prompt, which other work on
the machine does not change much.
"""

import argparse
import statistics
import time

from rlm_desk.evidence.attribution import Attributor
from tests.evidence.making import Files, characters


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=200)
    parser.add_argument("--megabytes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    files = Files(asked.seed, int(asked.megabytes * 1_000_000))
    began = time.process_time()
    attributor = Attributor(files.corpus)
    print(f"{len(files.corpus):,} characters indexed in {time.process_time() - began:.1f} s of processor time")
    right = wrong = missed = 0
    seconds: list[float] = []
    for _ in range(asked.programs):
        prompt, ranges = files.program()
        began = time.process_time()
        spans = attributor.find(prompt)
        seconds.append(time.process_time() - began)
        truth = characters(files.corpus, ranges)
        said = characters(files.corpus, [(span.start, span.end) for span in spans])
        right, wrong, missed = right + len(truth & said), wrong + len(said - truth), missed + len(truth - said)
    seconds.sort()
    print(f"precision {right / max(right + wrong, 1):.2%}, recall {right / max(right + missed, 1):.2%}")
    print(
        f"per prompt: median {statistics.median(seconds) * 1000:.1f} ms, "
        f"95th percentile {seconds[int(len(seconds) * 0.95)] * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()
