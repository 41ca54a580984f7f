"""What doctor advises, for machines made up."""

import pytest

from rlm_desk.catalogue.devices import Device, Devices
from rlm_desk.cli import machinelines
from rlm_desk.cli.machinelines import advice, lines

GIB = 1024**3
PLAIN = Devices(8 * GIB, 16 * GIB, features=("AVX2",))


def having(monkeypatch: pytest.MonkeyPatch, *tools: str) -> None:
    monkeypatch.setattr(machinelines.shutil, "which", lambda name: name if name in tools else None)


def test_devices_and_memory_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    having(monkeypatch)
    gpu = Device("CUDA0", "a card", "gpu", 7 * GIB, 8 * GIB, "CUDA")
    shown = "\n".join(lines(Devices(8 * GIB, 16 * GIB, (gpu,), ("AVX2",), True)))
    assert "CUDA" in shown
    assert "CUDA0 a card: 7.0 GiB of 8.0 GiB free" in shown
    assert "8.0 GiB free of 16.0 GiB" in shown
    assert "faster" not in shown
    assert "for the processor only" in "\n".join(lines(PLAIN))


def test_the_exact_command_for_a_faster_build(monkeypatch: pytest.MonkeyPatch) -> None:
    having(monkeypatch, "nvidia-smi")
    cuda = advice(PLAIN, "Linux", "x86_64", "0.3.36")
    assert 'CMAKE_ARGS="-DGGML_CUDA=on" pip install' in cuda
    assert "llama-cpp-python==0.3.36" in cuda
    assert "toolkit must be installed" in cuda
    having(monkeypatch, "vulkaninfo")
    assert "GGML_VULKAN" in advice(PLAIN, "Linux", "x86_64", "0.3.36")
    having(monkeypatch)
    assert "GGML_METAL" in advice(PLAIN, "Darwin", "arm64", "0.3.36")
    assert advice(PLAIN, "Linux", "x86_64", "0.3.36") == ""
    assert "GGML_NATIVE" in advice(Devices(1, 1, features=("SSE3",)), "Linux", "x86_64", "0.3.36")
