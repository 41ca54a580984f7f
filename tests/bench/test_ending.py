"""What a person is told when a program beside the engine ends before its time."""

import sys
from pathlib import Path

import pytest

from rlm_desk.bench.ending import failed, how
from rlm_desk.bench.serially import serially
from rlm_desk.bench.server import serve
from rlm_desk.completion import Message, Request
from rlm_desk.errors import EngineError
from rlm_desk.plan import LoadPlan

PLAN = LoadPlan("model", 1024, 2, 2048)
ASKED = [Request((Message("user", "Why?"),), max_tokens=2)]
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
KILLED_BY_A_QUESTION = """import http.server, os, signal, sys

class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        os.kill(os.getpid(), signal.SIGKILL)

http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Answers).serve_forever()
"""


def program(folder: Path, code: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!{sys.executable}\n{code}")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("status", "words"),
    [(3, "ended with status 3"), (-9, "was ended by SIGKILL"), (-250, "was ended by signal 250")],
)
def test_an_exit_status_in_words(status: int, words: str) -> None:
    assert how(status) == words


def test_last_words_are_kept_where_there_are_any() -> None:
    assert failed("It", 1, b"no such file\n") == "It ended with status 1: no such file"
    assert failed("It", -9, b"") == "It was ended by SIGKILL."


async def test_a_serial_comparison_that_is_killed_names_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(program(tmp_path, KILLED)))
    with pytest.raises(EngineError, match="serial comparison was ended by SIGKILL"):
        await serially(PLAN, [ASKED])


async def test_a_server_that_is_killed_while_loading_names_the_signal(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="llama-server was ended by SIGKILL"):
        async with serve(program(tmp_path, KILLED), PLAN, 2, 1):
            raise AssertionError("it cannot have started")


async def test_a_server_that_is_killed_while_answering_names_the_signal(tmp_path: Path) -> None:
    async with serve(program(tmp_path, KILLED_BY_A_QUESTION), PLAN, 2, 1) as running:
        with pytest.raises(EngineError, match="llama-server was ended by SIGKILL"):
            await running.round(ASKED)
