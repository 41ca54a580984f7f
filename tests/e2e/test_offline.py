"""A whole question, as a person asks it, opens no network socket in any process: the kernel says so."""

import sys

import pytest

from tests.e2e.conftest import Command


@pytest.mark.skipif(sys.platform != "linux", reason="the proof is Linux's")
def test_a_question_opens_no_network_socket(command: Command) -> None:
    proof = command("doctor", "--offline")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "proven on this machine" in proof.stdout
    assert "rlm-desk" in proof.stdout and "engine worker" in proof.stdout and "repl worker" in proof.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")
def test_the_app_shuts_itself_off_and_says_so(command: Command) -> None:
    told = command("doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "network     on: " in told.stdout
