"""What llama.cpp finds on this machine, and what it would allocate for a plan: asked of a worker that then ends.

`devices` touches the drivers, which is why it is a worker's job. `dry_run` loads a model without allocating anything
and reads llama.cpp's own account of its buffers from the log: there is no C function for it.
"""

import ctypes
import re
from typing import Any

from rlm_desk.engine.log import LogRing

KINDS = ("cpu", "gpu", "igpu", "accel", "meta")
_BUFFER = re.compile(r"^\S*\s+(\S+)\s+(compute|output|RS|model|KV) buffer size\s*=\s*([\d.]+) MiB")
_KV = re.compile(r"llama_kv_cache\S*: size =\s*([\d.]+) MiB")


def devices() -> dict[str, Any]:
    """Every device with its free memory, JSON: `devices`, `features`, `offload`, `version`."""
    import llama_cpp as lc

    lc.llama_backend_init()
    return {
        "devices": list(_devices()),
        "features": lc.llama_print_system_info().decode("utf-8", "replace").strip(" |\n"),
        "offload": bool(lc.llama_supports_gpu_offload()),
        "version": str(lc.__version__),
    }


def _devices() -> Any:
    from llama_cpp import _ggml

    lib = _ggml.libggml
    handle, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
    count = _function(lib.ggml_backend_dev_count, size)
    get = _function(lib.ggml_backend_dev_get, handle, size)
    name = _function(lib.ggml_backend_dev_name, text, handle)
    description = _function(lib.ggml_backend_dev_description, text, handle)
    kind = _function(lib.ggml_backend_dev_type, ctypes.c_int, handle)
    memory = _function(lib.ggml_backend_dev_memory, None, handle, ctypes.POINTER(size), ctypes.POINTER(size))
    registry = _function(lib.ggml_backend_dev_backend_reg, handle, handle)
    backend = _function(lib.ggml_backend_reg_name, text, handle)
    for index in range(count()):
        device = get(index)
        free, total = size(0), size(0)
        memory(device, ctypes.byref(free), ctypes.byref(total))
        number = kind(device)
        yield {
            "name": _text(name(device)),
            "description": _text(description(device)),
            "kind": KINDS[number] if 0 <= number < len(KINDS) else "accel",
            "free": free.value,
            "total": total.value,
            "backend": _text(backend(registry(device))),
        }


def _function(found: Any, result: Any, *arguments: Any) -> Any:
    found.restype, found.argtypes = result, list(arguments)
    return found


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "replace")


def dry_run(header: dict[str, Any], log: LogRing) -> dict[str, Any]:
    """Bytes a plan's context would take, JSON: `compute` by device (logits among the host's), `kv` in all.

    Raises:
        engine.model.ModelError: the file cannot be loaded, or no context can be made with that plan.
    """
    from rlm_desk.engine.model import Model

    Model(header | {"dry": True}, log).close()
    return read_buffers(log.tail(100_000))


def read_buffers(log: str) -> dict[str, Any]:
    """The buffers a log speaks of. A GPU's host buffer (`CUDA_Host`) counts as the host's."""
    compute: dict[str, int] = {}
    kv = 0
    for line in log.splitlines():
        if found := _BUFFER.match(line):
            name, what, size = found[1], found[2], int(float(found[3]) * 1024 * 1024)
            if what in ("compute", "output", "RS"):
                device = "memory" if name.startswith("CPU") or name.endswith("_Host") else name
                compute[device] = compute.get(device, 0) + size
        elif found := _KV.search(line):
            kv += int(float(found[1]) * 1024 * 1024)
    return {"compute": compute, "kv": kv}
