"""Every setting with its meaning, limits, value and where that comes from, read from the fields of `Settings`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from rlm_desk.config import Settings, said
from rlm_desk.errors import UsageError

Origin = Literal["flag", "environment", "file", "default"]

ON, OFF = "on", "off"
SESSION_ONLY = frozenset({"allow_unconfined"})
"""Must be said anew in every session, and is never written."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set."""

    name: str
    """``slots``, or ``budget.depth`` for a nested one."""
    field: FieldInfo
    value: Any
    """What a start with the flags of this session would take."""
    origin: Origin
    now: Any
    """What this session took when it was started."""

    @property
    def about(self) -> str:
        """What it is, in a sentence."""
        return self.field.description or ""

    @property
    def default(self) -> Any:
        return self.field.get_default(call_default_factory=True)

    @property
    def kept(self) -> bool:
        """Whether config.toml may hold it."""
        return self.name not in SESSION_ONLY

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"RLM_DESK_{self.name.upper().replace('.', '__')}"

    @property
    def choices(self) -> tuple[str, ...]:
        """All it can be, where those are few."""
        if self.field.annotation is bool:
            return ON, OFF
        return get_args(self.field.annotation) if get_origin(self.field.annotation) is Literal else ()

    @property
    def limits(self) -> str:
        """What it can be, in words; empty where any text will do."""
        if self.choices:
            return ", ".join(self.choices)
        if get_origin(self.field.annotation) is tuple:
            return "any number of patterns, with commas between them"
        least = next((one.ge for one in self.field.metadata if isinstance(one, Ge)), None)
        above = next((one.gt for one in self.field.metadata if isinstance(one, Gt)), None)
        most = next((one.le for one in self.field.metadata if isinstance(one, Le)), None)
        kind = "a whole number" if self.field.annotation is int else "a number"
        if above is not None:
            return f"{kind} above {above}"
        if least is None:
            return ""
        return f"{kind}, {least} or more" if most is None else f"{kind} from {least} to {most:,}"

    def text(self, value: Any) -> str:
        """A value as a person writes it."""
        if isinstance(value, bool):
            return ON if value else OFF
        if isinstance(value, tuple):
            return ", ".join(value)
        if isinstance(value, int):
            return f"{value:,}"
        return str(value).removesuffix(".0") if isinstance(value, float) else str(value)

    def read(self, text: str) -> Any:
        """The value that a person wrote.

        Raises:
            UsageError: it cannot be that.
        """
        text = text.strip()
        kind = self.field.annotation
        given: Any = text
        if not text.isprintable():
            raise self._wrong("it holds characters that cannot be seen")
        if kind is bool:
            given = {ON: True, OFF: False}.get(text.casefold(), text)
        elif get_origin(kind) is tuple:
            given = tuple(part.strip() for part in text.split(",") if part.strip())
        elif kind is int and re.fullmatch(r"\d{1,3}(,\d{3})+", text):
            given = text.replace(",", "")
        elif kind is Path:
            if not text:
                raise self._wrong("it is empty")
            given = _absolute(text)
        try:
            held: Any = Annotated[kind, self.field]
            return TypeAdapter(held).validate_python(given)
        except ValidationError as problem:
            said = problem.errors()[0]["msg"]
            raise self._wrong(said[0].lower() + said[1:]) from problem

    def _wrong(self, why: str) -> UsageError:
        return UsageError(f"{self.name} cannot be that: {why}.", f"It can be {self.limits}." if self.limits else "")


def settings(session: Settings) -> list[Setting]:
    """All settings in the order of their declaration, as environment and config.toml say them now.

    Raises:
        UsageError: one of them makes no sense.
    """
    next_start = session.again()
    environment, file = said(session.file)
    found = []
    for name, field in _fields(Settings):
        origin: Origin = "default"
        if name.partition(".")[0] in session.flags:
            origin = "flag"
        elif _has(environment, name):
            origin = "environment"
        elif _has(file, name):
            origin = "file"
        found.append(Setting(name, field, _value(next_start, name), origin, _value(session, name)))
    return found


def _fields(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Fields of a model; those of a model inside it by ``outer.inner``."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _fields(field.annotation, f"{before}{name}.")
        else:
            yield f"{before}{name}", field


def _value(of: Any, name: str) -> Any:
    for part in name.split("."):
        of = getattr(of, part)
    return of


def _has(said: Any, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(said, Mapping) or part not in said:
            return False
        said = said[part]
    return True


def _absolute(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except (RuntimeError, OSError):  # no such user; the working directory is gone
        return Path(text)
