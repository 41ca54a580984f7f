"""What survives a kill: the history, the app, and no worker."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from rlm_desk.config import load as load_settings
from rlm_desk.demo.corpus import DemoCorpus, questions
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.events import EngineRestarted


def descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(status.parent.name)
            found |= {child} | descendants(child)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_app_leaves_its_events_and_no_worker(environment: dict[str, str], contracts: DemoCorpus) -> None:
    (question,) = questions(contracts, "count", 1)
    app = subprocess.Popen(
        [sys.executable, "-m", "rlm_desk", "ask", str(contracts.directory), "-q", question.text, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert app.stdout
    shown = []
    for line in app.stdout:
        shown.append(json.loads(line)["event"])
        if shown[-1]["kind"] == "replied" and len(shown) > 12:
            break
    workers = descendants(app.pid)
    assert workers, "no workers were running"
    app.kill()
    shown += [json.loads(line)["event"] for line in app.stdout if line.endswith("\n")]
    app.wait()
    listed = subprocess.run(
        [sys.executable, "-m", "rlm_desk", "runs", "list"], capture_output=True, text=True, env=environment, check=True
    )
    assert "interrupted" in listed.stdout
    kept = subprocess.run(
        [sys.executable, "-m", "rlm_desk", "runs", "show", "last", "--json"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    lines = [json.loads(line) for line in kept.stdout.splitlines()]
    stored = [line["event"] for line in lines if "event" in line]  # what the answer stands on comes last
    assert len(stored) >= len(lines) - 1
    assert stored[: len(shown)] == shown
    deadline = time.monotonic() + 10
    while (left := [pid for pid in workers if alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


async def test_a_killed_engine_is_loaded_again_and_the_run_goes_on(tmp_path: Path, contracts: DemoCorpus) -> None:
    (question,) = questions(contracts, "count", 1)
    desk = await AsyncDesk.open(load_settings(data_dir=tmp_path / "data", cache=False))
    try:
        await desk.load([contracts.directory])
        await desk.warm()
        engine = desk.machine.running
        assert engine
        run = desk.ask(question.text, route="recursive")
        killed = False
        restarts = 0
        async for recorded in run:
            restarts += isinstance(recorded.event, EngineRestarted)
            if recorded.event.kind == "replied" and not killed:
                killed = True
                os.kill(engine.pid, signal.SIGKILL)
        answer = await asyncio.wait_for(run.result(), 120)
        assert killed
        assert restarts == 1
        assert answer.status == "answered", answer.why
    finally:
        await desk.close()


async def test_a_cancelled_run_is_kept_and_the_desk_goes_on(tmp_path: Path, contracts: DemoCorpus) -> None:
    (question,) = questions(contracts, "count", 1)
    desk = await AsyncDesk.open(load_settings(data_dir=tmp_path / "data", cache=False))
    try:
        await desk.load([contracts.directory])
        run = desk.ask(question.text, route="recursive")
        async for recorded in run:
            if recorded.event.kind == "replied":
                run.cancel()
        assert (await run.result()).status == "cancelled"
        again = await desk.ask(question.text, route="recursive").result()
        assert again.status == "answered", again.why
        assert [one.status for one in await desk.runs()] == ["answered", "cancelled"]
    finally:
        await desk.close()
