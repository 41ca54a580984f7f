"""desk-tiny tried out from the desk: a small corpus of invented agreements, and a question about all of them."""

import secrets
from pathlib import Path

from rlm_desk.tui.port import DeskPort

TOKENS = 40_000
"""Twenty times the window of desk-tiny, and less than half a minute on two cores."""


async def tried(desk: DeskPort) -> tuple[Path, str]:
    """Choose desk-tiny for this session and write agreements for it; their folder, and a question.

    Raises:
        DeskError: a run goes on, or the folder cannot be written.
    """
    from rlm_desk.catalogue.known import BUNDLED  # not before it is asked for: the first frame would wait
    from rlm_desk.catalogue.resolve import resolve
    from rlm_desk.demo import show

    data = desk.settings.data_dir
    await desk.models.choose(resolve(BUNDLED, data / "models"))
    seed = secrets.randbelow(1_000_000)
    folder = data / "demo" / f"{seed}-{TOKENS}"
    made = await show.prepare_aside(folder, seed=seed, tokens=TOKENS, family="count")
    return folder, made.question.text
