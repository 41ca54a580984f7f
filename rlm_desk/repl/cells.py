"""Run one cell in a namespace: its output, its last value, its error. Worker side: standard library only."""

import ast
import linecache
import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, TracebackType
from typing import Any

from rlm_desk.repl.capture import Capture
from rlm_desk.repl.finishing import Finished

WHOLE = {"context", "eval", "exec", "globals", "vars", "locals", "__builtins__"}
"""Names that give a cell the raw text, or may: a cell that uses one counts as having scanned all of it."""
HANDED = {"split", "len", "type", "llm_query", "rlm_query", "rlm_query_batched"}
"""Functions that take `context` without the code reading it."""


_NOT_TEXT = re.compile(r"expected (?:a )?str.*\b(?:Document|Part|Section|Hit)\b")
"""What Python says where a piece of the documents stands in the place of its text."""


_BROKEN = (TypeError, NameError, AttributeError)
"""What comes of `builtins.compile = None`, when it comes from here."""


class OutOfTime(BaseException):
    """The host's clock for this cell ran out; `except Exception` in a cell does not catch it."""


@dataclass(frozen=True)
class Cell:
    """A cell, compiled."""

    name: str
    body: CodeType
    tail: CodeType | None
    """Its last expression, whose value is shown."""
    scans: bool
    """Whether it names the raw text."""


def compiled(code: str, number: int) -> Cell:
    """Compile a cell and register its source for tracebacks. Raises SyntaxError (or ValueError for NUL characters)."""
    name = f"<cell {number}>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    tree = ast.parse(code, name)
    scans = _scans(tree)
    tail = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        tail = compile(ast.Expression(tree.body.pop().value), name, "eval", dont_inherit=True)  # type: ignore[attr-defined]
    return Cell(name, compile(tree, name, "exec", dont_inherit=True), tail, scans)


def _scans(tree: ast.AST) -> bool:
    """Whether code names the raw text other than to hand it to a helper that knows where it lies."""
    handed = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in HANDED
        for argument in node.args
    }
    return any(isinstance(node, ast.Name) and node.id in WHOLE and id(node) not in handed for node in ast.walk(tree))


def run(code: str, number: int, namespace: dict[str, Any], output: Capture, scanned: Callable[[], None]) -> bool:
    """Execute a cell. Everything it prints, shows or raises goes to `output`. Returns whether it went well.

    `scanned` is called when the cell names the raw text.
    """
    standard = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = output
    cell: Cell | None = None
    try:
        cell = compiled(code, number)
        if cell.scans:
            scanned()
        exec(cell.body, namespace)  # the purpose of this process
        if cell.tail is not None:
            value = eval(cell.tail, namespace)
            _show(value, namespace)
    except Finished:
        return True
    except BaseException as problem:
        if type(problem) in _BROKEN and (cell is None or not _inside(problem)):
            raise  # an earlier cell took away what every cell needs: the host starts another worker
        sys.stdout = sys.stderr = output
        output.write(described(problem))
        return False
    finally:
        sys.stdout, sys.stderr = standard
    return True


def _show(value: Any, namespace: dict[str, Any]) -> None:
    if value is not None:
        namespace["_"] = value
        print(repr(value))


def _inside(problem: BaseException) -> bool:
    """Whether an error came from further in than `run` itself."""
    return problem.__traceback__ is not None and problem.__traceback__.tb_next is not None


def described(problem: BaseException) -> str:
    """An error as the model sees it: what it is first, then the cell's lines that led to it."""
    if isinstance(problem, OutOfTime):
        first = f"Error: TimeoutError: {problem}"
    elif isinstance(problem, SyntaxError):
        return _syntax(problem)
    else:
        first = f"Error: {type(problem).__name__}: {_message(problem)}".rstrip(": ")
        if isinstance(problem, PermissionError):
            first += " (cells have no files, network or processes; the documents are in `documents`)"
    return "\n".join([first, *_trail(problem.__traceback__)]) + "\n"


def _message(problem: BaseException) -> str:
    if isinstance(problem, KeyError) and problem.args:
        return f"{problem.args[0]!r} is not a key"
    try:
        said = str(problem)
        if isinstance(problem, TypeError) and _NOT_TEXT.search(said):
            return f"{said}; its text is in .text"
        return said
    except Exception as nested:  # an exception class of the cell's own may fail to say what it is
        return f"(its message failed: {type(nested).__name__})"


def _trail(trace: TracebackType | None) -> list[str]:
    """The cell's own lines, outermost first; frames of libraries tell a model little."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename.startswith("<cell ")]
    kept = frames if len(frames) <= 6 else [*frames[:3], *frames[-3:]]
    lines = []
    for position, frame in enumerate(kept):
        if position == 3 and len(frames) > 6:
            lines.append(f"  ... {len(frames) - 6} calls more ...")
        where = "" if frame.name == "<module>" else f", in {frame.name}"
        lines.append(f"  {frame.filename[1:-1]}, line {frame.lineno}{where}: {(frame.line or '').strip()}")
    return lines


def _syntax(problem: SyntaxError) -> str:
    text = f"Error: {type(problem).__name__}: {problem.msg}\n"
    if problem.lineno is not None:
        line = (problem.text or "").rstrip("\n")
        text += f"  line {problem.lineno}: {line.strip()}\n"
    return text
