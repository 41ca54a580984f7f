"""The desk in a real terminal, as a person uses it: load a folder, ask, watch, open a page, go on, export, leave."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rlm_desk.demo.corpus import write
from rlm_desk.demo.questions import Question
from rlm_desk.demo.show import prepare

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(TMUX is None, reason="tmux is not installed: no real terminal to drive the desk in")

PATIENCE = 180.0
"""Seconds for one step; a busy machine is slow, and nothing here measures speed."""


class Terminal:
    """A tmux server of its own with one window, so that no other session is touched."""

    def __init__(self, folder: Path, environment: dict[str, str], columns: int, lines: int) -> None:
        self._socket = str(folder / "tmux")
        self._environment = environment
        size = ["-x", str(columns), "-y", str(lines)]
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, "-c", str(folder), "sh")
        self._tmux("set-option", "-g", "remain-on-exit", "on")

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(TMUX), "-S", self._socket, *arguments],
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=60,
            check=True,
        )
        return done.stdout

    def type(self, text: str) -> None:
        """Letters, as they are."""
        self._tmux("send-keys", "-l", text)

    def press(self, *keys: str) -> None:
        """Keys by their tmux names."""
        self._tmux("send-keys", *keys)
        time.sleep(1.0)  # the focus may move with it: a person looks before the next key, too

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def until(self, pattern: str, keys: tuple[str, ...] = ()) -> str:
        """Wait until the screen shows a pattern; `keys` are pressed now and then, where one may come too early."""
        end = time.monotonic() + PATIENCE
        pressed = time.monotonic()
        while not re.search(pattern, screen := self.screen):
            assert time.monotonic() < end, f"no {pattern!r} on the screen:\n{screen}"
            time.sleep(0.3)
            if keys and time.monotonic() - pressed > 5:
                pressed = time.monotonic()
                self.press(*keys)
        return screen

    def close(self) -> None:
        subprocess.run([str(TMUX), "-S", self._socket, "kill-server"], check=False, timeout=60, capture_output=True)


@pytest.fixture
def terminal(tmp_path: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    made = Terminal(tmp_path, environment | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}, 120, 40)
    yield made
    made.close()


def asked_of(folder: Path) -> Question:
    """A corpus of a few agreements that is longer than the window, and a question whose answer stands on a page."""
    return prepare(folder, seed=90_004, tokens=6_000, family="find").question


def test_a_person_loads_asks_reads_exports_and_leaves(terminal: Terminal, tmp_path: Path) -> None:
    question = asked_of(tmp_path / "contracts")
    terminal.type(f"{shlex.quote(sys.executable)} -m rlm_desk; echo left with $?")
    terminal.press("Enter")
    terminal.until("Add documents: Ctrl\\+O")
    # load a folder
    terminal.until("A file, a folder", keys=("C-o",))
    terminal.type("contracts")
    terminal.press("Enter")
    terminal.until(r"\d+ documents added")
    # ask, watch
    terminal.type(question.text)
    terminal.press("Enter")
    terminal.until(r"Working: turn|✓ answered|! best effort")
    terminal.until(r"(✓ answered|! best effort).*tok/s")
    # the answer stands on pages: open one
    terminal.until(r"read \d+ of \d+ pages")
    terminal.until("root")
    terminal.press("F3")
    terminal.until(r"source 1 of \d+", keys=("n",))
    # follow up as soon as the page is closed: what is typed is the next question, and a second turn
    terminal.press("Escape")
    terminal.type(f"And once more: {question.text}")
    terminal.press("Enter")
    terminal.until(r"(?s)And once more.*(✓ answered|! best effort|✗ failed)[^\n]*tok/s")
    # the run over time, and back
    terminal.press("F4", "t")
    terminal.until("slot 1")
    terminal.press("t")
    # once more, from the tree
    terminal.press("C-l")
    terminal.type("And how many are there?")
    terminal.press("Enter")
    terminal.until(r"(?s)And how many.*(✓ answered|! best effort|✗ failed)[^\n]*tok/s")
    # export from the history
    terminal.press("C-r")
    terminal.until("3 runs")
    terminal.press("x")
    terminal.until("Export the run")
    terminal.press("Down", "Down", "Enter")
    terminal.until(r"Saved as")
    reports = list(tmp_path.glob("answer-*.json"))
    assert len(reports) == 1 and json.loads(reports[0].read_text("utf-8"))
    # leave
    terminal.press("Escape")
    terminal.press("C-q")
    terminal.until("left with 0")
    # come back: documents, conversation and the pages it stands on are there
    terminal.type(f"clear; {shlex.quote(sys.executable)} -m rlm_desk; echo left with $?")
    terminal.press("Enter")
    terminal.until(r"contracts as you left it: \d+ documents, 3 questions")
    terminal.until("And how many are there")
    terminal.press("C-n")
    terminal.until("New workspace  empty")
    terminal.press("Enter")
    terminal.until("A new workspace: Ctrl\\+O adds documents. contracts is kept")
    terminal.press("C-q")
    terminal.until("left with 0")


def test_the_smallest_terminal_is_enough(tmp_path: Path, environment: dict[str, str]) -> None:
    write(tmp_path / "contracts", seed=90_005, tokens=3_000)
    terminal = Terminal(tmp_path, environment | {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}, 80, 24)
    try:
        terminal.type(f"{shlex.quote(sys.executable)} -m rlm_desk; echo left with $?")
        terminal.press("Enter")
        terminal.until("Ctrl\\+O")
        terminal.until("A file, a folder", keys=("C-o",))
        terminal.type("contracts")
        terminal.press("Enter")
        terminal.until(r"Write a question|\d+ pages")
        terminal.press("C-q")
        terminal.until("left with 0")
    finally:
        terminal.close()
