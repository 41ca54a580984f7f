"""A page as pixels, on its way out of the extraction worker. Both sides: standard library only."""

from dataclasses import dataclass
from typing import Any

MOST_PIXELS = 2**22
"""Asked for, or sent, in one picture: 12 MiB. A terminal of 500 by 200 cells shows a twentieth of it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page, as large as the box it was asked for has room: its own proportions are kept."""

    width: int
    height: int
    rgb: bytes
    """Rows from the top, three bytes a pixel, none between rows."""


def fits(width: Any, height: Any) -> bool:
    """Whether these are two sides of a picture that may be made."""
    return type(width) is int and type(height) is int and width > 0 < height and width * height <= MOST_PIXELS
