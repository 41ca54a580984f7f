"""Oracle trajectories: for a question, what the root has to write, turn by turn, and what the REPL would have said."""

from __future__ import annotations

import random

import prompts

from rlm_desk.demo import asking, names
from rlm_desk.demo.fields import BY_KEY, FIELDS, Field, answer
from rlm_desk.demo.fields import draw as draw_value
from rlm_desk.demo.names import Split
from rlm_desk.demo.questions import Family, Meaning, askable, wording

Message = dict[str, str]


def draw_meaning(rng: random.Random, split: Split, family: Family) -> Meaning:
    """A question about a corpus that need not exist."""
    field = rng.choice([field for field in FIELDS if askable(family, field)])
    one = names.word(rng, split)
    near = names.like(rng, split, one, 0, 0) if split == "train" and rng.random() < 0.3 else None
    folders = (one, str(near) if near else names.word(rng, split))
    operator = rng.choice((">", "<", ">=", "<=", "=="))
    largest = rng.random() < 0.5
    if family == "find":
        return Meaning("find", field.key, vendor=names.company(rng, split))
    if family == "extreme":
        return Meaning("extreme", field.key, largest=largest)
    value = draw_value(rng, field, split)
    if field.kind == "place":
        return Meaning(family, field.key, operator="==", value=value)
    if isinstance(value, int) and field.kind == "money" and rng.random() < 0.6:
        value = max(1000, value // 500 * 500)
    return Meaning(family, field.key, operator=operator, value=value, largest=largest, folders=folders)


def _mapped(field: Field) -> str:
    kind = ', "number"' if field.numeric else ""
    return f'values = map(documents, "{field.question}"{kind})\nprint(values)'


def _condition(field: Field, meaning: Meaning) -> str:
    if field.kind == "place":
        return f'v == "{meaning.value}"'
    amount = answer(meaning.value)  # as the question writes it: a model this small copies, it does not rewrite
    return f'v is not None and v {meaning.operator} number("{amount}")'


def first(meaning: Meaning) -> str:
    """The program of the first turn."""
    field = BY_KEY[meaning.field]
    if meaning.family == "find":
        return f'found = find_documents("{meaning.vendor}")\nvalues = map(found[:1], "{field.question}")\nprint(values)'
    if meaning.family == "compare":
        question = asking.canonical_count(field, meaning.operator, meaning.value)
        a, b = meaning.folders
        return f'q = "{question}"\na, b = rlm_query_batched(q, [folder("{a}"), folder("{b}")])\nprint(a, b)'
    return _mapped(field)


def second(meaning: Meaning) -> str:
    """The program of the second turn, when the first went well."""
    field = BY_KEY[meaning.field]
    if meaning.family == "find":
        return "FINAL(values[0])"
    if meaning.family == "count":
        return f"FINAL(len([v for v in values if {_condition(field, meaning)}]))"
    if meaning.family == "list":
        return f"FINAL([d.name for v, d in zip(values, documents) if {_condition(field, meaning)}])"
    if meaning.family == "extreme":
        best = "max" if meaning.largest else "min"
        return f"FINAL({best}((v, d.name) for v, d in zip(values, documents) if v is not None)[1])"
    a, b = meaning.folders
    return f'FINAL("{a}" if number(a) {">" if meaning.largest else "<"} number(b) else "{b}")'


def _shown(rng: random.Random, split: Split, meaning: Meaning, documents: int) -> str:
    """What the first program would print."""
    field = BY_KEY[meaning.field]
    if meaning.family == "compare":
        return f"{rng.randint(0, max(1, documents // 3))} {rng.randint(0, max(1, documents // 3))}"
    if meaning.family == "find":
        return repr([answer(draw_value(rng, field, split))])
    if documents <= 5:
        values = [draw_value(rng, field, split) if rng.random() < 0.85 else None for _ in range(documents)]
        return repr(values)
    given = documents - rng.randint(0, max(1, documents // 5))
    return f"{documents} answers: {given} given, {documents - given} none"


_ERRORS = (
    "Error: SyntaxError: invalid syntax",
    "Error: SyntaxError: '(' was never closed",
    "Error: SyntaxError: unterminated string literal (detected at line {n})",
    "Error: SyntaxError: unexpected character",
    "Error: NameError: name 'value' is not defined",
    "Error: NameError: name 'document' is not defined",
    "Error: TimeoutError: the cell took too long",
    "Error: TypeError: map() missing an argument",
    "Error: ValueError: no such folder",
    "Error: no code block found. Reply with one python block.",
)


def trajectory(rng: random.Random, meaning: Meaning, split: Split, *, clean: bool = False) -> list[Message]:
    """A whole conversation; unless `clean`, sometimes with an error on the way or with nothing found."""
    documents = rng.choice((rng.randint(1, 5), rng.randint(6, 120), rng.randint(100, 2000)))
    characters = documents * rng.randint(1800, 4200)
    one, two = first(meaning), second(meaning)
    shown = _shown(rng, split, meaning, documents)
    messages = [
        {"role": "system", "content": prompts.SYSTEM},
        {"role": "user", "content": prompts.root(wording(rng, meaning, split), documents, characters)},
        {"role": "assistant", "content": prompts.cell(one)},
    ]
    if not clean and rng.random() < 0.15:
        error = rng.choice(_ERRORS).format(n=rng.randint(1, 3))
        messages += [
            {"role": "user", "content": prompts.output(error)},
            {"role": "assistant", "content": prompts.cell(one)},
        ]
    if meaning.family == "find" and not clean and rng.random() < 0.3:
        shown, two = rng.choice(("[]", "[None]")), 'FINAL("none")'
    messages += [
        {"role": "user", "content": prompts.output(shown)},
        {"role": "assistant", "content": prompts.cell(two)},
    ]
    if meaning.family == "extreme" and not clean and rng.random() < 0.1:
        messages += [
            {"role": "user", "content": prompts.output("Error: ValueError: max() iterable argument is empty")},
            {"role": "assistant", "content": prompts.cell('FINAL("none")')},
        ]
    return messages


def draw(rng: random.Random, split: Split, family: Family) -> list[Message]:
    return trajectory(rng, draw_meaning(rng, split, family), split)
