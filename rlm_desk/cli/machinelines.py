"""What `doctor` says about the machine: the library's build, its devices and memory, and how to build a faster one."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil

from rlm_desk.catalogue.devices import Devices
from rlm_desk.catalogue.fit import gib

INSTALL = "pip install --no-cache-dir --force-reinstall --no-deps llama-cpp-python"
ACCELERATORS = ("CUDA", "MTL", "Metal", "Vulkan", "ROCm", "SYCL")


def lines(devices: Devices) -> list[str]:
    """The backend built in, devices with their free memory, and the command for a faster build where there is one."""
    version = importlib.metadata.version("llama-cpp-python")
    backends = sorted({device.backend for device in devices.found if device.kind in ("gpu", "igpu")})
    built = f"llama.cpp of llama-cpp-python {version}, {', '.join(backends) if backends else 'for the processor only'}"
    found = [f"library     {built}"]
    if devices.features:
        found.append(f"built with  {' '.join(devices.features)}")
    host = gib(devices.host_free) if devices.host_free is not None else "unknown"
    total = f" of {gib(devices.host_total)}" if devices.host_total else ""
    found.append(f"memory      {host} free{total}")
    found += [
        f"device      {one.name} {one.description}: {gib(one.free)} of {gib(one.total)} free"
        for one in devices.found
        if one.kind in ("gpu", "igpu")
    ]
    faster = advice(devices, platform.system(), platform.machine(), version)
    if faster:
        found.append(f"faster      {faster}")
    return found


def advice(devices: Devices, system: str, processor: str, version: str) -> str:
    """The exact command for a build that uses what this machine has and the library does not; empty if none."""
    if devices.offload:
        return ""
    if system == "Darwin" and processor == "arm64":
        return f'for Metal: CMAKE_ARGS="-DGGML_METAL=on" {INSTALL}=={version}'
    if shutil.which("nvidia-smi"):
        tool = "" if shutil.which("nvcc") else " (the CUDA toolkit must be installed first)"
        return f'for the NVIDIA GPU: CMAKE_ARGS="-DGGML_CUDA=on" {INSTALL}=={version}{tool}'
    if shutil.which("vulkaninfo"):
        return f'for a GPU with Vulkan: CMAKE_ARGS="-DGGML_VULKAN=on" {INSTALL}=={version}'
    slow = processor in ("x86_64", "AMD64") and devices.features and "AVX2" not in devices.features
    if slow:
        return f'for this processor: CMAKE_ARGS="-DGGML_NATIVE=on" {INSTALL}=={version}'
    return ""
