"""The models we know of: `models/catalogue.toml`, read once."""

import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

import rlm_desk
from rlm_desk.completion import Sampling
from rlm_desk.errors import ModelError

BUNDLED = "desk-tiny"


@dataclass(frozen=True, slots=True)
class Known:
    """One entry of the catalogue."""

    name: str
    title: str
    file: str
    """Name of the GGUF file as it is published."""
    repository: str
    """Where it is published; empty for what is bundled."""
    size: int
    """Bytes, about; 0 where it does not matter."""
    license: str
    sha256: str
    """As published; empty where we could not verify one."""
    dialect: str
    profile: str
    window: int
    """Tokens we plan for."""
    demonstration: bool = False
    recurrent: bool = False
    """Hybrid or recurrent memory: beginnings cannot be shared."""
    note: str = ""
    temperature: float = 0.0
    top_k: int = 20
    top_p: float = 0.8
    sampling: Sampling = field(init=False)
    """What its makers advise."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sampling", Sampling(self.temperature, self.top_k, self.top_p))

    def describe(self) -> str:
        """Everything a person needs to carry the model in, in lines."""
        kind = ", a demonstration model" if self.demonstration else ""
        lines = [
            f"{self.title}{kind}",
            f"  dialect   {self.dialect} ({self.profile}), window {self.window:,} tokens",
            f"  licence   {self.license}",
        ]
        if self.repository:
            lines += [
                f"  file      {self.file}  (about {self.size / 1e9:.1f} GB)",
                f"  published {self.repository}",
                f"  sha256    {self.sha256 or 'not verified by us: pinned when you import it'}",
                f"  then      rlm-desk models import {self.file}",
            ]
        return "\n".join([*lines, f"  {self.note}"] if self.note else lines)


def folder() -> Path:
    """Where the bundled models' data lie: in a wheel beside the package's code, in the source tree under `models/`."""
    package = Path(rlm_desk.__file__).resolve().parent
    inside = package / "_models"
    return inside if inside.is_dir() else package.parent / "models"


def bundled_file() -> Path:
    """Where desk-tiny's weights are, if they are there."""
    return next(
        (path for path in (folder() / f"{BUNDLED}.gguf", folder() / BUNDLED / f"{BUNDLED}.gguf") if path.is_file()),
        folder() / BUNDLED / f"{BUNDLED}.gguf",
    )


@cache
def known() -> tuple[Known, ...]:
    """All entries, in the catalogue's order.

    Raises:
        ModelError: the catalogue is missing or broken: the installation is incomplete.
    """
    names = {field_.name for field_ in fields(Known) if field_.init}
    try:
        raw = tomllib.loads((folder() / "catalogue.toml").read_text("utf-8"))
        return tuple(Known(**{k: v for k, v in entry.items() if k in names}) for entry in raw["model"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ModelError(
            f"The list of known models cannot be read: {problem}.", "Install rlm-desk again: a file of it is missing."
        ) from problem


def find(name: str) -> Known | None:
    """The entry of that name, whatever its case."""
    return next((entry for entry in known() if entry.name == name.lower()), None)


def by_hash(sha256: str) -> Known | None:
    """The entry whose published hash this is."""
    return next((entry for entry in known() if entry.sha256 and entry.sha256 == sha256), None)


def by_file(name: str) -> Known | None:
    """The entry whose file is called so."""
    return next((entry for entry in known() if entry.file.lower() == name.lower()), None)
