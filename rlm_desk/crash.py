"""What may be said of an error that is a defect of ours: its type, and lines of our own code. Standard library only.

A message or a variable may hold a document's words, a question, a path or a name: none of them is ever in a report.
`RLM_DESK_TRACEBACK=1` gives developers Python's own traceback instead, messages included.
"""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator

ROOT = os.path.dirname(__file__) + os.sep  # noqa: PTH120 (pathlib is not needed in a worker)
FRAMES = 12
"""Lines of our code told of one error, the innermost ones."""
ERRORS = 10
"""Errors told of a chain or a group."""


def report(problem: BaseException) -> str:
    """The error and what led to it, in lines: `KeyError at rlm_desk/desk/run.py:88 in ask`, innermost line first."""
    lines: list[str] = []
    for one in _chain(problem):
        lines.append(f"{'' if not lines else 'from '}{type(one).__qualname__[:80]}")
        lines += [f"  at {place}" for place in reversed(_places(one)[-FRAMES:])]
    return "\n".join(lines)


def place(problem: BaseException) -> str:
    """The same in a few words: `KeyError at rlm_desk/desk/run.py:88 in ask`."""
    at = _places(problem)
    return f"{type(problem).__qualname__[:80]}{f' at {at[-1]}' if at else ''}"


def told(problem: BaseException) -> str:
    """What a person is told of it."""
    return (
        "rlm-desk: it stopped on an error of its own, which is a defect of rlm-desk.\n"
        f"{report(problem)}\n"
        "  These lines hold no text of yours and can be sent to the maintainers. What you asked is in the history."
    )


def wanted() -> bool:
    """Whether this process reports that way; a developer may want Python's tracebacks."""
    return not os.environ.get("RLM_DESK_TRACEBACK")


def keep_quiet() -> None:
    """From now on nothing that fails in this process prints a message: not at its end, in a thread or a log."""
    if not wanted():
        return
    sys.excepthook = lambda kind, problem, trace: _print(told(problem))
    threading.excepthook = lambda failed: _print(_of_thread(failed.exc_value))
    sys.unraisablehook = lambda failed: _print(_of_thread(failed.exc_value))
    logging.getLogger().addHandler(_Quiet(logging.WARNING))


class _Quiet(logging.Handler):
    """Says that something was logged, and of what type its error was: asyncio logs whole exceptions, libraries text."""

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.exc_info[1] if record.exc_info else None
        said = f"{record.levelname.lower()} from {record.name}"
        _print(f"{said}: {report(problem)}" if problem is not None else said)


def _of_thread(problem: BaseException | None) -> str:
    return f"failed aside: {report(problem)}" if problem is not None else "failed aside"


def _print(text: str) -> None:
    if sys.stderr is not None:
        print(text, file=sys.stderr)


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """The error, the members of a group, and what each came from; each once."""
    waiting: list[BaseException] = [problem]
    seen: set[int] = set()
    while waiting and len(seen) < ERRORS:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        before = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        members = one.exceptions if isinstance(one, BaseExceptionGroup) else ()
        waiting += [*members, *([before] if before is not None else [])]


def _places(problem: BaseException) -> list[str]:
    """Lines of our own code that it passed, outermost first."""
    return [
        f"rlm_desk/{frame.f_code.co_filename.removeprefix(ROOT)}:{line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(problem.__traceback__)
        if frame.f_code.co_filename.startswith(ROOT)
    ]
