"""Builds realistic recorded runs: the events a loop would write, with the texts they cite."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rlm_desk import events as ev
from rlm_desk.corpus import Document

CODE = """found = map(
    "What is the yearly fee in this contract?",
    [d.text for d in documents],
)
total = sum(int(x.replace(",", "")) for x in found if x != "none")
print(len(found), total)
"""


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class RunBuilder:
    """Appends events one by one; the clock moves 50 ms with each."""

    run: str = "run-1"
    at: float = 1_700_000_000.0
    step: float = 0.05
    recorded: list[ev.Recorded] = field(default_factory=list)
    nodes: int = 0
    cited: set[str] = field(default_factory=set)

    def add(self, kind: str, texts: Sequence[str] = (), **fields: Any) -> None:
        fields = {"kind": kind, "run": self.run, "seq": len(self.recorded), "at": self.at, **fields}
        self.at += self.step
        new = {sha(t): t for t in texts if sha(t) not in self.cited}
        self.cited |= set(new)
        # model_construct would skip the checks a store does; go through the validator.
        self.recorded.append(ev.Recorded(event=ev.EVENT.validate_python(fields), texts=new))

    def start(
        self, question: str, documents: int = 3, of: Sequence[Document] = (), demonstration: bool = True, **over: Any
    ) -> None:
        refs = tuple(
            {"id": f"{i:064x}", "name": f"Harbour/Contract {i}.txt", "chars": 4000, "pages": 2}
            for i in range(documents)
        )
        refs = tuple({"id": d.id, "name": d.name, "chars": len(d.text), "pages": len(d.pages)} for d in of) or refs
        fields: dict[str, Any] = {
            "question": sha(question),
            "documents": refs,
            "chars": documents * 4000,
            "model": {"name": "desk-tiny", "sha256": "0" * 64, "demonstration": demonstration},
            "dialect": "desk",
            "profile": "small",
            "route": "recursive",
            "budget": {},
            "estimate_tokens": 20_000,
            "estimate_seconds": 12.0,
            **over,
        }
        self.add("run_started", [question], **fields)

    def node(self, role: str, parent: int | None, depth: int, label: str, items: int = 0) -> int:
        ident = self.nodes
        self.nodes += 1
        self.add("node_started", node=ident, parent=parent, role=role, depth=depth, label=label[:80], items=items)
        return ident

    def asked(self, node: int, prompt: str, turn: int = 0, cite: tuple[int, int] | None = None) -> None:
        pieces: list[dict[str, Any]] = [{"blob": sha(prompt)}]
        shown: tuple[tuple[int, int], ...] = ()
        if cite is not None:
            pieces.append({"start": cite[0], "end": cite[1]})
            shown = (cite,)
        messages = ({"role": "user", "pieces": pieces},)
        self.add("asked", [prompt], node=node, turn=turn, messages=messages, shown=shown)

    def partial(self, node: int, text: str, turn: int = 0) -> None:
        self.add("partial_reply", [text], node=node, turn=turn, text=sha(text))

    def replied(self, node: int, text: str, turn: int = 0, cached: bool = False, prompt: int = 200) -> None:
        usage = {"prompt": prompt, "cached": 50, "completion": 12}
        self.add(
            "replied",
            [text],
            node=node,
            turn=turn,
            text=sha(text),
            finish="stop",
            usage=usage,
            seconds=0.4,
            cached=cached,
        )

    def cell(self, node: int, code: str, number: int = 0) -> None:
        self.add("cell_started", [code], node=node, cell=number, code=sha(code))

    def ran(self, node: int, output: str, number: int = 0, failed: bool = False) -> None:
        self.add(
            "cell_finished",
            [output],
            node=node,
            cell=number,
            output=sha(output),
            failed=failed,
            seconds=1.5,
            variables=("found", "total"),
        )

    def done(self, node: int, status: str = "done", error: str = "") -> None:
        self.add("node_finished", node=node, status=status, error=error)

    def call(self, parent: int, depth: int, label: str, reply: str | None, cite: tuple[int, int] | None = None) -> int:
        """A whole sub-call; `reply` None means that it failed."""
        node = self.node("call", parent, depth, label)
        self.asked(node, "What is the yearly fee?\n\n", cite=cite)
        if reply is None:
            self.done(node, "failed", "The engine refused the request.")
        else:
            self.replied(node, reply)
            self.done(node)
        return node

    def answered(self, node: int, text: str, how: str = "final") -> None:
        self.add("answered", [text], node=node, how=how, text=sha(text))

    def finish(self, text: str | None, status: str = "answered", error: str = "") -> None:
        seconds = self.at - self.recorded[0].event.at
        self.add(
            "run_finished",
            [text] if text is not None else [],
            status=status,
            answer=None if text is None else sha(text),
            error=error,
            seconds=seconds,
        )

    def lines(self) -> str:
        return "\n".join(json.dumps(r.model_dump(mode="json")) for r in self.recorded)


def full_run(run: str = "run-1", items: int = 6, fail: int | None = 4) -> RunBuilder:
    """A root that asks a batch, then a child with a batch of its own, then answers."""
    b = RunBuilder(run=run)
    b.start("What do we pay in all?")
    root = b.node("root", None, 0, "What do we pay in all?")
    b.asked(root, "You answer questions about documents by writing Python.\n\nWhat do we pay in all?")
    b.partial(root, "```python\nfound")
    b.replied(root, f"```python\n{CODE}```")
    b.cell(root, CODE)
    batch = b.node("batch", root, 1, "What is the yearly fee in this contract?", items=items)
    for i in range(items):
        b.call(batch, 1, f"Contract {i}", None if i == fail else f"{i},200", cite=(i * 10, i * 10 + 10))
    if fail is not None:
        b.add("missing", node=batch, items=(fail,))
    b.done(batch)
    b.add("read", node=root, how="scanned", helper="context", spans=((0, 100),))
    b.ran(root, f"{items} 18000\n")
    b.asked(root, "REPL output:\n6 18000", turn=1)
    b.replied(root, "```python\nrest = rlm_query('and Harbour?', documents[1:2])\n```", turn=1)
    b.cell(root, "rest = rlm_query('and Harbour?', documents[1:2])", number=1)
    child = b.node("child", root, 1, "and Harbour?")
    b.asked(child, "and Harbour?")
    b.replied(child, "```python\nFINAL(llm_query(context))\n```")
    b.cell(child, "FINAL(llm_query(context))")
    b.call(child, 2, "Contract 1", "7")
    b.ran(child, "")
    b.answered(child, "7")
    b.done(child)
    b.ran(root, "7", number=1)
    b.answered(root, "In all we pay 18,007 a year.")
    b.done(root)
    b.finish("In all we pay 18,007 a year.")
    return b


def many(items: int) -> RunBuilder:
    """One batch of `items` calls."""
    b = RunBuilder(step=0.002)
    b.start("Count them", documents=items)
    root = b.node("root", None, 0, "Count them")
    b.asked(root, "Count them")
    b.replied(root, f"```python\n{CODE}```")
    b.cell(root, CODE)
    batch = b.node("batch", root, 1, "What is the yearly fee?", items=items)
    for i in range(items):
        b.call(batch, 1, f"Contract {i}", str(i))
    b.done(batch)
    b.ran(root, "done")
    b.answered(root, "42")
    b.done(root)
    b.finish("42")
    return b
