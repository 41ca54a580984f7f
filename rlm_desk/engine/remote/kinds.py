"""Servers we know and what each can do besides the common protocol: plain data, and the requests it turns into.

What a server is, it says itself: the `owned_by` of its models. One that we do not know gets the common protocol alone.

vLLM's fields are those of its documents on structured outputs, which replaced `guided_*` (gone since 0.12), and of its
`/tokenize`; SGLang's those of its documents on structured outputs and of its request models. Neither was run by us.
"""

import json
from dataclasses import dataclass
from typing import Any, Literal

Counting = Literal["template", "messages", "text", "estimate"]
"""How tokens are counted: llama-server's template and tokenizer; a tokenizer that takes messages; one that takes text,
to which the template's own tokens are added by estimate; or an estimate alone."""
Constraining = Literal["grammar", "guided", "ebnf", "none"]
"""What a grammar is sent as: `grammar` (GBNF), vLLM's `structured_outputs`, SGLang's `ebnf` (both read
GBNF where XGrammar is their back end), or not at all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of server."""

    name: str
    owners: tuple[str, ...]
    """What it says in `owned_by`."""
    counting: Counting = "estimate"
    constraining: Constraining = "none"
    schemas: bool = False
    """Takes a JSON schema as `response_format`."""
    sampling: tuple[tuple[str, str], ...] = ()
    """Fields of a request's sampling beyond the common ones: ours, and what it calls it."""
    thinking: bool = False
    """Takes `chat_template_kwargs` to switch thinking on and off."""
    single: bool = False
    """Computes one request at a time; a second one would end the first."""
    stream_usage: bool = True
    """Says what a streamed request took when it is asked to."""


_WIDE = (("top_k", "top_k"), ("min_p", "min_p"))
KINDS = (
    Kind(
        "llama-server",
        ("llamacpp",),
        "template",
        "grammar",
        True,
        (*_WIDE, ("repeat_penalty", "repeat_penalty"), ("penalty_last", "repeat_last_n")),
        True,
    ),
    Kind("vLLM", ("vllm",), "messages", "guided", True, (*_WIDE, ("repeat_penalty", "repetition_penalty")), True),
    Kind("SGLang", ("sglang",), "text", "ebnf", True, (*_WIDE, ("repeat_penalty", "repetition_penalty")), True),
    Kind(
        "llama-cpp-python",
        ("me",),
        "text",
        "grammar",
        False,
        (*_WIDE, ("repeat_penalty", "repeat_penalty")),
        single=True,
        stream_usage=False,
    ),
)
OTHER = Kind("a server we do not know", ())


def kind_of(owner: str) -> Kind:
    """The kind that says this of itself."""
    return next((kind for kind in KINDS if owner.lower() in kind.owners), OTHER)


def fields(kind: Kind, request: dict[str, Any], model: str, messages: list[tuple[str, str]]) -> dict[str, Any]:
    """The body of a chat completion."""
    sampling = request.get("sampling") or {}
    thinking = int(request.get("thinking", 0)) if kind.thinking else 0
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": role, "content": content} for role, content in messages],
        "max_tokens": int(request["max_tokens"]) + thinking,
        "stream": True,
        "temperature": float(sampling.get("temperature", 0.0)),
        "seed": int(sampling.get("seed", 0)),
    }
    if kind.stream_usage:
        body["stream_options"] = {"include_usage": True}
    if request.get("stop"):
        body["stop"] = list(request["stop"])
    for name in ("frequency_penalty", "presence_penalty"):
        if sampling.get(name):
            body[name] = sampling[name]
    if sampling.get("logit_bias"):
        body["logit_bias"] = {str(token): bias for token, bias in sampling["logit_bias"]}
    greedy = body["temperature"] <= 0
    if not greedy:
        body["top_p"] = float(sampling.get("top_p", 1.0))
    for ours, theirs in kind.sampling:
        if ours in sampling and not (greedy and ours in ("top_k", "min_p")):
            body[theirs] = sampling[ours]
    if kind.thinking:
        body["chat_template_kwargs"] = {"enable_thinking": thinking > 0}
    return body | _form(kind, str(request.get("grammar") or ""), str(request.get("schema") or ""))


def _form(kind: Kind, grammar: str, schema: str) -> dict[str, Any]:
    """How the form of the reply is asked for; nothing where the server cannot: the loop checks what comes."""
    if schema and kind.schemas:
        wanted = {"name": "reply", "strict": True, "schema": json.loads(schema)}
        return {"response_format": {"type": "json_schema", "json_schema": wanted}}
    if schema and kind.constraining == "grammar":
        return {"response_format": {"type": "json_object", "schema": json.loads(schema)}}
    if not grammar:
        return {}
    forms: dict[Constraining, dict[str, Any]] = {
        "grammar": {"grammar": grammar},
        "guided": {"structured_outputs": {"grammar": grammar}},
        "ebnf": {"ebnf": grammar},
        "none": {},
    }
    return forms[kind.constraining]
