"""A GGUF loaded with its context, and every check that llama.cpp answers with an abort instead of an error.

Loading happens in the worker, after the lock. Only what this module exposes is used elsewhere: pointers stay inside
`rlm_desk.engine`.
"""

import ctypes
import os
from pathlib import Path
from typing import Any

import llama_cpp as lc
import numpy as np
from numpy.typing import NDArray

from rlm_desk.engine.log import LogRing

Tokens = NDArray[np.int32]
KV_TYPES = {"f16": lc.GGML_TYPE_F16, "q8_0": lc.GGML_TYPE_Q8_0, "q4_0": lc.GGML_TYPE_Q4_0}
SEQUENCES = 256
"""llama.cpp's own limit."""
IDLE_BYTES = 32 * 1024 * 1024
"""Bytes spent on numbers for idle sequences: each costs a row of logits (4 bytes a vocabulary token), used or not."""
LARGEST_PIECE = 1 << 16


class ModelError(Exception):
    """The file cannot be loaded. The host raises its own error of this name."""

    def __init__(self, sentence: str, next_step: str, *, memory: bool = False) -> None:
        super().__init__(sentence)
        self.next_step = next_step
        self.memory = memory
        """Whether a smaller plan may succeed."""


class Model:
    """Model, vocabulary, context and memory. One thread may use it."""

    def __init__(self, plan: dict[str, Any], log: LogRing) -> None:
        """`plan` holds the fields of `plan.LoadPlan`; with `dry` set, nothing is allocated and nothing can be computed.

        Raises:
            ModelError: no such file, not a GGUF, an architecture this build does not know, or not enough memory.
        """
        self._closed = True
        path = Path(str(plan["model"]))
        _check_file(path)
        lc.llama_backend_init()
        params = lc.llama_model_default_params()
        params.n_gpu_layers = int(plan["gpu_layers"]) if lc.llama_supports_gpu_offload() else 0
        self.offloaded = params.n_gpu_layers != 0
        """Whether layers run on a GPU."""
        split = [float(share) for share in plan.get("tensor_split") or ()]
        room = int(lc.llama_max_devices())
        if split and len(split) <= room:  # the array must live until the model is loaded
            shares = (ctypes.c_float * room)(*split)
            params.tensor_split = shares
        if plan.get("dry"):
            params.no_alloc, params.load_mode = True, lc.LLAMA_LOAD_MODE_NONE
        self.model: Any = lc.llama_model_load_from_file(os.fsencode(path), params)
        if not self.model:
            why = log.last_error()
            raise ModelError(
                f"The model {path.name} cannot be loaded: {why or 'llama.cpp does not say why'}.",
                "Check the file with `rlm-desk models verify`, or import it again.",
                memory="alloc" in why.lower() or "out of memory" in why.lower(),
            )
        self.vocab: Any = lc.llama_model_get_vocab(self.model)
        self.vocabulary: int = lc.llama_vocab_n_tokens(self.vocab)
        self.recurrent = bool(lc.llama_model_is_recurrent(self.model) or lc.llama_model_is_hybrid(self.model))
        if lc.llama_model_has_encoder(self.model) or not lc.llama_model_has_decoder(self.model) or not self.vocabulary:
            lc.llama_model_free(self.model)
            raise ModelError(f"The model {path.name} cannot write text.", "Choose a chat model.")
        self.slots = max(1, min(int(plan["slots"]), SEQUENCES - 2))
        idle = max(self.slots, min(SEQUENCES, IDLE_BYTES // (4 * self.vocabulary)))
        self.sequences = min(SEQUENCES, self.slots + idle + 1)
        """Sequence numbers: for slots, for idle sequences, and the last one for scratch."""
        self.batch = max(32, int(plan["batch"]))
        self.micro_batch = min(self.batch, int(plan["micro_batch"]))
        self.cells = -(-int(plan["cells"]) // 256) * 256
        self.context: Any = self._context(plan)
        if not self.context:
            lc.llama_model_free(self.model)
            raise ModelError(
                f"There is not enough memory for {self.cells:,} tokens of context: "
                f"{log.last_error() or 'llama.cpp does not say why'}.",
                "Choose a smaller window, fewer slots or a quantised KV cache (`--kv-type q8_0`).",
                memory=True,
            )
        self._closed = False
        self.memory: Any = lc.llama_get_memory(self.context)
        trained = int(lc.llama_model_n_ctx_train(self.model)) or self.cells
        self.window = min(int(plan["window"]), self.cells, trained)
        self._pieces: dict[int, bytes] = {}
        self._eog: dict[int, bool] = {}
        self._buffer = ctypes.create_string_buffer(512)

    def _context(self, plan: dict[str, Any]) -> Any:
        params = lc.llama_context_default_params()
        kv = str(plan["kv_type"])
        flash = bool(plan["flash_attention"]) or kv != "f16"  # a quantised V cache without it gives no context
        params.n_ctx = self.cells
        params.n_batch = self.batch
        params.n_ubatch = self.micro_batch
        params.n_seq_max = self.sequences
        params.n_outputs_max = self.sequences  # fewer than n_seq_max aborts, and so does asking for more outputs
        params.n_threads = params.n_threads_batch = max(1, int(plan["threads"]))
        params.kv_unified = True
        params.swa_full = True
        params.flash_attn_type = lc.LLAMA_FLASH_ATTN_TYPE_AUTO if flash else lc.LLAMA_FLASH_ATTN_TYPE_DISABLED
        if kv not in KV_TYPES:
            raise ModelError(f"There is no KV type {kv}.", "Use f16, q8_0 or q4_0.")
        params.type_k = params.type_v = KV_TYPES[kv]
        return lc.llama_init_from_model(self.model, params)

    # ---- facts -----------------------------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        """One value of the file's metadata as text; None where there is none."""
        size = 4096
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = lc.llama_model_meta_val_str(self.model, key.encode(), buffer, size)
            if length < 0:
                return None
            if length < size:
                return buffer.value.decode("utf-8", "replace")
            size = length + 1

    @property
    def chat_template(self) -> str | None:
        """The model's own template, a stranger's text."""
        raw = lc.llama_model_chat_template(self.model, None)
        return raw.decode("utf-8", "replace") if raw else None

    def facts(self) -> dict[str, Any]:
        """What the host may know, JSON."""
        return {
            "architecture": self.meta("general.architecture") or "",
            "name": self.meta("general.name") or "",
            "n_ctx_train": lc.llama_model_n_ctx_train(self.model),
            "n_vocab": self.vocabulary,
            "parameters": lc.llama_model_n_params(self.model),
            "bytes": lc.llama_model_size(self.model),
            "layer_count": lc.llama_model_n_layer(self.model),
            "kv_heads": lc.llama_model_n_head_kv(self.model),
            "recurrent": self.recurrent,
            "chat_template": self.chat_template is not None,
            "cells": lc.llama_n_ctx(self.context),
            "backend": lc.llama_print_system_info().decode("utf-8", "replace").strip(" |"),
            "gpu": bool(lc.llama_supports_gpu_offload()),
        }

    @property
    def bytes_per_cell(self) -> int:
        """About how many bytes the keys and values of one token take."""
        heads = max(1, lc.llama_model_n_head(self.model))
        head = lc.llama_model_n_embd(self.model) // heads
        return int(4 * lc.llama_model_n_layer(self.model) * lc.llama_model_n_head_kv(self.model) * head)

    # ---- tokens ----------------------------------------------------------------------------------------------------

    def tokenise(self, text: str, special: bool) -> Tokens:
        """Tokens of one piece; `special` lets it spell control tokens (template text only)."""
        raw = text.encode("utf-8", "replace")
        room = len(raw) + 8
        buffer = np.empty(room, dtype=np.int32)
        pointer = buffer.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        count = lc.llama_tokenize(self.vocab, raw, len(raw), pointer, room, False, special)
        if count < 0:  # more tokens than bytes: some tokenizers prepend
            buffer = np.empty(-count, dtype=np.int32)
            pointer = buffer.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
            count = lc.llama_tokenize(self.vocab, raw, len(raw), pointer, -count, False, special)
        return buffer[: max(count, 0)].copy()

    def piece(self, token: int) -> bytes:
        """The bytes a token adds to the text; none for control tokens."""
        known = self._pieces.get(token)
        if known is None:
            length = lc.llama_token_to_piece(self.vocab, token, self._buffer, len(self._buffer), 0, False)
            if length < 0:
                wide = ctypes.create_string_buffer(min(-length, LARGEST_PIECE))
                length = lc.llama_token_to_piece(self.vocab, token, wide, len(wide), 0, False)
                known = wide.raw[: max(length, 0)]
            else:
                known = self._buffer.raw[:length]
            self._pieces[token] = known
        return known

    def ends(self, token: int) -> bool:
        """Whether a token ends a reply."""
        known = self._eog.get(token)
        if known is None:
            known = self._eog[token] = bool(lc.llama_vocab_is_eog(self.vocab, token))
        return known

    def special_text(self, token: int) -> str:
        """How the vocabulary spells a control token; empty for -1."""
        raw = lc.llama_vocab_get_text(self.vocab, token) if 0 <= token < self.vocabulary else b""
        return (raw or b"").decode("utf-8", "replace")

    @property
    def bos(self) -> int:
        """The token for the beginning of a text, -1 where there is none."""
        return int(lc.llama_vocab_bos(self.vocab))

    @property
    def eos(self) -> int:
        """The token for the end of a text, -1 where there is none."""
        return int(lc.llama_vocab_eos(self.vocab))

    @property
    def wants_bos(self) -> bool:
        """Whether prompts begin with `bos`."""
        return bool(lc.llama_vocab_get_add_bos(self.vocab)) and self.bos >= 0

    def close(self) -> None:
        """Free context before model; safe to call twice."""
        if not self._closed:
            self._closed = True
            lc.llama_free(self.context)
            lc.llama_model_free(self.model)


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as problem:
        raise ModelError(
            f"The model file {path.name} cannot be read: {problem.strerror or problem}.",
            "See what is installed with `rlm-desk models list`.",
        ) from problem
    if magic != b"GGUF":
        raise ModelError(
            f"{path.name} is not a GGUF file.", "Give the path of a model in GGUF format (its first bytes say GGUF)."
        )
