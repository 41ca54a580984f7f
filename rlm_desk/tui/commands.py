"""Every command, declared once: its key, its place in the footer, the palette and the help come from here."""

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True, slots=True)
class Command:
    """Something a person can do."""

    action: str
    """Textual action, resolved on the app or the open screen."""
    keys: str
    """Keys that run it, comma separated; the first is shown."""
    name: str
    """One or two words, for the footer."""
    help: str
    """What it does, for the palette and the help."""
    where: str = "app"
    """Which parts bind the keys: names of `PARTS`, comma separated."""
    footer: bool = False
    priority: bool = False
    """Works while a text field has the focus, before the field sees the key."""
    shown: str = ""
    """How the key is written, where Textual's own way is unclear."""


PARTS: dict[str, str] = {
    "workspace": "On the workspace",
    "question": "In the question box",
    "documents": "In the documents",
    "answer": "In the answer",
    "source": "In the source",
    "tree": "In the tree",
    "timeline": "In the timeline",
    "inspector": "In the inspector",
    "playback": "While a run is played",
    "history": "In the history",
    "compare": "Beside each other",
    "models": "Among the models",
    "settings": "In the settings",
    "app": "Everywhere",
}
"""Every part that binds keys, with its heading in the help."""

SCREENS = frozenset({"workspace", "playback", "history", "compare", "models", "settings"})
"""Parts that are whole screens."""

COMMANDS: tuple[Command, ...] = (
    Command("app.help", "f1,question_mark", "Help", "Show all keys and what they do"),
    Command("screen.add", "ctrl+o", "Add", "Add a file or a folder of documents", "workspace", footer=True),
    Command("screen.stop", "escape", "Cancel run", "In a run: cancel it", "workspace", footer=True),
    Command("screen.pause", "ctrl+g", "Pause", "In a run: pause it, or let it go on", "workspace", footer=True),
    Command("screen.answer_now", "ctrl+n", "Answer now", "In a run: let it answer now", "workspace", footer=True),
    Command("screen.raise_budget", "ctrl+d,ctrl+b", "Raise budget", "In a run: allow more", "workspace", priority=True),
    Command("screen.queue", "ctrl+k", "Queue", "List the questions that wait", "workspace", footer=True, priority=True),
    Command("screen.workspaces", "ctrl+n", "New workspace", "Between runs: a new workspace, or another", "workspace"),
    Command("screen.back", "escape", "Back", "Leave the zoom, or go back to the question", "workspace"),
    Command("app.interrupt", "ctrl+c", "Cancel run", "Cancel the run, or copy the selected text", priority=True),
    Command("screen.question", "ctrl+l", "Question", "Write a question", "workspace", True, True),
    Command("screen.recall(-1)", "up", "Question before", "Bring back the question before, to change it", "question"),
    Command("screen.recall(1)", "down", "Question after", "The one after it; last, what was being written", "question"),
    Command("screen.pane('documents')", "f2,1", "Documents", "Go to the documents", "workspace,playback"),
    Command("screen.pane('answer')", "f3,2", "Answer", "Go to the answer", "workspace,playback"),
    Command("screen.pane('recursion')", "f4,3", "Tree", "Go to the recursion tree", "workspace,playback", footer=True),
    Command("screen.pane('inspector')", "f6,4", "Inspector", "Go to the inspector", "workspace,playback"),
    Command("screen.pane('source')", "f7,5", "Source", "Go to the source: a document's text", "workspace,playback"),
    Command("screen.present", "f5", "Present", "Only the tree and the answer, for an audience; or back", "workspace"),
    Command("screen.hide", "f9", "Hide", "Put this pane away; from the question box, bring all back", "workspace"),
    Command("screen.resize('wider')", "shift+right,greater_than_sign", "Wider", "Make this pane wider", "workspace"),
    Command("screen.resize('narrower')", "shift+left,less_than_sign", "Narrower", "Make it narrower", "workspace"),
    Command("screen.resize('higher')", "shift+down", "Higher", "Make it higher", "workspace"),
    Command("screen.resize('lower')", "shift+up", "Lower", "Make it lower", "workspace"),
    Command("screen.zoom", "f8", "Zoom", "Give this pane the whole screen, or back", "workspace,playback", footer=True),
    Command("screen.copy_answer", "ctrl+y", "Copy answer", "Copy the answer to the clipboard", "workspace,playback"),
    Command("screen.save_answer", "ctrl+s", "Save answer", "Save question and answer as text", "workspace,playback"),
    Command("screen.remove_document", "delete,x", "Remove", "Remove the chosen document", "documents", footer=True),
    Command("screen.preview", "enter", "Read", "Read the chosen document's text", "documents", footer=True),
    Command("screen.fold", "space,enter", "Fold", "Fold or unfold the node; look into a call", "tree", footer=True),
    Command("screen.timeline", "t", "Tree/time", "The run as a tree, or over time", "tree,timeline", footer=True),
    Command("screen.closer(1)", "i", "Closer", "Show half the time around the cursor", "timeline", footer=True),
    Command("screen.closer(-1)", "o", "Farther", "Show twice the time", "timeline", footer=True),
    Command("screen.stop_node", "x,delete", "Stop this", "Stop this call, batch, child", "tree,timeline", footer=True),
    Command("screen.jump('failed')", "f", "Next failed", "Go to the next that failed", "tree,timeline", footer=True),
    Command("screen.jump('slowest')", "s", "Slowest", "Go to the node that took longest", "tree,timeline"),
    Command("screen.jump('answer')", "a", "Answer's", "Go to the next node the answer stands on", "tree,timeline"),
    Command("screen.find", "slash,ctrl+f", "Find", "Find a word in the document", "source", footer=True),
    Command("screen.page", "v", "Page", "The page itself beside its text, or not any more", "source", footer=True),
    Command("screen.cite(1)", "n", "Next source", "Open the next source of the answer", "answer,source", footer=True),
    Command("screen.cite(-1)", "p", "Source before", "Open the source before", "answer,source"),
    Command("screen.tab(1)", "right_square_bracket", "Next tab", "Next tab", "tree,inspector,timeline", shown="]"),
    Command("screen.tab(-1)", "left_square_bracket", "Tab back", "Tab before", "tree,inspector,timeline", shown="["),
    Command("screen.play", "r", "Play", "Play the run, or pause", "playback,history", footer=True),
    Command("screen.faster(1)", "plus,equals_sign", "Faster", "Play faster, up to 50 times", "playback", footer=True),
    Command("screen.faster(-1)", "minus", "Slower", "Play slower, down to as it was", "playback"),
    Command("screen.skip(1)", "full_stop", "Forward", "Go a twentieth forward", "playback", footer=True),
    Command("screen.skip(-1)", "comma", "Rewind", "Go a twentieth back", "playback"),
    Command("screen.start", "0", "Start", "Go to the first event", "playback"),
    Command("screen.end", "e", "End", "Go to the end: the run as it was", "playback"),
    Command("screen.search", "slash,ctrl+f", "Search", "Find words in all that is kept", "history", footer=True),
    Command("screen.open", "enter", "Open", "Open the run as it was", "history,compare", footer=True),
    Command("screen.mark", "c", "Compare", "Mark a run, then another: both side by side", "history", footer=True),
    Command("screen.export", "x", "Export", "Write the run as a report or a bundle", "history,answer", footer=True),
    Command("screen.bundle", "o", "Bundle", "Open and play a run bundle that somebody made", "history"),
    Command("screen.delete", "delete,d", "Delete", "Erase the run for good", "history", footer=True),
    Command("screen.change", "enter", "Change", "Change the chosen setting", "settings", footer=True),
    Command("screen.reset", "delete,d", "Default", "Take it out of the file again", "settings", footer=True),
    Command("screen.use", "enter", "Use", "Ask this model from now on, or import its file", "models", footer=True),
    Command("screen.load", "l", "Load", "Load the model into memory, or unload it", "models", footer=True),
    Command("screen.bring", "i", "Import", "Bring in a model file you carried here", "models", footer=True),
    Command("screen.measure", "s", "Speed", "Measure how fast this machine is with the model", "models", footer=True),
    Command("screen.verify", "v", "Verify", "Hash the file again and compare", "models", footer=True),
    Command("screen.discard", "delete,d", "Remove", "Take the model out of the model folder", "models"),
    Command("screen.try_out", "t", "Try", "Try desk-tiny now, on agreements invented for it", "models", footer=True),
    Command("screen.copy_details", "ctrl+y", "Copy", "Copy what is said about the model", "models"),
    Command("screen.save_details", "ctrl+s", "Save", "Save what is said about the model as text", "models"),
    Command("screen.leave", "escape", "Back", "Go back", "playback,history,compare,models,settings", footer=True),
    Command("app.history", "ctrl+r", "History", "Find, open, replay and compare earlier runs", footer=True),
    Command("app.settings", "f10", "Settings", "See and change all settings"),
    Command("app.models", "f11", "Models", "Models: what is here, what fits, import, load, speed"),
    Command("app.next_theme", "ctrl+t", "Theme", "Next theme: dark, light, high contrast, colour-blind safe"),
    Command("app.picture", "f12", "Picture", "Save the screen as a picture (SVG)"),
    Command("app.quit_desk", "ctrl+q", "Quit", "Leave; a run that goes on is cancelled and kept", priority=True),
)  # fmt: skip


def of_part(where: str) -> list[Command]:
    """The commands of a part, in the order of their declaration."""
    return [command for command in COMMANDS if where in command.where.split(",")]


def binding_of(action: str) -> Binding:
    """The first key of a command that a widget binds itself, because it would take the key for something else."""
    command = next(command for command in COMMANDS if command.action == action)
    first = command.keys.split(",")[0]
    return Binding(first, action, command.name, show=command.footer, key_display=command.shown or one_key(first))


def bindings(where: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """Textual bindings of the commands of one part."""
    made: list[Binding | tuple[str, str] | tuple[str, str, str]] = []
    for command in of_part(where):
        first, *more = command.keys.split(",")
        # On a screen itself an action names no screen: "screen" would mean a dialog that lies over it, and the
        # footer below would ask that one whether there is something to cancel.
        action = command.action.removeprefix("screen.") if where in SCREENS else command.action
        made.append(
            Binding(
                first,
                action,
                command.name,
                show=command.footer,
                priority=_at_once(first, command),
                key_display=command.shown or one_key(first),
                tooltip=command.help,
            )
        )
        made += [Binding(key, action, command.name, show=False, priority=_at_once(key, command)) for key in more]
    return made


def _at_once(key: str, command: Command) -> bool:
    """Whether a key is taken before the field in focus sees it.

    A function key is nobody's text, and what is typed right behind it is meant for where it leads.
    """
    return command.priority or (key[0] == "f" and key[1:].isdigit())


KEY_NAMES = {
    "question_mark": "?",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "plus": "+",
    "minus": "-",
    "slash": "/",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "escape": "Esc",
    "delete": "Del",
    "full_stop": ".",
    "comma": ",",
    "equals_sign": "=",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


def one_key(key: str) -> str:
    """A key as a person reads it: ``Ctrl+O``, ``F1``, ``?``."""
    parts = [KEY_NAMES.get(part, part) for part in key.split("+")]
    return "+".join(p if len(p) == 1 and len(parts) == 1 else p[:1].upper() + p[1:] for p in parts)


def key_name(command: Command) -> str:
    """All keys of a command: ``Ctrl+O``, ``F1 or ?``."""
    return " or ".join(one_key(key) for key in command.keys.split(","))
