"""A secret that stands in a document never stands in a crash report, a log or the audit file."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_desk import crash, wire
from rlm_desk.config import Settings
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.documents import worker as extraction
from rlm_desk.tui.app import DeskApp

SECRET = "Brenvale-pays-4417"


def failing(text: str) -> BaseException:
    """An error out of our own code whose message, cause and variables all hold `text`."""
    try:
        try:
            wire.parse_header(b'{"type": "x", "' + text.encode())
        except wire.FrameError:
            raise KeyError(text)  # noqa: B904 - the context is meant
    except KeyError as problem:
        return problem


def test_a_report_names_types_and_our_own_lines() -> None:
    told = crash.report(failing(SECRET))
    assert told.startswith("KeyError\nfrom FrameError\n  at rlm_desk/wire.py:") and "in parse_header" in told
    assert "JSONDecodeError" in told and SECRET not in told


def test_a_group_tells_of_its_members() -> None:
    told = crash.report(ExceptionGroup(SECRET, [failing(SECRET), ValueError(SECRET)]))
    assert "ExceptionGroup" in told and "KeyError" in told and "ValueError" in told and SECRET not in told


def test_the_place_is_the_innermost_line_of_ours() -> None:
    with pytest.raises(wire.FrameError) as caught:
        wire.parse_header(b"[]")
    assert crash.place(caught.value).startswith("FrameError at rlm_desk/wire.py:")


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    before = list(logging.getLogger().handlers)
    disabled = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    crash.keep_quiet()
    yield
    logging.disable(disabled)
    logging.getLogger().handlers[:] = before


@pytest.mark.usefixtures("quiet")
async def test_logs_threads_and_forgotten_tasks_are_told_of_without_their_messages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def forgotten() -> None:
        raise failing(SECRET)

    task = asyncio.create_task(forgotten())
    await asyncio.wait([task])
    del task  # asyncio logs it, traceback and all
    logging.getLogger("some.library").warning("cannot read %s", SECRET)
    thread = threading.Thread(target=lambda: int(SECRET))
    thread.start()
    thread.join()
    sys.excepthook(KeyError, KeyError(SECRET), None)
    said = capsys.readouterr().err
    assert "error from asyncio: KeyError" in said and "warning from some.library" in said
    assert "failed aside: ValueError" in said and "a defect of rlm-desk" in said
    assert SECRET not in said


def test_the_command_line_ends_without_the_message(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom rlm_desk.cli import app, runs\nfrom rlm_desk.store import Store\n"
        f"async def broken(*_, **__):\n    secret = {SECRET!r}\n    raise LookupError(secret)\n"
        "Store.open = broken\nsys.argv = ['rlm-desk', 'runs', 'list', '--data-dir', sys.argv[1]]\napp.main()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    assert "LookupError" in done.stderr and "  at rlm_desk/" in done.stderr and "Traceback" not in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_an_extraction_that_fails_says_no_word_of_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> extraction.Answer:
        raise failing(SECRET)

    header, _ = extraction._guarded(1, work)
    assert SECRET not in json.dumps(header) + capsys.readouterr().err


async def test_the_screen_ends_without_messages_and_variables(capsys: pytest.CaptureFixture[str]) -> None:
    async def unopened() -> AsyncDesk:
        secret = SECRET
        raise LookupError(secret)

    app = DeskApp(unopened)
    with pytest.raises(LookupError):
        async with app.run_test() as pilot:
            app._exception = None
            app._handle_exception(LookupError(SECRET))
            await pilot.pause()
    told = " ".join(capsys.readouterr().err.split())
    assert "LookupError" in told and "a defect of rlm-desk" in told and told.endswith("is in the history.")
    assert SECRET not in told


async def test_nothing_but_the_store_holds_a_word_of_an_opened_document(tmp_path: Path) -> None:
    source, data = tmp_path / "deed.txt", tmp_path / "data"
    source.write_text(f"The sum is named here: {SECRET}.\n")
    desk = await AsyncDesk.open(Settings(data_dir=data))
    try:
        await desk.load([source])
    finally:
        await desk.close()
    others = [path for path in data.rglob("*") if path.is_file() and not path.name.startswith("rlm-desk.db")]
    assert "audit.jsonl" in {path.name for path in others}
    assert not [path.name for path in others if SECRET.encode() in path.read_bytes() or b"deed" in path.read_bytes()]
    assert SECRET.encode() in (data / "rlm-desk.db").read_bytes()  # the control: it is kept, and there only
