"""The caption of a guided demonstration, with its step and its keys; each of them can be clicked."""

from textual.content import Content
from textual.widgets import Static

from rlm_desk.clean import clean
from rlm_desk.tui.wording import MUTED


class Captions(Static):
    """Drawn by `say`."""

    DEFAULT_CSS = """
    Captions { height: auto; border: round $accent; border-title-color: $accent; border-title-style: bold;
        border-subtitle-color: $text-muted; padding: 0 1; background: $surface; min-height: 5; }
    """

    def __init__(self) -> None:
        super().__init__("", id="captions", markup=False)

    def say(self, number: int, steps: int, title: str, text: str, leads: str, auto: bool) -> None:
        """Draw one caption; `leads`: what Space leads to; nothing while that has to wait."""
        self.border_title = Content(f"{number} of {steps} · {title}")
        keys = [
            f"[@click=screen.next_step]{f'Space {leads}' if leads else '… next'}[/]",
            "[@click=screen.step_back]← back[/]",
        ]
        keys.append("[@click=app.quit_desk]q quit[/]")
        # Our own words only: nothing of a document or a model stands in this line.
        self.border_subtitle = Content.from_markup(" · ".join(keys) + (" · goes on by itself" if auto else ""))
        self.update(Content.styled(clean(text), "" if leads else MUTED))
