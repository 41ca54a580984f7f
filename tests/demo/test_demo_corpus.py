"""The demonstration corpus: deterministic, true, split cleanly, readable, and nothing for regular expressions."""

from __future__ import annotations

import hashlib
import random
import re
from pathlib import Path

import pypdf
import pytest

from rlm_desk.demo import ablation, asking, clauses, contract, corpus, layout, names, skeletons, special
from rlm_desk.demo.fields import BY_KEY, FIELDS, answer
from rlm_desk.demo.questions import FAMILIES, askable, holds


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> corpus.DemoCorpus:
    return corpus.write(tmp_path_factory.mktemp("demo"), seed=3, tokens=60_000)


def fingerprint(directory: Path) -> dict[str, str]:
    return {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def read(made: corpus.DemoCorpus, facts: corpus.Facts) -> str:
    path = made.directory / facts.path
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    return path.read_text(encoding="utf-8")


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    one = corpus.write(tmp_path / "one", seed=5, tokens=15_000)
    two = corpus.write(tmp_path / "two", seed=5, tokens=15_000)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")
    assert [d.values for d in one.documents] == [d.values for d in two.documents]
    assert [q.text for q in corpus.questions(one, "count", 5)] == [q.text for q in corpus.questions(two, "count", 5)]


def test_another_seed_writes_another_corpus(tmp_path: Path) -> None:
    one = corpus.write(tmp_path / "one", seed=5, tokens=5_000)
    two = corpus.write(tmp_path / "two", seed=6, tokens=5_000)
    assert not {d.name for d in one.documents} & {d.name for d in two.documents}


def test_size_folders_and_formats(made: corpus.DemoCorpus) -> None:
    assert 0.95 * 60_000 < made.tokens < 1.05 * 60_000
    assert 4 <= len(made.folders) <= 6
    assert {Path(d.path).suffix for d in made.documents} == {".txt", ".md", ".pdf"}
    assert all(d.path == f"{d.folder}/{d.name}{Path(d.path).suffix}" for d in made.documents)


def test_every_stated_value_stands_in_its_file(made: corpus.DemoCorpus) -> None:
    for facts in made.documents:
        text = read(made, facts)
        assert facts.name in " ".join(text.split())
        for value in facts.values.values():
            assert answer(value) in text


def test_pdfs_are_one_page_and_come_out_line_by_line(made: corpus.DemoCorpus) -> None:
    pdfs = [d for d in made.documents if d.path.endswith(".pdf")]
    assert pdfs
    for facts in pdfs:
        pages = pypdf.PdfReader(made.directory / facts.path).pages
        assert len(pages) == 1
        assert abs(len(pages[0].extract_text()) - facts.characters) <= 2


def test_training_and_evaluation_never_meet(tmp_path: Path) -> None:
    train = corpus.write(tmp_path / "train", seed=1, tokens=60_000, split="train")
    held = corpus.write(tmp_path / "eval", seed=1, tokens=60_000, split="eval")
    for one, split in ((train, "train"), (held, "eval")):
        assert all(names.split_of(v) == split for d in one.documents for v in d.values.values())
        assert all(names.split_of(d.name.rsplit(" ", 1)[0]) == split for d in one.documents)
        assert all(names.split_of(folder) == split for folder in one.folders)
    values = [{v for d in one.documents for v in d.values.values()} for one in (train, held)]
    assert not values[0] & values[1]


@pytest.mark.parametrize("key", [field.key for field in FIELDS])
def test_thirty_skeletons_a_field_and_a_fifth_of_them_held_out(key: str) -> None:
    general = () if key == "law" else clauses.GENERAL
    own = special.SPECIAL[key]
    assert len(general) + len(own) >= 30
    held = [*(skeletons.pool(general, "eval") if general else ()), *skeletons.pool(own, "eval", contract._TRAINED)]
    trained = [*(skeletons.pool(general, "train") if general else ()), *skeletons.pool(own, "train", contract._TRAINED)]
    assert not set(held) & set(trained)
    assert len(held) >= 0.15 * (len(held) + len(trained))


def test_held_out_wordings_use_only_trained_words() -> None:
    word = re.compile(r"[a-z]+")

    def words(lines: tuple[str, ...]) -> set[str]:
        return {w for line in lines for w in word.findall(re.sub(r"\{\w+\}", " ", line).lower())}

    for key, own in special.SPECIAL.items():
        beside = contract._TRAINED
        unseen = (
            words(skeletons.pool(own, "eval", beside)) - words(skeletons.pool(own, "train", beside)) - words(beside)
        )
        assert not unseen, key
    for lines in (asking.BARE, asking.VENDOR, asking.COUNT, asking.LIST, asking.EXTREME, asking.COMPARE):
        assert len(lines) >= 20
        assert not words(skeletons.pool(lines, "eval")) - words(skeletons.pool(lines, "train"))


@pytest.mark.parametrize("family", FAMILIES)
def test_questions_are_true_and_no_close_call(made: corpus.DemoCorpus, family: str) -> None:
    asked = corpus.questions(made, family, 12)  # type: ignore[arg-type]
    assert len(asked) == 12 and len({q.text for q in asked}) == 12
    by_name = {d.name: d for d in made.documents}
    for q in asked:
        meaning, key = q.meaning, q.field
        assert askable(q.family, BY_KEY[key])
        met = (
            [d for d in made.documents if holds(meaning.operator, d.values.get(key), meaning.value)]
            if meaning.operator
            else []
        )
        if family == "find":
            value = by_name[meaning.vendor].values.get(key)
            assert q.truth == ("none" if value is None else answer(value)) and meaning.vendor in q.text
        elif family == "count":
            assert q.truth == len(met)
        elif family == "list":
            assert q.truth == tuple(d.name for d in met) and met
        elif family == "extreme":
            ordered = sorted((d.values[key], d.name) for d in made.documents if key in d.values)
            best, second = (ordered[-1], ordered[-2]) if meaning.largest else (ordered[0], ordered[1])
            assert q.truth == best[1] and best[0] != second[0]
        else:
            counts = [sum(d.folder == folder for d in met) for folder in meaning.folders]
            assert abs(counts[0] - counts[1]) >= 2
            assert q.truth == meaning.folders[0 if (counts[0] > counts[1]) == meaning.largest else 1]


def test_regular_expressions_fail() -> None:
    rng = random.Random(11)
    right = dict.fromkeys(BY_KEY, 0)
    count = 120
    for _ in range(count):
        one = contract.compose(rng, "eval", contract.Manner())
        text = layout.text(rng, one, layout.choose(rng))
        for field in FIELDS:
            right[field.key] += ablation.answer(text, field.question) == answer(one.facts.get(field.key, "none"))
    shares = {key: n / count for key, n in right.items()}
    # Hundreds of documents multiply this: at four in five a count over 285 is off by dozens.
    assert sum(shares.values()) / len(shares) < 0.8, shares
    assert min(shares.values()) > 0.25, shares  # an honest try
