"""What the chosen node was asked, did and answered."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Static, Tab, Tabs

from rlm_desk.clean import one_line
from rlm_desk.rlm.tree import NodeDetail, NodeView, TreeView
from rlm_desk.tui.commands import bindings
from rlm_desk.tui.widgets.pane import Pane
from rlm_desk.tui.widgets.textview import Part, TextView
from rlm_desk.tui.wording import WORDS, count, duration

TABS = ("prompt", "code", "output", "reply", "pages", "usage")

NAMES = {"pages": "Pages read"}
"""Tabs whose name is not their id."""

Pages = Callable[[Iterable[tuple[int, int]]], list[str] | None]
"""The pages that spans of the corpus touch; None when the documents are not at hand."""

MOST = 500
"""Pages listed of one kind."""

TEACH = "Choose a line of the tree (F4) to see its prompt, code, output and reply here. [ and ] change the tab."


class InspectorText(TextView):
    """The text of one tab."""

    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [*bindings("inspector")]


class Inspector(Pane):
    """Shows a `NodeDetail`, one tab at a time; only the open tab is laid out."""

    DEFAULT_CSS = """
    Inspector Tabs { height: 2; }
    Inspector #inspector-empty { color: $text-muted; padding: 0 1; height: auto; }
    Inspector InspectorText { padding: 0 0 0 1; }
    """

    def __init__(self, number: int, title: str, *, id: str) -> None:
        super().__init__(number, title, id=id)
        self._detail: NodeDetail | None = None
        self._run: TreeView | None = None
        self._pages: Pages = lambda spans: None

    def compose(self) -> ComposeResult:
        yield Static(TEACH, id="inspector-empty", markup=False)
        yield Tabs(*(Tab(NAMES.get(name, name.capitalize()), id=name) for name in TABS), id="inspector-tabs")
        yield InspectorText(id="inspector-text")

    def on_mount(self) -> None:
        self.show(None, None)

    @property
    def tab(self) -> str:
        return self.query_one(Tabs).active or TABS[0]

    @property
    def text(self) -> TextView:
        return self.query_one(InspectorText)

    def turn_tab(self, by: int) -> None:
        """Go to the next tab (1) or the one before (-1)."""
        self.query_one(Tabs).active = TABS[(TABS.index(self.tab) + by) % len(TABS)]

    def open_tab(self, name: str) -> None:
        """Go to a tab."""
        self.query_one(Tabs).active = name

    def show(self, detail: NodeDetail | None, run: TreeView | None, pages: Pages | None = None) -> None:
        """Draw a node; the place in the text is kept while it is the same node. `pages` names what it read."""
        self._pages = pages or (lambda spans: None)
        same = self._detail is not None and detail is not None and self._detail.view.id == detail.view.id
        same = same and self._run is not None and run is not None and self._run.run == run.run
        self._detail, self._run = detail, run
        for selector, shown in (("#inspector-empty", detail is None), ("Tabs", detail is not None)):
            self.query_one(selector).display = shown
        self.text.display = detail is not None
        if detail is not None:
            view = detail.view
            self.caption(f"{view.role} {view.id} · {WORDS[view.status]}", one_line(view.label, 40))
            self.text.show(self._section(detail), keep_place=same)
        else:
            self.caption("")

    def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        event.stop()
        if self._detail is not None:
            self.text.show(self._section(self._detail))

    def _section(self, detail: NodeDetail) -> list[Part]:
        return _pages_read(detail, self._pages) if self.tab == "pages" else SECTIONS[self.tab](detail)


def _prompt(detail: NodeDetail) -> list[Part]:
    parts: list[Part] = []
    for prompt in detail.prompts:
        for message in prompt.messages:
            parts.append(Part("heading", f"turn {prompt.turn + 1} · {message.role}"))
            for start, end in message.cites:
                parts.append(Part("note", f"cites characters {start:,} to {end:,} of the documents"))
            parts.append(Part("plain", message.text + "\n"))
    if detail.view.role == "batch":
        return [Part("note", "A batch has no prompt of its own: unfold it and choose one of its calls.")]
    return parts or [Part("note", "Nothing was asked yet.")]


def _code(detail: NodeDetail) -> list[Part]:
    parts: list[Part] = []
    for cell in detail.cells:
        state = "running" if cell.output is None else f"{'failed' if cell.failed else 'done'}, {duration(cell.seconds)}"
        parts.append(Part("heading", f"cell {cell.number + 1} · {state}"))
        parts.append(Part("code", cell.code.strip("\n") + "\n"))
    return parts or [Part("note", _no_code(detail.view))]


def _output(detail: NodeDetail) -> list[Part]:
    parts: list[Part] = []
    for cell in detail.cells:
        parts.append(Part("heading", f"cell {cell.number + 1}"))
        if cell.output is None:
            parts.append(Part("note", "still running"))
        else:
            parts.append(Part("bad" if cell.failed else "plain", cell.output or "(no output)"))
        if cell.variables:
            parts.append(Part("note", "variables: " + ", ".join(cell.variables)))
        parts.append(Part("plain", ""))
    return parts or [Part("note", _no_code(detail.view))]


def _reply(detail: NodeDetail) -> list[Part]:
    parts: list[Part] = []
    nudges = {nudge.turn: nudge.reason for nudge in detail.nudges}
    for reply in detail.replies:
        state = "being written" if reply.partial and not detail.view.over else "cut off" if reply.partial else ""
        state = state or ("ran out of room" if reply.finish == "length" else "cached" if reply.cached else "")
        parts.append(Part("heading", f"turn {reply.turn + 1}" + (f" · {state}" if state else "")))
        parts.append(Part("plain", reply.text or "(empty)"))
        if reply.turn in nudges:
            parts.append(Part("bad", f"could not be used: {nudges[reply.turn]}"))
        parts.append(Part("plain", ""))
    if detail.answer is not None:
        parts += [Part("heading", f"answer · {detail.view.how}"), Part("plain", detail.answer)]
    if detail.view.error:
        parts.append(Part("bad", detail.view.error))
    if detail.view.role == "batch":
        return [Part("note", "A batch has no reply of its own: unfold it and choose one of its calls.")]
    return parts or [Part("note", "No reply yet.")]


def _pages_read(detail: NodeDetail, pages: Pages) -> list[Part]:
    """The pages a node's prompts showed to a model, then those that only its code has seen."""
    parts: list[Part] = []
    groups = [
        ("shown to the model", [span for prompt in detail.prompts for span in prompt.shown]),
        ("given back by a helper", [span for read in detail.reads if read.how == "returned" for span in read.spans]),
        ("scanned by code", [span for read in detail.reads if read.how == "scanned" for span in read.spans]),
    ]
    for how, spans in groups:
        if not spans:
            continue
        chars = sum(end - start for start, end in spans)
        named = pages(spans)
        parts.append(Part("heading", f"{how} · {count(chars)} characters"))
        if named is None:
            parts.append(Part("note", "The documents of this run are not open here."))
        else:
            more = f"\n… and {len(named) - MOST:,} more" if len(named) > MOST else ""
            parts.append(Part("plain", "\n".join(one_line(name, 200) for name in named[:MOST]) + more + "\n"))
    if detail.view.role == "batch":
        return [Part("note", "A batch reads nothing itself: unfold it and choose one of its calls.")]
    return parts or [Part("note", "This node was shown no page of the documents.")]


def _usage(detail: NodeDetail) -> list[Part]:
    view = detail.view
    rows = [
        ("state", WORDS[view.status]),
        ("depth", str(view.depth)),
        ("time", duration(view.seconds())),
        ("prompts sent", str(view.turns)),
        ("code cells", str(view.cells)),
        ("own tokens", _tokens(view.own.prompt, view.own.cached, view.own.completion)),
        ("with all below", _tokens(view.total.prompt, view.total.cached, view.total.completion)),
        ("children", str(len(view.children))),
    ]
    if view.role == "batch":
        rows.append(("items", f"{view.items_done} done, {view.items_failed} failed, of {view.items}"))
    if detail.missing:
        rows.append(("no usable answer", "items " + ", ".join(str(i + 1) for i in detail.missing[:50])))
    parts = [Part("plain", "\n".join(f"{name:<17}{value}" for name, value in rows))]
    for read in detail.reads:
        chars = sum(end - start for start, end in read.spans)
        how = "given back by" if read.how == "returned" else "scanned by code in"
        parts.append(Part("plain", f"{'read':<17}{count(chars)} characters {how} {read.helper}"))
    parts += [Part("bad", f"{'restarted':<17}{reason}") for reason in detail.restarts]
    if view.error:
        parts.append(Part("bad", view.error))
    return parts


def _tokens(prompt: int, cached: int, completion: int) -> str:
    return f"{prompt:,} read ({cached:,} of them kept from before), {completion:,} written"


def _no_code(view: NodeView) -> str:
    if view.role in ("root", "child"):
        return "No code was run yet."
    return f"A {'batch' if view.role == 'batch' else 'sub-call'} runs no code: the node above it does."


SECTIONS: dict[str, Callable[[NodeDetail], list[Part]]] = {
    "prompt": _prompt,
    "code": _code,
    "output": _output,
    "reply": _reply,
    "usage": _usage,
}
