"""The acceptance check: kept as it goes, resumed behind what is done, and a report without private text."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from rlm_desk.bench import acceptance
from rlm_desk.bench.acceptance import STEPS, Acceptance
from rlm_desk.catalogue.resolve import resolve
from rlm_desk.config import Settings
from rlm_desk.errors import ModelError


def run_of(tmp_path: Path) -> Acceptance:
    return Acceptance(Settings(data_dir=tmp_path), resolve("desk-tiny", tmp_path / "models"))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every check replaced by one that notes that it was made."""
    made: list[str] = []

    def check(name: str) -> Any:
        async def fake(_run: Acceptance) -> dict[str, Any]:
            made.append(name)
            return {"ok": True, "says": name}

        return fake

    monkeypatch.setattr(acceptance, "_CHECKS", {name: check(name) for name in STEPS})
    return made


async def test_an_interrupted_check_goes_on_behind_what_is_done(
    tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(_run: Acceptance) -> dict[str, Any]:
        await asyncio.sleep(1000)
        raise AssertionError

    whole = dict(acceptance._CHECKS)
    monkeypatch.setitem(acceptance._CHECKS, "speed", endless)
    task = asyncio.ensure_future(run_of(tmp_path).run(lambda _line: None))
    while "load" not in calls:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    calls.clear()
    monkeypatch.setattr(acceptance, "_CHECKS", whole)
    again = run_of(tmp_path)
    assert again.resume() == 3
    said: list[str] = []
    await again.run(said.append)
    assert calls == ["speed", "needle", "confinement"]
    assert again.passed
    assert said[0].startswith("4 of 6: speed (about")
    assert not again.state.exists()
    assert run_of(tmp_path).resume() == 0


async def test_a_check_that_fails_does_not_stop_the_others(
    tmp_path: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(_run: Acceptance) -> dict[str, Any]:
        raise ModelError("The model /home/someone/secret.gguf is broken.", "Fetch it again.")

    monkeypatch.setitem(acceptance._CHECKS, "load", failing)
    run = run_of(tmp_path)
    await run.run(lambda _line: None)
    assert not run.passed
    assert calls[-1] == "confinement"
    assert "someone" not in run.report()
    assert json.loads(run.report())["checks"]["load"]["ok"] is False


async def test_the_report_names_no_path_of_the_owner(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    for name in ("machine", "fit", "confinement"):
        run.done[name] = await acceptance._CHECKS[name](run)
        assert run.done[name]["says"]
    report = run.report()
    assert str(tmp_path) not in report
    assert str(run.spec.path.parent) not in report
    assert str(Path.home()) not in report or str(Path.home()) == "/"
    assert json.loads(report)["passed"] is False
