"""Unit figures of the exported GGUF, through llama.cpp, greedy, on held-out names, numbers, wordings and seeds.

Needs llama-cpp-python and the repository on the path, not torch: `python evaluate.py --out scores.json`.
Documents are written to disk and read back, so that PDF text is what pypdf makes of it.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import llama_cpp
import prompts
import pypdf
import traces

from rlm_desk.demo import asking, corpus, names
from rlm_desk.demo.fields import FIELDS, answer
from rlm_desk.demo.questions import FAMILIES

HERE = Path(__file__).parent


class Speaker:
    """Greedy replies; a prompt that begins like the last one reuses its cache."""

    def __init__(self, path: Path, threads: int) -> None:
        self.llm = llama_cpp.Llama(
            str(path),
            n_ctx=2048,
            n_batch=2048,
            n_threads=threads,
            n_threads_batch=threads,
            verbose=False,
            n_gpu_layers=0,
        )
        self.start, self.end = (self._ids(f"<|im_{word}|>", special=True)[0] for word in ("start", "end"))

    def _ids(self, text: str, *, special: bool = False) -> list[int]:
        return self.llm.tokenize(text.encode(), add_bos=False, special=special)

    def tokens(self, messages: list[dict[str, str]]) -> list[int]:
        ids: list[int] = []
        for message in messages:
            ids += [self.start, *self._ids(f"{message['role']}\n{message['content']}"), self.end, *self._ids("\n")]
        return [*ids, self.start, *self._ids("assistant\n")]

    def reply(self, messages: list[dict[str, str]], limit: int = 120) -> str:
        said: list[int] = []
        for token in self.llm.generate(self.tokens(messages), temp=0.0, repeat_penalty=1.0):
            if token == self.end or len(said) >= limit:
                break
            said.append(token)
        return self.llm.detokenize(said).decode("utf-8", "replace")

    def ask(self, text: str, question: str) -> str:
        return self.reply([{"role": "user", "content": prompts.ask(text, question)}], 24)


def read(directory: Path, facts: corpus.Facts) -> str:
    path = directory / facts.path
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    return path.read_text(encoding="utf-8")


class Tally:
    """Right answers by name, and the first few wrong ones."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.wrong: list[dict[str, str]] = []

    def add(self, name: str, said: str, truth: str, about: str) -> None:
        self.asked[name] += 1
        if said == truth:
            self.right[name] += 1
        elif len(self.wrong) < 60:
            self.wrong.append({"what": name, "about": about, "said": said, "truth": truth})

    def scores(self) -> dict[str, dict[str, float]]:
        return {
            name: {"right": self.right[name], "of": count, "share": round(self.right[name] / count, 5)}
            for name, count in sorted(self.asked.items())
        }


def passages(speaker: Speaker, tally: Tally, documents: int, seed: int) -> None:
    """Sub-calls (canonical and freely worded) and plain asks over one agreement, and over two where both fit."""
    rng = random.Random(f"unit:{seed}")
    with tempfile.TemporaryDirectory() as folder:
        made = corpus.write(Path(folder), seed=seed, tokens=documents * 700)
        before = ""
        for facts in made.documents[:documents]:
            text = read(Path(folder), facts)
            for field in FIELDS:
                truth = answer(facts.values.get(field.key, prompts.NONE))
                kind = "present" if field.key in facts.values else "absent"
                about = f"{facts.path}: {field.key}"
                said = speaker.ask(text, field.question)
                tally.add(f"subcall {kind}", said, truth, about)
                tally.add(f"field {field.key}", said, truth, about)
                tally.add(f"layout {facts.path.rsplit('.')[-1]}", said, truth, about)
                if rng.random() < 0.25:
                    question = asking.bare(rng, field, "eval")
                    tally.add(f"reworded {kind}", speaker.ask(text, question), truth, f"{about}: {question}")
                if rng.random() < 0.25:
                    question = asking.vendor(rng, field, "eval", facts.name)
                    tally.add(f"plain {kind}", speaker.ask(text, question), truth, f"{about}: {question}")
                if rng.random() < 0.08:
                    question = asking.vendor(rng, field, "eval", names.company(rng, "eval"))
                    tally.add("plain other vendor", speaker.ask(text, question), prompts.NONE, f"{about}: {question}")
                if before and rng.random() < 0.08 and len(before) + len(text) < 5500:
                    question = asking.vendor(rng, field, "eval", facts.name)
                    two = f"{before.rstrip()}\n\n{text}"
                    tally.add(f"plain two agreements {kind}", speaker.ask(two, question), truth, f"{about}: {question}")
            before = text


def programs(speaker: Speaker, tally: Tally, each: int, seed: int) -> None:
    """Every assistant turn of oracle trajectories: the reply must be the oracle's program."""
    rng = random.Random(f"root:{seed}")
    for family in FAMILIES:
        for _ in range(each):
            messages = traces.draw(rng, "eval", family)
            for i, message in enumerate(messages):
                if message["role"] == "assistant":
                    said = speaker.reply(messages[:i])
                    turn = "first" if i == 2 else "later"
                    tally.add(f"root {family} {turn}", said, message["content"], messages[1]["content"].split("\n")[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=HERE / "desk-tiny.gguf")
    parser.add_argument("--documents", type=int, default=150)
    parser.add_argument("--programs", type=int, default=60, help="trajectories a family")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    speaker, tally, began = Speaker(options.model, options.threads), Tally(), time.time()
    programs(speaker, tally, options.programs, options.seed)
    passages(speaker, tally, options.documents, options.seed)
    result = {
        "model": options.model.name,
        "seed": options.seed,
        "seconds": round(time.time() - began),
        "scores": tally.scores(),
        "wrong": tally.wrong,
    }
    text = json.dumps(result, indent=1)
    if options.out:
        options.out.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
