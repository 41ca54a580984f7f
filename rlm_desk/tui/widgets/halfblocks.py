"""A picture in cells: two pixels in each, one above the other; where there are no colours, shades of one."""

from functools import lru_cache
from itertools import groupby

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

UPPER = "▀"
"""Its colour is the pixel above, its ground the one below."""
SHADES = " ░▒▓█"

PALEST = 192
"""The darkest of a page is drawn as black, unless it is paler than this: then it is the grain of a scan, not print."""


def colours(rgb: bytes, width: int) -> list[list[Segment]]:
    """A line of segments for every two rows of pixels; below an odd last one there is paper.

    Args:
        rgb: rows from the top, three bytes a pixel.
        width: pixels of a row.
    """
    return [
        [Segment(UPPER * sum(1 for _ in same), _style(*pair)) for pair, same in groupby(pairs)]
        for pairs in _pairs(rgb, width)
    ]


def shades(rgb: bytes, width: int, dark: bool, style: Style) -> list[list[Segment]]:
    """The same in characters that cover more or less of a cell.

    Args:
        dark: letters of this screen are brighter than its ground, so that paper is what is covered most.
        style: what the characters are drawn in.
    """
    scale = SHADES if dark else SHADES[::-1]
    lines = []
    for pairs in _pairs(rgb, width):
        means = [(sum(above) + sum(below)) / 6 for above, below in pairs]
        signs = "".join(scale[int(mean * len(scale) / 256)] for mean in means)
        lines.append([Segment(signs, style)])
    return lines


def _pairs(rgb: bytes, width: int) -> list[list[tuple[bytes, bytes]]]:
    """By line of cells: the pixels above and below in each."""
    inked = rgb.translate(_ink(min(rgb, default=0)))
    step = width * 3
    rows = [[inked[at : at + 3] for at in range(top, top + step, 3)] for top in range(0, len(inked), step)]
    if len(rows) % 2:
        rows.append([b"\xff\xff\xff"] * width)
    return [list(zip(above, below, strict=True)) for above, below in zip(rows[::2], rows[1::2], strict=True)]


@lru_cache(maxsize=256)
def _ink(darkest: int) -> bytes:
    """What each value becomes. Letters thinner than a pixel are a pale grey, which would not be seen on the paper."""
    darkest = min(darkest, PALEST)
    return bytes(round(255 * (max(value - darkest, 0) / (255 - darkest)) ** 1.5) for value in range(256))


@lru_cache(maxsize=65_536)
def _style(above: bytes, below: bytes) -> Style:
    return Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))
