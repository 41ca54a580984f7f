"""From what a person calls a model to a file: bundled, installed, or the path of a GGUF."""

import json
from pathlib import Path
from typing import Any

from rlm_desk.catalogue.known import BUNDLED, Known, bundled_file, by_file, find
from rlm_desk.catalogue.parts import is_later_part, stem
from rlm_desk.errors import ModelError
from rlm_desk.plan import ModelSpec

DEFAULT_WINDOW = 8192
"""Tokens planned for a file that nobody has read yet; the engine lowers it to what the model was trained for."""


def resolve(name_or_path: str, models_dir: Path) -> ModelSpec:
    """The model of a name, or of a path that ends in .gguf. The file is looked at no further than its first bytes.

    Args:
        name_or_path: ``desk-tiny``, the name of an installed model, or a path.
        models_dir: the data folder's ``models``.

    Raises:
        ModelError: no such model, no such file, or not a GGUF.
    """
    wanted = name_or_path.strip()
    if wanted == BUNDLED:
        entry = find(BUNDLED)
        path = bundled_file()
        if entry is None or not path.is_file():
            raise ModelError(
                "The bundled demonstration model is missing from this installation.", "Install rlm-desk again."
            )
        return _of_entry(entry, path, "")
    if wanted.lower().endswith(".gguf") or "/" in wanted or "\\" in wanted:
        return _of_path(Path(wanted).expanduser(), models_dir)
    found = next((spec for spec in installed(models_dir) if spec.name.lower() == wanted.lower()), None)
    if found is not None:
        return found
    if find(wanted) is not None:
        raise ModelError(
            f"The model {wanted} is known but not installed.", f"See what to fetch: rlm-desk models info {wanted}"
        )
    raise ModelError(
        f"There is no model called {wanted!r}.", "See what there is: rlm-desk models list (or give the path of a GGUF)."
    )


def installed(models_dir: Path) -> tuple[ModelSpec, ...]:
    """desk-tiny first, then what was imported, by name."""
    found: list[ModelSpec] = []
    entry = find(BUNDLED)
    if entry is not None and bundled_file().is_file():
        found.append(_of_entry(entry, bundled_file(), ""))
    if models_dir.is_dir():
        found += [_of_card(path) for path in sorted(models_dir.glob("*.gguf")) if not is_later_part(path)]
    return tuple(found)


def card_path(model: Path) -> Path:
    """Where the facts of an imported model are kept: beside it, as JSON."""
    return model.with_suffix(".json")


def read_card(model: Path) -> dict[str, Any]:
    """The facts kept beside an imported model; empty where there are none or they cannot be read."""
    try:
        card = json.loads(card_path(model).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def check_gguf(path: Path) -> None:
    """Raises ModelError unless the file is there, can be read, and begins like a GGUF."""
    try:
        if path.exists() and not path.is_file():  # a pipe would keep whoever opens it waiting
            raise ModelError(f"{path} is not a file.", "Give the path of a GGUF file.")
        with path.open("rb") as file:
            magic = file.read(4)
    except FileNotFoundError as problem:
        raise ModelError(f"There is no file {path}.", "See what is installed: rlm-desk models list") from problem
    except OSError as problem:
        raise ModelError(
            f"The model {path} cannot be read: {problem.strerror or problem}.", "Check the path and its permissions."
        ) from problem
    if magic != b"GGUF":
        raise ModelError(
            f"{path.name} is not a GGUF file{_instead(magic)}.",
            "A model for llama.cpp begins with the letters GGUF: fetch the GGUF version of it, and all of it.",
        )


def _instead(magic: bytes) -> str:
    """What a file is that was taken for a model, where its first bytes tell."""
    if not magic:
        return ": it is empty"
    if magic[:2] == b"PK":
        return ": it is a zip archive or a PyTorch model"
    if magic[:1] in (b"<", b"v", b"{"):  # a page of an error, a pointer of Git LFS, a message
        return ": it is text, perhaps a page or a pointer that was fetched instead"
    return ""


def _of_path(path: Path, models_dir: Path) -> ModelSpec:
    if not path.is_absolute() and not path.exists() and (models_dir / path.name).is_file():
        path = models_dir / path.name
    check_gguf(path)
    path = path.absolute()  # not resolved: a link in the model folder has its card beside it
    if card_path(path).is_file():
        return _of_card(path)
    entry = by_file(path.name)
    if entry is not None:
        return _of_entry(entry, path, "")
    return ModelSpec(stem(path), path, "", "desk", "full", DEFAULT_WINDOW)


def _of_entry(entry: Known, path: Path, sha256: str) -> ModelSpec:
    return ModelSpec(entry.name, path, sha256, entry.dialect, entry.profile, entry.window, entry.demonstration)


def _of_card(path: Path) -> ModelSpec:
    card = read_card(path)
    entry = find(str(card.get("name", ""))) or by_file(path.name)
    window = card.get("window")
    return ModelSpec(
        name=entry.name if entry else stem(path),
        path=path,
        sha256=str(card.get("sha256", "")),
        dialect=entry.dialect if entry else "desk",
        profile=entry.profile if entry else "full",
        window=entry.window if entry else window if isinstance(window, int) and window > 0 else DEFAULT_WINDOW,
        demonstration=bool(entry and entry.demonstration),
    )
