"""`doctor --offline`: the proof fails when it must."""

import os
import sys
from pathlib import Path

import pytest

from rlm_desk.cli import offline
from rlm_desk.confine import tracing, watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the proof is Linux's")


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> offline.Proof:
    """The proof, of another program than rlm-desk."""

    def question(folder: Path) -> tuple[list[str], dict[str, str]]:
        return [sys.executable, "-I", "-c", code], dict(os.environ)

    monkeypatch.setattr(offline, "_question", question)
    return offline.prove()


def test_a_program_without_a_socket_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = instead(monkeypatch, "import socket; socket.socketpair()")
    assert proof.holds, proof.lines
    assert "no other was opened" in proof.lines[1]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import socket\ntry: socket.socket(socket.AF_INET)\nexcept OSError: pass", "NOT OFFLINE: "),
        ("import os\nos.fork() or __import__('socket').socket(socket.AF_UNIX)", "NOT OFFLINE: "),
        ("print('no model'); raise SystemExit(4)", "proves nothing: no model"),
    ],
    ids=["a socket", "a child's socket", "a run that failed"],
)
def test_what_is_no_proof_fails(monkeypatch: pytest.MonkeyPatch, code: str, says: str) -> None:
    code = code.replace("__import__('socket').socket(socket.AF_UNIX)", "__import__('socket').socket(1)")
    proof = instead(monkeypatch, code)
    assert not proof.holds
    assert any(says in line for line in proof.lines), proof.lines


def test_a_blind_witness_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "run", lambda *_: watch.Watched())
    monkeypatch.setattr(tracing, "version", lambda: "")
    proof = instead(monkeypatch, "")
    assert not proof.holds and "not believed" in proof.lines[0]


def test_without_any_witness_nothing_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(*_: object) -> watch.Watched:
        raise OSError("hidden")

    monkeypatch.setattr(watch, "run", hidden)
    monkeypatch.setattr(tracing, "version", lambda: "")
    proof = instead(monkeypatch, "")
    assert not proof.holds and "none" in proof.lines[-1]
