"""The command palette: the open screen's commands, then those of the app, as they are declared; then the themes."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from rlm_desk.tui.commands import COMMANDS, key_name
from rlm_desk.tui.theme import THEMES

Offer = tuple[str, str, Callable[[], object]]
"""What it does, how else it is done, the act."""


class Palette(Provider):
    """Offers what can be done now: a command that its screen refuses at this moment is left out."""

    def offers(self) -> Iterator[Offer]:
        """Everything that is offered, in order."""
        here = getattr(self.screen, "parts", ())
        for command in COMMANDS:
            mine = any(part in here for part in command.where.split(","))
            if command.action == "app.interrupt" or not (mine or command.where == "app"):
                continue
            if self._refused(command.action):
                continue
            yield command.help, f"{command.name} · {key_name(command)}", partial(self._run, command.action)
        for name in THEMES:
            yield f"Theme: {name.replace('-', ' ')}", "Colours", partial(self._run, f"app.use_theme('{name}')")

    async def discover(self) -> Hits:
        """All offers, while nothing is typed."""
        for what, how, act in self.offers():
            yield DiscoveryHit(what, act, help=how)

    async def search(self, query: str) -> Hits:
        """Offers whose words match."""
        matcher = self.matcher(query)
        for what, how, act in self.offers():
            score = max(matcher.match(what), matcher.match(how) * 0.9)
            if score > 0:
                yield Hit(score, matcher.highlight(what), act, help=how)

    def _refused(self, action: str) -> bool:
        where, _, rest = action.partition(".")
        asked = self.app if where == "app" else self.screen
        return not asked.check_action(rest.partition("(")[0], ())

    def _run(self, action: str) -> None:
        self.app.call_later(self.app.run_action, action)
