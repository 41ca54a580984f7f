"""Requests as frames between an engine and its worker: both ends. Standard library and plain data only."""

import dataclasses
from typing import TYPE_CHECKING, Any

from rlm_desk.wire import FrameError

if TYPE_CHECKING:
    from rlm_desk.completion import Completion, Message, Request

Frame = dict[str, Any]


def complete(request: "Request", stream: bool) -> tuple[Frame, bytes]:
    """The frame that asks for a completion; `stream`: text is wanted as it comes."""
    header, body = count(request.messages)
    return header | {
        "type": "complete",
        "max_tokens": request.max_tokens,
        "sampling": dataclasses.asdict(request.sampling),
        "stop": list(request.stop),
        "priority": request.priority,
        "prefix": request.prefix,
        "grammar": request.grammar,
        "schema": request.schema,
        "thinking": request.thinking,
        "seconds": request.seconds,
        "stream": stream,
    }, body


def count(messages: "tuple[Message, ...]") -> tuple[Frame, bytes]:
    """The frame that asks for the size of messages, whose contents are the body, one after the other."""
    contents = [message.content.encode("utf-8", "replace") for message in messages]
    roles, lengths = [message.role for message in messages], [len(content) for content in contents]
    return {"type": "count", "roles": roles, "lengths": lengths}, b"".join(contents)


def tokens(value: Any) -> int:
    """A number of tokens. Raises ValueError for one that is none, whatever it claims to be."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**40:
        raise ValueError("tokens that are none")
    return value


def check(answer: Frame) -> None:
    """Look at a frame that ends a call before anybody builds on it. Raises KeyError, TypeError, ValueError."""
    if answer["type"] == "done":
        for name in ("prompt", "cached", "completion"):
            tokens(answer[name])
        if not 0 <= float(answer["seconds"]) < 2**40:
            raise ValueError("seconds that make no sense")
        float(answer["confidence"])
        for name in ("text", "thinking", "finish"):
            if not isinstance(answer[name], str):
                raise TypeError(f"{name} that is no text")
    elif answer["type"] == "counted":
        tokens(answer["tokens"])
    elif answer["type"] == "log" and not isinstance(answer["text"], str):
        raise TypeError("a log that is no text")


def completion(done: Frame) -> "Completion":
    """What a `done` frame says. Raises KeyError, TypeError, ValueError where it makes no sense."""
    from rlm_desk.completion import Completion, Usage

    return Completion(
        text=str(done["text"]),
        finish="stop" if done["finish"] == "stop" else "length",
        usage=Usage(int(done["prompt"]), int(done["cached"]), int(done["completion"])),
        seconds=float(done["seconds"]),
        confidence=float(done["confidence"]),
        thinking=str(done["thinking"]),
    )


def messages(header: Frame, body: bytes) -> list[tuple[str, str]]:
    """(role, content) pairs of a frame, for the worker.

    Raises:
        FrameError: lengths that do not add up.
    """
    roles, lengths = header["roles"], header["lengths"]
    if len(roles) != len(lengths) or any(n < 0 for n in lengths) or sum(lengths) != len(body):
        raise FrameError("lengths of messages that do not fit the body")
    found: list[tuple[str, str]] = []
    at = 0
    for role, length in zip(roles, lengths, strict=True):
        found.append((str(role), body[at : at + length].decode("utf-8", "replace")))
        at += length
    return found
