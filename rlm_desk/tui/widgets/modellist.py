"""The models in one list: those that are here, then those that could be carried in, each with what it takes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message

from rlm_desk.clean import one_line
from rlm_desk.tui.widgets.rows import Rows, fitted
from rlm_desk.tui.wording import count

if TYPE_CHECKING:
    from rlm_desk.desk.models import Here, Unseen

WORDS = {
    "bundled": "bundled",
    "published": "published",
    "pinned": "pinned",
    "not imported": "not imported",
}
"""Whose hash a file has; the details say more."""

Key = tuple[Literal["head", "here", "unseen"], str]


@dataclass(frozen=True, slots=True)
class Line:
    """What a row stands for: a model, or the heading of those below it."""

    key: Key
    here: "Here | None" = None
    unseen: "Unseen | None" = None


class ModelList(Rows):
    """Models by line. `asked` has a sign, `loaded` a word."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "models--head",
        "models--name",
        "models--figure",
        "models--good",
        "models--bad",
    }
    DEFAULT_CSS = """
    ModelList { height: 1fr; background: $surface; }
    ModelList .models--head { color: $text-muted; text-style: bold; }
    ModelList .models--figure { color: $text-muted; }
    ModelList .models--good { color: $success; }
    ModelList .models--bad { color: $warning; }
    """

    class Moved(Message):
        """The cursor is on another model."""

    class Pressed(Message):
        """A model was double-clicked."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._lines: list[Line] = []
        self.asked: Path | None = None
        self.loaded: Path | None = None

    @property
    def chosen(self) -> Line | None:
        """The model under the cursor."""
        row = self.row(self.cursor)
        return self._lines[row] if row is not None and row < len(self._lines) else None

    def show(self, here: "Sequence[Here]", unseen: "Sequence[Unseen]") -> None:
        """List models; the cursor stays on its own, or goes to the one that is asked."""
        lines = [Line(("head", "here"))]
        lines += [Line(("here", str(one.spec.path)), here=one) for one in here]
        if unseen:
            lines.append(Line(("head", "unseen")))
            lines += [Line(("unseen", one.entry.name), unseen=one) for one in unseen]
        self._lines = lines
        self.lay_out([line.key for line in lines])
        if self.row(self.cursor) is None and here:
            asked = next((one for one in here if one.spec.path == self.asked), here[0])
            self.choose(("here", str(asked.spec.path)))

    def choose(self, key: Hashable) -> None:
        """Put the cursor on a model; the heading above the first of a kind is seen too."""
        super().choose(key)
        row = self.row(key) or 0
        if row and self._lines[row - 1].key[0] == "head":
            self.scroll_to_region(Region(0, row - 1, 1, 2), animate=False, force=True)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self.chosen is not None:
            self.choose(self.chosen.key)  # the cursor's line stays in sight, however low the list has become

    def action_move(self, by: int) -> None:
        """Move the cursor over models; a heading is passed over."""
        if not self._lines:
            return
        row = max(0, min(len(self._lines) - 1, (self.row(self.cursor) or 0) + by))
        step = 1 if by > 0 else -1
        while 0 <= row < len(self._lines) and self._lines[row].key[0] == "head":
            row += step
        if 0 <= row < len(self._lines):
            self.choose(self._lines[row].key)
        else:
            self.scroll_home(animate=False)

    def moved(self, key: object) -> None:
        self.post_message(self.Moved())

    def pressed(self, row: int, x: int, twice: bool) -> None:
        if twice and self._lines[row].key[0] != "head":
            self.post_message(self.Pressed())

    # drawing

    def paint(self, row: int, width: int) -> list[Segment]:
        """A line: name, size, quantisation, window, licence, state."""
        line = self._lines[row]
        style = self.get_component_rich_style
        kind = line.key[0]
        if kind == "head":
            title = "On this machine" if line.key[1] == "here" else "Known, to be carried in"
            state = "state" if line.key[1] == "here" else "on this machine now"
            return [
                Segment(
                    self._columns(width, " ", title, "size", "quant", "window", "licence", state), style("models--head")
                )
            ]
        if line.here is not None:
            return self._here(line.here, width)
        assert line.unseen is not None
        return self._unseen(line.unseen, width)

    def _here(self, one: "Here", width: int) -> list[Segment]:
        spec, style = one.spec, self.get_component_rich_style
        asked = spec.path == self.asked
        if not one.bytes:
            state, look = "the file is gone", "models--bad"
        else:
            said = [
                *(["asked"] if asked else []),
                *(["loaded"] if spec.path == self.loaded else []),
                WORDS[one.checked],
            ]
            state, look = ", ".join(said), "models--good" if asked else "models--figure"
        text = self._columns(
            width, "▶" if asked else " ", spec.name, _size(one.bytes), one.quantisation, count(spec.window),
            one.license, "",
        )  # fmt: skip
        return [Segment(text, style("models--name")), Segment(state, style(look))]

    def _unseen(self, one: "Unseen", width: int) -> list[Segment]:
        entry, style = one.entry, self.get_component_rich_style
        text = self._columns(
            width,
            " ",
            entry.name,
            _size(entry.size),
            _quantisation(entry.title),
            count(entry.window),
            entry.license,
            "",
        )
        if one.fit is None:
            return [Segment(text, style("models--name")), Segment("✗ does not fit", style("models--bad"))]
        less = one.fit.plan.window < entry.window or one.fit.steps
        state = f"✓ fits, window {count(one.fit.plan.window)}" if less else "✓ fits"
        return [Segment(text, style("models--name")), Segment(state, style("models--good"))]

    @staticmethod
    def _columns(width: int, sign: str, name: str, size: str, quant: str, window: str, license: str, state: str) -> str:
        """Cells of fixed width; what a narrow list has no room for is left out, least needed first."""
        parts = [f"{sign} ", "", f"{size:>8} "]
        if width >= 84:
            parts.append(f" {fitted(one_line(quant, 20), 7)} ")
        if width >= 58:
            parts.append(f"{window:>7}  ")
        if width >= 100:
            parts.append(fitted(one_line(license, 30), 16) + " ")
        room = width - sum(map(len, parts)) - (30 if width >= 72 else 18)
        parts[1] = fitted(one_line(name, 80), max(8, min(30, room)))
        return "".join(parts) + " " + state


def _size(size: int) -> str:
    if size >= 1e8:
        return f"{size / 1e9:.1f} GB"
    return f"{size / 1e6:.1f} MB" if size else "–"


def _quantisation(title: str) -> str:
    """Of a published file, as its title says it: ``Qwen3 8B, Q4_K_M``."""
    return title.rpartition(", ")[2] if ", " in title else ""
