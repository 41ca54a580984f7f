"""What a desk does by itself when it opens; a demonstration uses all of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Verdict = Callable[[Any], Awaitable[str]]
"""Takes the desk's own answer and says what to think of it, in lines."""


@dataclass(frozen=True, slots=True)
class Start:
    """Documents, a question, and what is made of its answer."""

    paths: Sequence[Path | str] = ()
    """Files and folders to load."""
    question: str | Callable[[], str] | None = None
    """Asked as soon as they are loaded; a callable is called then."""
    opening: str = "Opening the desk"
    """What the status line says until the desk is open."""
    consent: bool = True
    """Whether a long run is asked about first."""
    verdict: Verdict | None = None
    """Shown below the answer to `question`, unless the person cancelled the run."""
    judging: str = "Checking the answer"
    """What the status line says meanwhile."""
    closes_after: float | None = None
    """Seconds after the verdict until the desk closes, unless a key is pressed; None: it stays."""
