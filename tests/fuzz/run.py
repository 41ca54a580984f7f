"""Coverage-guided fuzzing: `python -m tests.fuzz.run TARGET SECONDS FOLDER`. Needs atheris, which no lock file holds.

FOLDER keeps the corpus that grows and, as `crash-*` and `timeout-*`, what was found. An input that takes longer than
five seconds or more than a gigabyte counts as found. Shrink a finding, then add it to `findings.py`.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["rlm_desk", "pypdf", "json"]):
    from tests.fuzz.seeds import SEEDS
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Fuzz one target for a while."""
    name, seconds, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]()):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = [
        "-timeout=5",
        "-rss_limit_mb=1500",
        "-max_len=20000",
        f"-max_total_time={seconds}",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/{name}-", str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
