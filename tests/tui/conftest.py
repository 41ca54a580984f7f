"""Settings that these tests write go to a folder of their own; style sheets are parsed once, not by every app."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet

from rlm_desk import config


@pytest.fixture(autouse=True)
def toml(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where config.toml is looked for; it is not there yet."""
    file = tmp_path_factory.mktemp("settings") / "config.toml"
    monkeypatch.setattr(config, "config_file", lambda *_: file)
    return file


@pytest.fixture(autouse=True, scope="session")
def sheets() -> Iterator[None]:
    """An app parses all style sheets three times as it starts, and hundreds of apps start here.

    Rules are not changed once they are parsed: apps that want the same text with the same colours share them.
    """
    parse = Stylesheet._parse_rules
    parsed: dict[tuple[Any, ...], Any] = {}

    def once(sheet: Stylesheet, *given: Any, **named: Any) -> Any:
        wanted = (given, tuple(named.items()), tuple(sheet._variables.items()))
        if wanted not in parsed:
            parsed[wanted] = parse(sheet, *given, **named)
        return parsed[wanted]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", once)
        yield


@pytest.fixture
def office_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder called ``office``, as the fake desk has one: a name that is nowhere is not taken for documents."""
    (tmp_path / "office").mkdir()
    monkeypatch.chdir(tmp_path)
