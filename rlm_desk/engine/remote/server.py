"""One server, once it was asked who it is: its model, its window, and how it counts tokens."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from rlm_desk.clean import one_line
from rlm_desk.engine.remote.estimate import Estimate, Messages, around, bound
from rlm_desk.engine.remote.http import Client
from rlm_desk.engine.remote.kinds import Kind, kind_of
from rlm_desk.engine.remote.secret import Secret

REMEMBERED = 512
"""Prompts whose size is remembered: a prompt is counted before it is asked."""
LIST_SECONDS = 30.0
LARGEST_LIST = 4 * 1024 * 1024
"""Bytes of what a server says of itself."""
LONGEST_NAME = 500
"""Characters of a model's name; one that is longer is passed over."""


class ModelError(Exception):
    """The server cannot be used as it is configured. The host raises its own by this name."""

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(sentence)
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Found:
    """What a server said of itself."""

    kind: Kind
    model: str
    window: int
    """Tokens; 0 where it does not say."""
    slots: int
    """Requests it computes at once; 0 where it does not say."""


class Server:
    """Asks one server everything but completions."""

    def __init__(self, client: Client, path: str, origin: str, secret: Secret) -> None:
        self._client = client
        self._path = path
        self._origin = origin
        self._secret = secret
        self._sizes: OrderedDict[bytes, int] = OrderedDict()
        self.estimate = Estimate()
        self.found = Found(kind_of(""), "", 0, 0)

    def at(self, path: str) -> str:
        """A path of this server."""
        return self._path + path

    async def look(self, wanted: str) -> Found:
        """Ask which models there are, and choose.

        Raises:
            ModelError: the model is not there, or several are and none was chosen.
            Lost: see `Client.ask`.
        """
        async with self._client.ask("GET", self.at("/v1/models"), seconds=LIST_SECONDS) as answer:
            status, said = answer.status, await answer.json(LARGEST_LIST)
        if status in (401, 403):
            raise ModelError(
                f"The server {self._origin} does not accept the key.",
                "Put it into RLM_DESK_ENGINE_KEY, or into a file of your own that engine.key_file names.",
            )
        data = said.get("data") if isinstance(said, dict) and status == 200 else None
        if not isinstance(data, list):
            if status in (404, 405) and wanted:  # it lists nothing, and is taken at its user's word
                self.found = Found(kind_of(""), wanted, 0, 0)
                return self.found
            raise ModelError(
                f"What answers at {self._origin} is no server of the OpenAI protocol ({status} for its models).",
                "Check engine.url: it is what stands before /v1, with it or without.",
            )
        models = [one for one in data if isinstance(one, dict) and isinstance(one.get("id"), str)]
        models = [one for one in models if len(one["id"]) <= LONGEST_NAME]
        model = self._choose(models, wanted)
        kind = kind_of(str(model.get("owned_by", "")))
        meta = model.get("meta") if isinstance(model.get("meta"), dict) else {}
        window = _whole(model.get("max_model_len")) or _whole((meta or {}).get("n_ctx"))
        slots = 0
        if kind.counting == "template":
            window, slots = await self._props(window)
        self.found = Found(kind, str(model["id"]), window, slots)
        return self.found

    def _choose(self, models: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
        names = [one_line(self._secret.hide(str(one["id"])), 100) for one in models]
        if wanted:
            for one in models:
                aliases = one.get("aliases") if isinstance(one.get("aliases"), list) else []
                name = str(one["id"]).rpartition("/")[2].removesuffix(".gguf")  # llama-server calls it by its file
                if wanted in (one["id"], name, *(aliases or [])):
                    return one
            has = f"It has {', '.join(names[:8])}." if names else "It has none."
            raise ModelError(f"The server {self._origin} has no model {wanted!r}.", f"{has} Set engine.model.")
        if len(models) == 1:
            return models[0]
        which = f"It has {', '.join(names[:8])}" if names else "It has none"
        raise ModelError(f"Which model of {self._origin} is asked is not said.", f"{which}: set engine.model.")

    async def _props(self, window: int) -> tuple[int, int]:
        async with self._client.ask("GET", self.at("/props"), seconds=LIST_SECONDS) as answer:
            said = await answer.json(LARGEST_LIST) if answer.status == 200 else None
        if not isinstance(said, dict):
            return window, 0
        settings = said.get("default_generation_settings")
        each = _whole(settings.get("n_ctx")) if isinstance(settings, dict) else 0
        return each or window, _whole(said.get("total_slots"))

    # ---- sizes -----------------------------------------------------------------------------------------------------

    async def count(self, messages: Messages) -> int:
        """Tokens of a prompt: exact where the server counts them, else an estimate that is rather too high.

        Raises:
            Lost: see `Client.ask`.
        """
        key = _key(messages)
        if (known := self._sizes.get(key)) is not None:
            self._sizes.move_to_end(key)
            return known
        size = await self._counted(messages)
        if size is None:
            return self.estimate.of(messages)
        self._remember(key, size)
        return size

    def learn(self, messages: Messages, tokens: int) -> None:
        """The server said how many tokens a prompt had."""
        self.estimate.learn(messages, tokens)
        self._remember(_key(messages), tokens)

    def surely_fits(self, messages: Messages, reply: int, window: int) -> bool:
        """Whether a prompt fits whatever its tokenizer does with it: then nothing needs to be counted."""
        return bound(messages) + reply <= window

    def _remember(self, key: bytes, size: int) -> None:
        self._sizes[key] = size
        while len(self._sizes) > REMEMBERED:
            self._sizes.popitem(last=False)

    async def _counted(self, messages: Messages) -> int | None:
        kind = self.found.kind
        told = [{"role": role, "content": content} for role, content in messages]
        # Without thinking, as most requests are: some templates write an empty thought then, which has tokens too.
        how = {"chat_template_kwargs": {"enable_thinking": False}} if kind.thinking else {}
        if kind.counting == "template":
            rendered = await self._post("/apply-template", {"messages": told, **how})
            if not isinstance(rendered, dict) or not isinstance(rendered.get("prompt"), str):
                return None
            asked = {"content": rendered["prompt"], "add_special": True, "parse_special": True}
            return _length(await self._post("/tokenize", asked))
        if kind.counting == "messages":
            asked = {"model": self.found.model, "messages": told, "add_generation_prompt": True, **how}
            return _length(await self._post("/tokenize", asked))
        if kind.counting == "text":
            text = "\n".join(content for _, content in messages)
            if kind.name == "SGLang":
                size = _length(await self._post("/tokenize", {"model": self.found.model, "prompt": text}))
            else:
                size = _length(await self._post("/extras/tokenize/count", {"input": text}))
            return None if size is None else size + around(messages)
        return None

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self._client.ask("POST", self.at(path), body, seconds=LIST_SECONDS) as answer:
            return await answer.json() if answer.status == 200 else None


def _key(messages: Messages) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for role, content in messages:
        digest.update(f"{role} {len(content)}\0".encode() + content.encode("utf-8", "replace"))
    return digest.digest()


def _length(said: Any) -> int | None:
    if not isinstance(said, dict):
        return None
    if count := _whole(said.get("count")):
        return count
    tokens = said.get("tokens")
    return len(tokens) if isinstance(tokens, list) else None


def _whole(value: Any) -> int:
    """A positive whole number; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value < 2**31 else 0  # a number that is none is not between them either
