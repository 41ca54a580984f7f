"""Spans found in prompts, whatever the code did to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlm_desk.corpus import Corpus
from rlm_desk.evidence.attribution import Attributor
from rlm_desk.evidence.words import words

from .making import Files, characters, document

FEES = "The annual fee is EUR 4,200, payable in March. Either party may leave with ninety days of notice."
LAW = "This agreement is governed by the law of Norway, and disputes go to the court of Bergen."
COMMON = "Neither party shall be liable for delays that come from causes beyond its reasonable control."


def found(corpus: Corpus, prompt: str) -> list[str]:
    return [corpus.text[span.start : span.end] for span in Attributor(corpus).find(prompt)]


def test_a_plain_piece() -> None:
    corpus = Corpus([document(FEES), document(LAW)])
    assert found(corpus, f"What is the fee?\n\n{FEES}\n\nAnswer:") == [FEES]
    assert found(corpus, FEES[20:70]) == [FEES[20:70].rstrip()]


def test_a_word_cut_at_the_edge_belongs_to_it() -> None:
    corpus = Corpus([document(FEES), document(LAW)])
    assert found(corpus, f"Read this: {FEES[6:51]}") == [FEES[6:51]]  # from "nual", to "Eit"


def test_what_is_not_there_is_not_found() -> None:
    corpus = Corpus([document(FEES), document(LAW)])
    assert found(corpus, "What is the fee of the agreement with the party in Norway?") == []
    assert found(corpus, "") == []
    assert Attributor(Corpus([])).find(FEES) == ()


def test_numbered_lines_and_changed_case() -> None:
    lines = FEES.replace(". ", ".\n").replace("payable", "\npayable")
    corpus = Corpus([document(lines), document(LAW)])
    numbered = "\n".join(f"{n}: {line.upper()}" for n, line in enumerate(lines.split("\n")))
    assert found(corpus, numbered) == [lines]


def test_words_joined_over_a_line_end() -> None:
    text = FEES.replace("notice", "no-\ntice")
    corpus = Corpus([document(text + " " + LAW), document(COMMON)])
    (span,) = Attributor(corpus).find(f"{FEES} {LAW}")
    assert corpus.text[span.start : span.end].endswith("Bergen.")


def test_boilerplate_is_where_its_neighbours_are() -> None:
    documents = [document(f"Contract {n} with {n * 7919} items and a {n * 31} day term.\n{COMMON}") for n in range(50)]
    corpus = Corpus(documents)
    attributor = Attributor(corpus)
    for n in (0, 17, 49):
        placed = corpus.documents[n]
        (span,) = attributor.find(placed.document.text)
        assert (span.start, span.end) == (placed.start, placed.end)
        # Apart from its neighbour, by a line that the program put in between.
        head, tail = placed.document.text.split("\n")
        spans = attributor.find(f"{head}\n== next piece, as it was found by the program ==\n{tail}")
        assert spans[-1].end == placed.end
        assert sum(len(one) for one in spans) >= len(placed.document.text) - 2


def test_boilerplate_alone_is_where_one_says_it_is() -> None:
    corpus = Corpus([document(f"Contract {n}.\n{COMMON}") for n in range(10)])
    placed = corpus.documents[6]
    (span,) = Attributor(corpus).find(COMMON, near=placed.start)
    assert placed.start < span.start < placed.end


def test_scripts_without_spaces() -> None:
    text = "本契約の準拠法は日本法とし、東京地方裁判所を専属的合意管轄裁判所とする。"
    corpus = Corpus([document(text), document(FEES)])
    assert found(corpus, f"質問。{text[4:30]} 答え") == [text[4:30]]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_programs(seed: int) -> None:
    files = Files(seed, 600_000)
    attributor = Attributor(files.corpus)
    right = wrong = missed = 0
    for _ in range(60):
        prompt, ranges = files.program()
        spans = attributor.find(prompt)
        truth = characters(files.corpus, ranges)
        said = characters(files.corpus, [(span.start, span.end) for span in spans])
        right += len(truth & said)
        wrong += len(said - truth)
        missed += len(truth - said)
    assert right / (right + wrong) > 0.985
    assert right / (right + missed) > 0.985


@given(st.text(alphabet="aB1ß µé.-\n語仮\U0001f600\ud800", max_size=80))
def test_words_tile_the_letters_of_any_text(text: str) -> None:
    all_words = words(text)
    inside = {at for start, end in zip(all_words.starts, all_words.ends, strict=True) for at in range(start, end)}
    assert {at for at, character in enumerate(text) if character.isalnum()} <= inside
    assert len(inside) == sum(all_words.ends - all_words.starts)
    for one, start, end in zip(all_words.hashes, all_words.starts, all_words.ends, strict=True):
        assert words(text[start:end].lower() if len(text[start:end].lower()) == end - start else text[start:end])
        assert words(text[start:end]).hashes.tolist() == [one]


def test_words_of_a_long_text_do_not_depend_on_where_it_is_cut() -> None:
    text = "alpha beta gamma " * 20_000
    assert len(set(words(text).hashes.tolist())) == 3
    assert len(words(text)) == 60_000
    assert len(words("x" * 200_000)) >= 1
