"""The models screen, key by key, over the real service: real files, a real inspection, a real engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from rlm_desk import config
from rlm_desk.bench.random_gguf import SHAPES, write
from rlm_desk.config import Settings
from rlm_desk.desk.machine import Machine
from rlm_desk.desk.models import Models as Shelf
from rlm_desk.tui.screens.bringing import ImportDialog, WayDialog
from rlm_desk.tui.screens.confirm import ConfirmDialog
from rlm_desk.tui.screens.models import Details, Models
from rlm_desk.tui.widgets.bars import TitleBar
from rlm_desk.tui.widgets.busyline import BusyLine
from rlm_desk.tui.widgets.modellist import ModelList
from tests.tui.driving import SIZES, drawn, opened, over, shown, until
from tests.tui.fakerecords import document
from tests.tui.fakes import FakeDesk, office
from tests.tui.recording import full_run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model that somebody carried here."""
    path = tmp_path / "carried" / "nano-q4.gguf"
    path.parent.mkdir()
    write(path, SHAPES["nano"], "F16")
    return path


@asynccontextmanager
async def models(tmp_path: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[FakeDesk, Pilot[None]]]:
    """The models screen over an empty model folder."""
    settings = Settings(data_dir=tmp_path / "data", slots=2)
    machine = Machine(settings)
    desk = office(settings=settings)
    desk.models = Shelf(settings, machine, lambda: desk.busy)
    try:
        async with opened(desk, size) as (_, pilot):
            await pilot.press("f11")
            await until(pilot, lambda: isinstance(pilot.app.screen, Models))
            await until(pilot, lambda: len(listed(pilot).keys) > 3)
            yield desk, pilot
    finally:
        await machine.close()


def listed(pilot: Pilot[None]) -> ModelList:
    return pilot.app.screen.query_one(ModelList)


def about(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one(Details).plain


async def rests(pilot: Pilot[None], words: str) -> None:
    """What went on is over, and the line says so."""
    await until(
        pilot, lambda: not pilot.app.screen.query_one(BusyLine).display and words in shown(pilot.app.screen, "#words")
    )


async def bring(pilot: Pilot[None], file: Path, way: int = 0) -> None:
    await pilot.press("i")
    await until(pilot, lambda: isinstance(pilot.app.screen, ImportDialog))
    pilot.app.screen.query_one(Input).value = str(file)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, WayDialog))
    pilot.app.screen.query_one(OptionList).highlighted = way
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Models))


@pytest.mark.parametrize("size", SIZES)
async def test_a_first_run_is_led_by_the_hand(size: tuple[int, int], tmp_path: Path) -> None:
    async with models(tmp_path, size) as (_, pilot):
        await until(pilot, lambda: pilot.app.screen.query_one("#guide").display)
        guide = shown(pilot.app.screen, "#guide")
        assert "demonstration" in guide and " t " in guide and " i " in guide
        assert "▶ desk-tiny" in "\n".join(drawn(listed(pilot)))
        await until(
            pilot, lambda: "as it would be loaded" in about(pilot).lower() and "none of them on a GPU" in about(pilot)
        )
        await pilot.press("end")
        await until(pilot, lambda: "What to fetch, where the network is" in about(pilot))
        entry = listed(pilot).chosen.unseen.entry
        for fact in (entry.file, f"{entry.size / 1e9:.2f} GB", entry.license, entry.sha256 or "not known to us"):
            assert fact in about(pilot)
        assert any(word in about(pilot) for word in ("takes", "needs"))


async def test_a_model_is_imported_used_verified_and_removed(tmp_path: Path, file: Path, toml: Path) -> None:
    async with models(tmp_path) as (desk, pilot):
        await bring(pilot, file)
        await rests(pilot, "nano-q4 is here, its hash is pinned")
        assert (desk.models.folder / "nano-q4.gguf").is_file()
        await until(pilot, lambda: listed(pilot).chosen and listed(pilot).chosen.here.spec.name == "nano-q4")
        await until(pilot, lambda: "none of them on a GPU" in about(pilot) and "pinned at import" in about(pilot))
        assert not pilot.app.screen.query_one("#guide").display
        await pilot.press("enter")
        await rests(pilot, "nano-q4 is loaded, and asked from now on")
        assert config.load().model == "nano-q4" and desk.models.loaded.name == "nano-q4"
        assert "nano-q4" in str(pilot.app.workspace.query_one(TitleBar).content)
        await until(pilot, lambda: "As it is loaded" in about(pilot))
        await pilot.press("v")
        await rests(pilot, "it is the file that was imported")
        await pilot.press("s")
        await rests(pilot, "tokens/s here")
        await until(pilot, lambda: "reads" in about(pilot))
        await pilot.press("l")
        await rests(pilot, "is unloaded")
        assert desk.models.loaded is None
        await pilot.press("d")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, Models))
        await rests(pilot, "desk-tiny is asked now")
        assert not (desk.models.folder / "nano-q4.gguf").exists() and file.exists()
        assert config.load().model == "desk-tiny" and desk.models.asked.name == "desk-tiny"


async def test_a_changed_file_is_told(tmp_path: Path, file: Path) -> None:
    async with models(tmp_path) as (desk, pilot):
        await bring(pilot, file)
        await rests(pilot, "is here")
        await until(pilot, lambda: listed(pilot).chosen and listed(pilot).chosen.here.spec.name == "nano-q4")
        with (desk.models.folder / "nano-q4.gguf").open("r+b") as changed:
            changed.seek(-4, 2)
            changed.write(b"oops")
        await pilot.press("v")
        await rests(pilot, "is not the file that was imported")


async def test_an_import_can_be_stopped_and_gone_on_with(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from rlm_desk.catalogue import carrying

    reached, go_on = threading.Event(), threading.Event()
    real = carrying.copy

    def slow(source: Path, part: Path, digest: Any, progress: Any) -> None:
        def told(done: int) -> None:
            progress(done)
            reached.set()
            go_on.wait(30)
            progress(done)

        real(source, part, digest, told)

    monkeypatch.setattr(carrying, "copy", slow)
    async with models(tmp_path) as (desk, pilot):
        await bring(pilot, file)
        await until(pilot, reached.is_set)
        await until(pilot, lambda: "copying" in shown(pilot.app.screen, "#busy-line"))
        await pilot.press("s")
        assert "One thing at a time" in shown(pilot.app.screen, "#words")
        await pilot.press("escape")
        go_on.set()
        await until(pilot, lambda: not pilot.app.screen.query_one(BusyLine).display)
        assert isinstance(pilot.app.screen, Models) and not (desk.models.folder / "nano-q4.gguf").exists()
        monkeypatch.setattr(carrying, "copy", real)
        await bring(pilot, file, way=1)
        await rests(pilot, "nano-q4 is here")


async def test_no_model_is_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / "page.gguf"
    other.write_text("<html>not found</html>")
    async with models(tmp_path) as (_, pilot):
        await bring(pilot, other)
        await rests(pilot, "is not a GGUF file: it is text")
        assert not pilot.app.screen.query_one(BusyLine).display


async def test_the_model_is_not_changed_below_a_run(tmp_path: Path) -> None:
    async with models(tmp_path) as (desk, pilot):
        desk.busy = True
        await pilot.press("l")
        await rests(pilot, "A run goes on with this model")
        assert desk.models.loaded is None


async def test_the_words_can_be_taken_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with models(tmp_path) as (_, pilot):
        await pilot.press("end")
        await until(pilot, lambda: "What to fetch" in about(pilot))
        await pilot.press("ctrl+s")
        (saved,) = tmp_path.glob("model-*.txt")
        assert "What to fetch" in saved.read_text("utf-8")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Models))


async def test_with_the_mouse_alone(tmp_path: Path) -> None:
    async with models(tmp_path) as (desk, pilot):
        await until(pilot, lambda: pilot.app.screen.query_one("#guide").display)
        await pilot.pause()
        row = next(row for row, key in enumerate(listed(pilot).keys) if key[0] == "unseen")
        await pilot.click(ModelList, offset=(5, row + 1))
        await until(pilot, lambda: "What to fetch" in about(pilot))
        await pilot.click(ModelList, offset=(5, 2), times=2)
        await rests(pilot, "desk-tiny is loaded")
        assert desk.models.loaded.name == "desk-tiny"


async def test_2000_hostile_names_of_models() -> None:
    from rlm_desk.clean import clean
    from rlm_desk.desk.models import Here
    from rlm_desk.plan import ModelSpec
    from rlm_desk.tui.widgets import modelwords
    from tests.tui.modelscenes import FakeModels
    from tests.tui.test_hostile_text import hostile

    desk = office()
    desk.models = FakeModels()
    async with opened(desk) as (_, pilot):
        await pilot.press("f11")
        await until(pilot, lambda: isinstance(pilot.app.screen, Models) and len(listed(pilot).keys) > 3)
        table, details = listed(pilot), pilot.app.screen.query_one(Details)
        made = [
            Here(
                ModelSpec(text, Path(f"/{number}"), text, "desk", "full", 1),
                1,
                "pinned",
                text,
                text,
                1,
                text,
                text,
                text,
            )
            for number, text in enumerate(hostile(2000))
        ]
        table.show(made, ())
        for row in range(1, len(table.keys)):
            for width in (10, 60, 90, 120):
                table.paint(row, width)
        for one in made[::40]:
            details.show(modelwords.here(one, one.license or None, False, None))
            assert clean(one.template) in details.plain
        await pilot.pause()


async def test_t_goes_to_the_workspace_with_agreements_and_a_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlm_desk.tui.trying.secrets.randbelow", lambda _most: 7)
    folder = tmp_path / "data" / "demo" / "7-40000"
    async with models(tmp_path) as (desk, pilot):
        desk.files[str(folder)] = [document("Agreement.txt")]
        desk.builders.append(full_run())
        pilot.app.simulate_key("t")  # a press waits for the screen, which is gone by then
        await until(pilot, lambda: desk.asked and over(pilot.app.workspace))
        assert pilot.app.screen is pilot.app.workspace
        assert len([one for one in folder.rglob("*") if one.is_file()]) > 20
        assert desk.asked[0].endswith(("?", "."))
        assert desk.models.asked.name == "desk-tiny" and desk.models.asked.demonstration
        assert desk.workspace is None  # invented agreements are not remembered for the next start
