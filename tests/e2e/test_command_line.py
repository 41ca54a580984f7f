"""The command line from outside: answers, exit codes, sentences instead of tracebacks."""

import json
import resource
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from rlm_desk.demo.corpus import DemoCorpus, questions
from rlm_desk.events import EVENT, RunFinished, RunStarted
from tests.e2e.conftest import Command


def test_ask_answers_and_the_history_keeps_it(command: Command, contracts: DemoCorpus) -> None:
    (question,) = questions(contracts, "find", 1)
    asked = command("ask", contracts.directory, "-q", question.text, "--plain")
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip()  # whether it is right is for `rlm-desk eval` to say
    listed = command("runs", "list")
    assert "answered" in listed.stdout
    shown = command("runs", "show", "last")
    assert "Coverage: read " in asked.stdout
    assert asked.stdout.strip() in shown.stdout  # the same answer, with the same evidence
    replayed = command("runs", "replay", "last", "--speed", "0")
    assert replayed.returncode == 0
    assert "runs code" in replayed.stderr


def test_json_is_the_event_stream(command: Command, contracts: DemoCorpus) -> None:
    (question,) = questions(contracts, "find", 1)
    asked = command("ask", contracts.directory, "-q", question.text, "--json")
    *lines, last = asked.stdout.splitlines()
    evidence = json.loads(last)["evidence"]
    assert evidence["headline"].startswith("read ")
    assert all(source["number"] == n for n, source in enumerate(evidence["sources"], 1))
    events = [EVENT.validate_python(json.loads(line)["event"]) for line in lines]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    assert [event.seq for event in events] == list(range(len(events)))
    assert events[0].model.demonstration
    assert events[0].estimate_tokens > 0


def test_the_demonstration_ends_with_a_verdict(command: Command) -> None:
    shown = command("demo", "--seed", "4", "--tokens", "12k", "--family", "find", "--plain")
    last = shown.stdout.splitlines()[-1]
    assert last in ("correct", "wrong")
    assert shown.returncode == (0 if last == "correct" else 1), shown.stderr
    assert "asked plainly" in shown.stdout


@pytest.fixture
def bad(tmp_path: Path, contracts: DemoCorpus) -> Path:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "empty.txt").write_text("")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 64)
    pdf = next(Path(contracts.directory).rglob("*.pdf"))
    (folder / "cut.pdf").write_bytes(pdf.read_bytes()[:200])
    writer = PdfWriter(clone_from=PdfReader(pdf))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(folder / "locked.pdf")
    return folder


def test_what_cannot_be_read_is_named_with_its_reason(command: Command, bad: Path) -> None:
    asked = command("ask", bad, "-q", "What is the fee?")
    assert asked.returncode == 3
    for name in ("empty.txt", "binary.txt", "cut.pdf", "locked.pdf"):
        assert f"skipped {name}" in asked.stderr or f"/{name}" in asked.stderr, asked.stderr
    assert "encrypted" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_a_missing_file(command: Command, tmp_path: Path) -> None:
    asked = command("ask", tmp_path / "nothing-here", "-q", "What?")
    assert asked.returncode == 3
    assert "nothing-here" in asked.stderr
    assert "Traceback" not in asked.stderr


def test_an_empty_folder(command: Command, tmp_path: Path) -> None:
    (tmp_path / "void").mkdir()
    asked = command("ask", tmp_path / "void", "-q", "What?")
    assert asked.returncode == 3
    assert "Traceback" not in asked.stderr


def test_a_gguf_that_is_not_one(command: Command, tmp_path: Path, contracts: DemoCorpus) -> None:
    fake = tmp_path / "model.gguf"
    fake.write_bytes(b"GGUF" + b"\xff" * 4096)
    asked = command("ask", contracts.directory, "-q", "What?", "--model", fake)
    assert asked.returncode == 4, asked.stderr
    assert "Traceback" not in asked.stderr
    missing = command("ask", contracts.directory, "-q", "What?", "--model", tmp_path / "no.gguf")
    assert missing.returncode == 4, missing.stderr


def test_an_empty_question(command: Command, contracts: DemoCorpus) -> None:
    assert command("ask", contracts.directory, "-q", "  ").returncode == 2


def test_a_budget_that_runs_out_gives_a_labelled_answer(command: Command, contracts: DemoCorpus) -> None:
    (question,) = questions(contracts, "count", 1)
    asked = command("ask", contracts.directory, "-q", question.text, "--tokens", "600")
    assert asked.returncode == 8, asked.stderr
    assert "Best effort, the work was cut short: check this answer. The budget of 600 tokens" in asked.stderr


def test_a_full_disk_is_a_sentence(command: Command, contracts: DemoCorpus) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, 64 * 1024))

    asked = command("ask", contracts.directory, "-q", "What is the fee?", preexec_fn=small_files)
    assert asked.returncode == 6, asked.stderr
    assert "Traceback" not in asked.stderr
