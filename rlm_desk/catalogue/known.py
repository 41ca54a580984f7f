"""The models we know of: `models/catalogue.toml`, read once."""

import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import rlm_desk
from rlm_desk.catalogue.facts import Facts
from rlm_desk.completion import Sampling
from rlm_desk.errors import ModelError
from rlm_desk.plan import ModelSpec

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
    unverified: tuple[str, ...] = ()
    """What we could not check ourselves, in words."""
    layers: int = 0
    """Shape, to say whether it fits before it is here; 0 where we do not know it."""
    kv_heads: int = 0
    head: int = 0
    width: int = 0
    feed_forward: int = 0
    """Of all experts that work on one token together."""
    vocabulary: int = 0
    attention_every: int = 1
    """In a hybrid model, one layer of so many has keys and values."""
    temperature: float = 0.0
    top_k: int = 20
    top_p: float = 0.8
    sampling: Sampling = field(init=False)
    """What its makers advise."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sampling", Sampling(self.temperature, self.top_k, self.top_p))

    def spec(self) -> ModelSpec:
        """The model as if its file were here, to plan with."""
        return ModelSpec(self.name, Path(self.file), self.sha256, self.dialect, self.profile, self.window)

    def facts(self) -> Facts | None:
        """What its file would say, as far as planning goes; None where the shape is not known."""
        if not self.layers:
            return None
        edge = min(self.size // 4, 2 * self.vocabulary * self.width)  # embeddings and output, about one byte a number
        numbers = tuple(
            2 * self.kv_heads * self.head * (layer % self.attention_every == self.attention_every - 1)
            for layer in range(self.layers)
        )
        return Facts(
            bytes=self.size,
            window=self.window,
            layers=self.layers,
            kv_heads=self.kv_heads,
            key_length=self.head,
            value_length=self.head,
            width=self.width,
            feed_forward=self.feed_forward,
            vocabulary=self.vocabulary,
            recurrent=self.recurrent,
            kv_layers=numbers,
            input_bytes=edge // 2,
            output_bytes=edge // 2,
            layer_bytes=((self.size - edge) // self.layers,) * self.layers,
        )

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
                f"  published {self.repository}, a repository on the Hugging Face hub",
                f"  sha256    {self.sha256 or 'not known to us: pinned when you import it; compare it at the source'}",
                f"  then      rlm-desk models import {self.file} --use",
            ]
        if self.unverified:
            lines.append(f"  unverified: {'; '.join(self.unverified)}")
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
        return tuple(_entry(entry, names) for entry in raw["model"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ModelError(
            f"The list of known models cannot be read: {problem}.", "Install rlm-desk again: a file of it is missing."
        ) from problem


def _entry(raw: dict[str, Any], names: set[str]) -> Known:
    chosen = {key: value for key, value in raw.items() if key in names}
    return Known(**chosen | {"unverified": tuple(raw.get("unverified", ()))})


def find(name: str) -> Known | None:
    """The entry of that name, whatever its case."""
    return next((entry for entry in known() if entry.name == name.lower()), None)


def by_hash(sha256: str) -> Known | None:
    """The entry whose published hash this is."""
    return next((entry for entry in known() if entry.sha256 and entry.sha256 == sha256), None)


def by_file(name: str) -> Known | None:
    """The entry whose file is called so."""
    return next((entry for entry in known() if entry.file.lower() == name.lower()), None)
