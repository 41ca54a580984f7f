"""Long text, shown by the line: only what is visible is rendered, and nothing in it is ever read as markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from rlm_desk.clean import clean
from rlm_desk.tui.widgets.measuring import measure

Kind = Literal["plain", "heading", "note", "bad", "code"]

_CONSOLE = Console(width=200, force_terminal=True, color_system="truecolor", legacy_windows=False)

HIGHLIGHT_LIMIT = 6_000
"""Characters of code that are coloured; colouring more would hold the screen."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some text of one kind. `code` is coloured as Python."""

    kind: Kind
    text: str


def coloured(code: str) -> list[Text]:
    """Lines of Python with colours from a palette that terminals of both backgrounds can show."""
    from rich.syntax import Syntax  # pygments takes 30 ms to import, and many runs never open a code tab

    lines = Syntax("", "python", theme="ansi_dark").highlight(code).split("\n", allow_blank=True)
    return list(lines)


def code_lines(code: str, width: int) -> list[tuple[Kind, str | Text]]:
    """Coloured code in lines of at most `width` cells."""
    lines: list[tuple[Kind, str | Text]] = []
    for line in coloured(code):
        pieces = [line] if line.cell_len <= width else line.wrap(_CONSOLE, width)
        lines += [("code", piece) for piece in pieces]
    return lines


def wrapped(line: str, width: int) -> Iterable[str]:
    """`line` in pieces of at most `width` cells; blanks are kept, so that code and tables stay what they are."""
    if line.isascii():
        if len(line) <= width:
            yield line
            return
        start = 0
        while len(line) - start > width:
            # Break at a blank in the second half, else in the middle of a word.
            cut = line.rfind(" ", start + width // 2, start + width) + 1 or start + width
            yield line[start:cut]
            start = cut
        yield line[start:]
    elif cell_len(line) <= width:
        yield line
    else:
        yield from chop_cells(line, width)


class TextView(ScrollView, can_focus=True):
    """Shows parts of text, wrapped to its width, scrolled by keys or mouse."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "textview--plain",
        "textview--heading",
        "textview--note",
        "textview--bad",
        "textview--code",
    }

    DEFAULT_CSS = """
    TextView { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    TextView .textview--heading { color: $primary; text-style: bold; }
    TextView .textview--note { color: $text-muted; text-style: italic; }
    TextView .textview--bad { color: $error; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: tuple[Part, ...] = ()
        self._lines: list[tuple[Kind, str | Text]] = []
        self._width = 0

    @property
    def plain(self) -> str:
        """Everything it shows, unwrapped, for copying."""
        return "\n".join(clean(part.text) for part in self._parts)

    def show(self, parts: Sequence[Part], keep_place: bool = False) -> None:
        """Replace what is shown. `keep_place` stays where it is scrolled to, and at the end if it was there."""
        if tuple(parts) == self._parts:
            return
        at_end = self.is_vertical_scroll_end and self.max_scroll_y > 0
        self._parts = tuple(parts)
        self._wrap()
        if not keep_place:
            self.scroll_home(animate=False)
        elif at_end:
            self.scroll_end(animate=False)

    def on_resize(self, event: events.Resize) -> None:
        if self.scrollable_content_region.width != self._width:
            self._wrap()

    def _wrap(self) -> None:
        self._width = width = self.scrollable_content_region.width
        self._lines = lines = []
        for part in self._parts if width > 0 else ():  # not seen yet: cut when there is a width, not to single letters
            text = clean(part.text).expandtabs(4)
            if part.kind == "code" and len(text) <= HIGHLIGHT_LIMIT:
                lines += code_lines(text, width)
                continue
            for line in text.split("\n"):
                lines.extend((part.kind, cut) for cut in wrapped(line, width))
        measure(self, Size(width, len(lines)))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        index = y + round(self.scroll_offset.y)
        width = self.size.width
        base = self.rich_style
        if index >= len(self._lines):
            return Strip.blank(width, base)
        kind, line = self._lines[index]
        if isinstance(line, Text):
            segments = list(line.render(_CONSOLE, end=""))
            return Strip(segments).apply_style(base).adjust_cell_length(width, base)
        style = self.get_component_rich_style(f"textview--{kind}")
        return Strip([Segment(line, style)]).adjust_cell_length(width, base)
