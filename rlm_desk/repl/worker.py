"""The REPL's worker: preload, lock, take a context, run cells. Standard library, `wire` and the lock only.

States: started -> ready (locked, no context) -> loaded -> (cell -> calls and replies -> done)*.
"""

import builtins
import gc
import json
import math
import re
import signal
import time
from itertools import islice
from types import BuiltinFunctionType, FrameType, FunctionType, ModuleType
from typing import Any

from rlm_desk.confine import lockdown, policies
from rlm_desk.repl import cells, preload
from rlm_desk.repl.asking import Asking, BudgetError, QueryError
from rlm_desk.repl.capture import Capture
from rlm_desk.repl.finishing import Finishing
from rlm_desk.repl.library import Library
from rlm_desk.repl.looking import Looking
from rlm_desk.repl.numbers import number
from rlm_desk.wire import FrameError, Header, Pipe

VALUE_CHARS = 400
"""Characters of a variable's repr in a forced finish."""
NAMES, NAME_CHARS, ANSWER_CHARS = 500, 100, 200_000
"""Variables named at a cell's end, and the longest of them; characters of an answer. The host accepts no more."""


def main(pipe: Pipe) -> None:
    """Run until the host closes the channel."""
    gc.disable()  # hardly anything of what imports make can be collected
    start, _ = pipe.receive()
    preload.preload()
    gc.freeze()
    gc.enable()
    layers = lockdown.lock(policies.REPL, start.get("address_space"))
    preload.close_imports()
    pipe.send({"type": "ready", "layers": layers})
    header, body = pipe.receive()
    if header["type"] != "context":
        raise FrameError(f"{header['type']!r} instead of a context")
    session = Session(pipe, header, body.decode("utf-8", "surrogatepass"))
    del body
    signal.signal(signal.SIGINT, session.interrupted)
    pipe.send({"type": "loaded", "characters": len(session.library.context)})
    while True:
        header, body = pipe.receive()
        if header["type"] == "cell":
            session.run(int(header["id"]), body.decode("utf-8", "surrogatepass"))
        elif header["type"] == "values":
            session.values(int(header["id"]))
        else:
            raise FrameError(f"{header['type']!r} instead of a cell")


class Session:
    """One namespace over one context."""

    def __init__(self, pipe: Pipe, header: Header, context: str) -> None:
        self.library = Library(context, header["documents"])
        self._pipe = pipe
        self._output_chars = int(header["output_chars"])
        self._cell_seconds = float(header["cell_seconds"])
        self._finishing = Finishing(self._variables)
        self._cell = 0
        self._calls = 0
        self._interruptible = False
        self._out_of_time = False
        looking, asking = Looking(self.library), Asking(self.library, self._exchange)
        helpers = {
            "context": context,
            "documents": list(self.library.documents),
            "answers": list(header["answers"]),
            "search": looking.search,
            "find_documents": looking.find_documents,
            "folder": looking.folder,
            "page": looking.page,
            "pages": looking.pages,
            "outline": looking.outline,
            "split": looking.split,
            "number": number,
            "re": re,
            "json": json,
            "math": math,
            "llm_query": asking.llm_query,
            "llm_query_batched": asking.llm_query_batched,
            "map": asking.map,
            "classify": asking.classify,
            "rlm_query": asking.rlm_query,
            "rlm_query_batched": asking.rlm_query_batched,
            "QueryError": QueryError,
            "BudgetError": BudgetError,
            "FINAL": self._finishing.final,
            "FINAL_VAR": self._finishing.final_var,
            "SHOW_VARS": self._finishing.show_vars,
        }
        # The helpers stand where Python's builtins do: a variable may hide one, and `del` brings it back, and the
        # namespace holds nothing but what the code has made.
        self._namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": {**vars(builtins), **helpers}}
        self._own = {*self._namespace}

    def run(self, number: int, code: str) -> None:
        """Run one cell and send its "done"."""
        self._cell, self._calls = number, 0
        self._finishing.answer = None
        output = Capture(self._output_chars)
        self._out_of_time = False
        started = time.perf_counter()
        try:
            self._interruptible = True
            well = cells.run(code, number, self._namespace, output, self._scanned)
            self._interruptible = False
        except cells.OutOfTime as problem:  # the signal came on the way out of the cell
            self._interruptible = False
            output.write(cells.described(problem))
            well = False
        final = self._finishing.answer
        if final is not None and len(final) > ANSWER_CHARS:
            output.write(f"The answer has {len(final):,} characters; the first {ANSWER_CHARS:,} are kept.\n")
            final = final[:ANSWER_CHARS]
        text = output.text().encode("utf-8", "surrogatepass")
        answer = b"" if final is None else final.encode("utf-8", "surrogatepass")
        self._pipe.send(
            {
                "type": "done",
                "id": number,
                "failed": not well,
                "seconds": time.perf_counter() - started,
                "variables": [name for name in self._variables() if len(name) <= NAME_CHARS][:NAMES],
                "output_bytes": len(text),
                "final": final is not None,
                "reads": self.library.reads.take(),
            },
            text + answer,
        )

    def values(self, number: int) -> None:
        """Send name and short repr of every variable."""
        shown: list[list[str]] = []
        self._out_of_time = False
        try:
            self._interruptible = True
            for name, value in islice(self._variables().items(), NAMES):
                shown.append([name, _short(value)])
            self._interruptible = False
        except cells.OutOfTime:
            self._interruptible = False
        self.library.reads.take()
        self._pipe.send({"type": "values", "id": number}, json.dumps(shown).encode())

    def interrupted(self, _: int, __: FrameType | None) -> None:
        """SIGINT: the host's clock ran out. Heeded in a cell, remembered while a frame is under way."""
        self._out_of_time = True
        if self._interruptible:
            self._raise_out_of_time()

    def _raise_out_of_time(self) -> None:
        self._out_of_time = False
        raise cells.OutOfTime(
            f"the cell ran longer than {self._cell_seconds:g} seconds. Do less in one cell, or let sub-calls do it."
        )

    def _exchange(self, call: dict[str, Any], body: bytes) -> list[Any]:
        """One call and its reply; the clock's signal never falls between the bytes of a frame."""
        self._interruptible = False
        self._calls += 1
        self._pipe.send({"type": "call", "id": self._cell, "call": self._calls, **call}, body)
        header, raw = self._pipe.receive()
        if header["type"] != "reply":
            raise FrameError(f"{header['type']!r} instead of a reply")
        self._interruptible = True
        if self._out_of_time:
            self._raise_out_of_time()
        if "error" in header:
            raise (BudgetError if header["error"] == "budget" else QueryError)(header["sentence"])
        values: list[Any] = json.loads(raw)
        return values

    def _variables(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in self._namespace.items()
            if name not in self._own and isinstance(name, str) and not name.startswith("_") and not _imported(value)
        }

    def _scanned(self) -> None:
        self.library.reads.add("scanned", "context", 0, len(self.library.context))


def _imported(value: Any) -> bool:
    """Whether a value is a module, or a function or class that came from one: no variable of the cell's own."""
    if isinstance(value, ModuleType):
        return True
    return isinstance(value, type | FunctionType | BuiltinFunctionType) and value.__module__ != "__main__"


def _short(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else repr(value)
    except Exception as problem:  # a class of the cell's own may fail to show itself
        text = f"<{type(value).__name__}: its repr failed: {type(problem).__name__}>"
    return text if len(text) <= VALUE_CHARS else f"{text[: VALUE_CHARS // 2]} ... {text[-VALUE_CHARS // 2 :]}"
