"""What the desk's screen keeps between starts: the sizes of panes, those put away, tree or timeline. No documents."""

import json
import os
from pathlib import Path
from typing import Any

NAME = "screen.json"


def load(folder: Path) -> dict[str, Any]:
    """What was kept; empty where nothing was, or where it cannot be read: it is no loss."""
    try:
        kept = json.loads((folder / NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def save(folder: Path, state: dict[str, Any]) -> None:
    """Keep it, whole or not at all. Raises OSError."""
    half = folder / f".{NAME}.{os.getpid()}"
    try:
        half.write_text(json.dumps(state), "utf-8")
        half.replace(folder / NAME)
    finally:
        half.unlink(missing_ok=True)
