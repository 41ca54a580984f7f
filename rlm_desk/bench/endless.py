"""A copy of a model that never ends a reply: so that every program measured writes exactly as many tokens as asked.

A model that answers "none" and stops would otherwise be measured at one or two tokens a call. The output rows of the
tokens that end a reply become zero: their logits are zero, which is never the largest. Nothing else changes, neither
size nor speed. Runs in a process of its own (`python -m rlm_desk.bench.endless FILE COPY`), since it reads a model.
"""

import asyncio
import ctypes
import shutil
import sys
from pathlib import Path
from typing import Any

from rlm_desk.bench.ending import failed
from rlm_desk.errors import EngineError

LARGEST = 256 * 1024 * 1024
"""Bytes of a file that is copied; a larger one is measured as it is, and the report counts its tokens."""
_FILE = Path(__file__).resolve()


async def endless(source: Path, folder: Path) -> Path:
    """The copy, in `folder`; `source` itself where it is too large to be copied.

    Raises:
        EngineError: the copy could not be made.
    """
    if source.stat().st_size > LARGEST:
        return source
    copy = folder / source.name
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "rlm_desk.bench.endless",
        str(source.resolve()),
        str(copy),
        stderr=asyncio.subprocess.PIPE,
        cwd=_FILE.parents[2],
    )
    _, said = await process.communicate()
    if process.returncode:
        what = "No copy of the model could be made to be measured: the process that writes it"
        raise EngineError(failed(what, process.returncode, said), "Is the disk full?")
    return copy


def write(source: Path, copy: Path) -> int:
    """Write the copy; how many tokens cannot end a reply any more."""
    import gguf

    ends = _ends(source)
    shutil.copyfile(source, copy)
    reader: Any = gguf.GGUFReader(copy, "r+")
    named = {tensor.name: tensor for tensor in reader.tensors}
    rows = (named.get("output.weight") or named["token_embd.weight"]).data
    rows[ends] = 0  # whatever the type: a row of zero bytes is a row of zeros
    reader.data.flush()
    return len(ends)


def _ends(path: Path) -> list[int]:
    import llama_cpp as lc

    silent = lc.llama_log_callback(lambda _level, _text, _user: None)
    lc.llama_log_set(silent, ctypes.c_void_p(0))
    params = lc.llama_model_default_params()
    params.vocab_only = True
    model: Any = lc.llama_model_load_from_file(str(path).encode(), params)
    if not model:
        raise SystemExit(f"{path} is no model that llama.cpp reads")
    vocab: Any = lc.llama_model_get_vocab(model)
    ends = [token for token in range(lc.llama_vocab_n_tokens(vocab)) if lc.llama_vocab_is_eog(vocab, token)]
    lc.llama_model_free(model)
    return ends


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
