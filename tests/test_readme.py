"""The README's promises: its Python example runs as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

from rlm_desk.demo.corpus import write

README = Path(__file__).parents[1] / "README.md"


def test_the_python_example_runs(tmp_path: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    assert code
    assert len(code[1].splitlines()) <= 10
    write(tmp_path / "contracts", seed=90_002, tokens=6_000)
    done = subprocess.run(
        [sys.executable, "-c", code[1]],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"RLM_DESK_DATA_DIR": str(tmp_path / "data")},
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+ sub-calls, \d+ tokens read, depth \d", done.stdout)
