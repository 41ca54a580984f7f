"""`FINAL`, `FINAL_VAR` and `SHOW_VARS`. Worker side: standard library only."""

from collections.abc import Callable
from typing import Any, NoReturn

from rlm_desk.repl.library import Piece


class Finished(BaseException):
    """Ends the cell at once; `except Exception` in a cell does not catch it."""


class Finishing:
    """The ways a cell ends a run, over the namespace of the session."""

    def __init__(self, variables: Callable[[], dict[str, Any]]) -> None:
        self._variables = variables
        self.answer: str | None = None
        """The answer, once a cell has called one of the functions."""

    def final(self, answer: Any) -> NoReturn:
        """Finish with this answer. Ends the cell."""
        if answer is None:
            raise ValueError(f"FINAL(None) is no answer. {self._known()}")
        text = written(answer)
        if not text.strip():
            raise ValueError(f"FINAL({answer!r}) is no answer: it is empty. {self._known()}")
        self.answer = text
        raise Finished

    def final_var(self, name: Any) -> NoReturn:
        """Finish with the value of a variable, by its name. Ends the cell."""
        variables = self._variables()
        if not isinstance(name, str):
            self.final(name)
        wanted = name.strip().strip("'\"")
        if wanted in variables:
            self.final(variables[wanted])
        if any(value is name for value in variables.values()):  # FINAL_VAR(answer) without quotes
            self.final(name)
        raise NameError(f"FINAL_VAR: there is no variable {wanted!r}. {self._known()}")

    def show_vars(self) -> str:
        """Names and types of the variables there are."""
        shown = ", ".join(f"{name} ({type(value).__name__})" for name, value in self._variables().items())
        return shown or "no variables yet"

    def _known(self) -> str:
        names = ", ".join(self._variables())
        return f"Variables: {names}." if names else "There are no variables yet."


def written(answer: Any) -> str:
    """An answer as text: a list as its items joined by commas (`none` without any), a whole float without its zero."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, Piece):
        return answer.text
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, int | float):
        return str(int(answer) if isinstance(answer, float) and answer.is_integer() else answer)
    if isinstance(answer, list | tuple | set | frozenset):
        items = sorted(answer, key=str) if isinstance(answer, set | frozenset) else answer
        return ", ".join(" ".join(_name(item).replace(",", " ").split()) for item in items) or "none"
    return repr(answer)


def _name(item: Any) -> str:
    """An item of a list: a document stands for itself by its name."""
    return str(item.name) if hasattr(item, "page_range") else written(item)
