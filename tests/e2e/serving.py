"""Real model servers with desk-tiny on a port of their own: what is here of them."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rlm_desk.catalogue.known import BUNDLED
from rlm_desk.catalogue.resolve import resolve

WINDOW = 2048
MODEL = str(resolve(BUNDLED, Path()).path)
START_SECONDS = 120.0
PACKAGES = ("fastapi", "uvicorn", "sse_starlette", "starlette_context", "pydantic_settings")
VARIABLE = "RLM_DESK_LLAMA_SERVER"


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of server."""

    name: str
    command: Callable[[int], list[str]]
    missing: Callable[[], str]
    """Why it cannot be started here, as a sentence; empty where it can."""


def _python(port: int) -> list[str]:
    more = ["--model_alias", "desk-tiny", "--n_ctx", str(WINDOW), "--n_threads", "1", "--verbose", "false"]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "llama_cpp.server", "--model", MODEL, *more, *address]


def _native(port: int) -> list[str]:
    more = ["-c", str(2 * WINDOW), "-np", "2", "-t", "1", "--alias", "desk-tiny", "--jinja"]
    return [os.environ[VARIABLE], "-m", MODEL, *more, "--host", "127.0.0.1", "--port", str(port)]


def _packages() -> str:
    absent = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    return f"llama_cpp.server needs packages that are not here: {', '.join(absent)}" if absent else ""


def _binary() -> str:
    path = os.environ.get(VARIABLE, "")
    if not path:
        return f"no llama-server is given: {VARIABLE}=/path/to/llama-server"
    return "" if Path(path).is_file() else f"{VARIABLE} names no file: {path}"


KINDS = (Kind("llama-cpp-python", _python, _packages), Kind("llama-server", _native, _binary))


class Serving:
    """A running server."""

    def __init__(self, kind: Kind, log: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.kind = kind
        self.url = f"http://127.0.0.1:{port}/v1"
        with log.open("wb") as out:
            self._process = subprocess.Popen(kind.command(port), stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise AssertionError(f"{kind.name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/models", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):  # refused, or 503 while it loads
            return False

    def kill(self) -> None:
        """End it at once. Safe to call twice."""
        self._process.kill()
        self._process.wait()
