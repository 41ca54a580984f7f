"""The audit log: what stands in it, what cannot, and that a change is seen."""

import asyncio
import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rlm_desk.cli.commands import app
from rlm_desk.config import load as load_settings
from rlm_desk.desk.service import AsyncDesk
from rlm_desk.errors import StoreError
from rlm_desk.store import Store
from rlm_desk.store.audit import LONGEST, Audit, text_hash

from .making import document, finished, partial, started

SECRET = "The settlement with Brenvale is 4 million"


def test_entries_come_back_in_order_and_private(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    assert audit.read() == []
    audit.note("open", [{"document": "a" * 64}, {"document": "b" * 64}])
    audit.note("purge", [{"all": 1}])
    assert [(e["what"], e.get("document")) for e in audit.read()] == [
        ("open", "a" * 64),
        ("open", "b" * 64),
        ("purge", None),
    ]
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("value", [SECRET, "Fees.pdf", "a\nb", "", "x" * 200, "Brenvale"])
def test_text_is_not_written(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValueError):
        Audit(tmp_path).note("ask", [{"question": "0" * 64}, {"question": value}])
    assert Audit(tmp_path).read() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [lines[0].replace(b'"d": 0', b'"d": 9'), *lines[1:]],
        lambda lines: lines[1:],
        lambda lines: [lines[0], *lines[2:]],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [lines[0], lines[0], *lines[1:]],
        lambda lines: [lines[0], b"nonsense", *lines[1:]],
        lambda lines: [lines[0], b'{"after": 1}', *lines[1:]],
    ],
    ids=["changed", "first gone", "one gone", "swapped", "doubled", "nonsense", "forged"],
)
def test_a_change_is_seen(tmp_path: Path, change: object) -> None:
    audit = Audit(tmp_path)
    audit.note("open", [{"d": n} for n in range(4)])
    lines = audit.path.read_bytes().splitlines()
    audit.path.write_bytes(b"\n".join(change(lines)) + b"\n")  # type: ignore[operator]
    with pytest.raises(StoreError, match="was changed"):
        audit.read()


def test_a_line_that_a_power_cut_ended_is_no_change(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.note("ask", [{"run": "a"}])
    log.note("ask", [{"run": "b"}])
    log.path.write_bytes(log.path.read_bytes()[:-20])
    assert [entry["run"] for entry in log.read()] == ["a"]
    log.note("ask", [{"run": "c"}])
    assert [entry["run"] for entry in log.read()] == ["a", "c"]
    lines = log.path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1][:-2] + b"\n"  # cut by somebody, afterwards
    log.path.write_bytes(b"".join(lines))
    with pytest.raises(StoreError, match="line 3 does not follow"):
        log.read()


def test_a_long_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    for _ in range(60):
        audit.note("open", [{"document": "a" * 64}])
    assert audit.path.stat().st_size > 2 * LONGEST
    assert len(audit.read()) == 60


def test_processes_at_once_keep_the_chain(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rlm_desk.store.audit import Audit\n"
        "for n in range(40): Audit(Path(sys.argv[1])).note('open', [{'n': n}])"
    )
    several = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(3)]
    assert [one.wait(60) for one in several] == [0, 0, 0]
    assert len(Audit(tmp_path).read()) == 120


async def test_purges_are_noted_and_the_log_outlives_them(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document("d1", SECRET))
    await store.append([started("a", documents=("d1",)), partial("a", 1, SECRET), finished("a", 2)])
    await store.purge_run("a")
    await store.purge_document("d1")
    await store.purge_all()
    await store.close()
    assert [(e["what"], e.get("run"), e.get("document"), e.get("all")) for e in Audit(tmp_path).read()] == [
        ("purge", "a", None, None),
        ("purge", None, "d1", None),
        ("purge", None, None, 1),
    ]


async def test_a_desk_notes_what_is_opened_and_asked_and_never_its_text(tmp_path: Path) -> None:
    (tmp_path / "secret name.txt").write_text(SECRET)
    desk = await AsyncDesk.open(load_settings(data_dir=tmp_path / "data"))
    await desk.load([tmp_path / "secret name.txt"])
    run = desk.ask("What did we settle for?")
    await run.result()
    await desk.close()
    opened, asked = desk.store.audit.read()
    assert opened["document"] == desk.corpus.documents[0].document.id
    assert (asked["run"], asked["question"], asked["documents"]) == (run.id, text_hash("What did we settle for?"), 1)
    raw = desk.store.audit.path.read_text()
    assert "settle" not in raw and "secret" not in raw and len(raw.splitlines()) == 2
    assert {name for line in raw.splitlines() for name in json.loads(line)} == {
        *("at", "what", "document", "after", "run", "question", "documents")
    }


async def test_what_is_exported_is_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = await Store.open(data)
    await store.put_document(document("d1", SECRET))
    await store.append([started("run-1", documents=("d1",)), partial("run-1", 1, SECRET), finished("run-1", 2)])
    await store.close()

    def runs(*arguments: str) -> None:
        done = CliRunner().invoke(app, ["runs", *arguments, "--data-dir", str(data)])
        assert done.exit_code == 0, done.output or done.exception

    for format in ("md", "html", "json", "traces"):
        await asyncio.to_thread(runs, "export", "last", "-f", format, "-o", str(tmp_path / f"secret.{format}"))
    await asyncio.to_thread(runs, "bundle", "run", "-o", str(tmp_path / "secret.zip"))
    await asyncio.to_thread(runs, "show", "last")
    desk = await AsyncDesk.open(load_settings(data_dir=data))
    assert (await desk.export("last")).summary.id == "run-1"
    await desk.close()
    assert [(e["what"], e["run"]) for e in Audit(data).read()] == [("export", "run-1")] * 6
    assert "secret" not in Audit(data).path.read_text()


async def test_what_is_older_than_is_wished_is_erased_with_what_only_it_read(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.put_document(document("old", "OLD-DOCUMENT"))
    await store.put_document(document("both", "BOTH-DOCUMENT"))
    await store.put_document(document("unread", "UNREAD-DOCUMENT"))
    await store.append([started("a", documents=("old", "both")), partial("a", 1, "OLD-REPLY"), finished("a", 2)])
    await store.append([started("b", documents=("both",)), finished("b", 1)])
    newest = time.time()
    await store._writer.submit(lambda c: c.execute("UPDATE runs SET last = ? WHERE id = 'a'", (newest - 40 * 86_400,)))
    await store._writer.submit(lambda c: c.execute("UPDATE runs SET last = ? WHERE id = 'b'", (newest,)))
    assert await store.expire(60) == 0
    assert await store.expire(30) == 1
    assert await store.expire(30) == 0
    assert [run.id for run in await store.runs()] == ["b"]
    assert await store.document_ids() == ["both", "unread"]
    on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("rlm-desk.db*"))
    assert b"OLD-DOCUMENT" not in on_disk and b"OLD-REPLY" not in on_disk and b"BOTH-DOCUMENT" in on_disk
    await store.close()
    assert [(e["what"], e.get("run"), e.get("document")) for e in Audit(tmp_path).read()] == [
        ("expire", "a", None),
        ("expire", None, "old"),
    ]
