"""Grammars that constrain a reply: GBNF as it is, or made from a JSON schema. llama.cpp keeps their state.

Texts come from our own code or from the person who asks, never from a document: a grammar decides what a reply may be.
"""

from collections import OrderedDict
from typing import Any

import llama_cpp as lc
from llama_cpp.llama_grammar import json_schema_to_gbnf

from rlm_desk.engine.candidates import Candidates

KEPT = 32
"""Parsed grammars kept: a batch of sub-calls uses one and the same."""
LARGEST = 64 * 1024
"""Characters a grammar may have."""


class GrammarProblem(Exception):
    """The grammar or schema cannot be used; the text says why, without a full stop."""


class Grammar:
    """One reply's place in its grammar."""

    def __init__(self, sampler: Any, vocab: Any, single: Candidates) -> None:
        self._sampler = sampler
        self._vocab = vocab
        self._single = single

    def allows(self, token: int) -> bool:
        """Whether the grammar can go on with a token; the end of the reply is one of them."""
        lc.llama_sampler_apply(self._sampler, self._single.one(token))
        return self._single.first_allowed

    def filter(self, candidates: Any) -> None:
        """Give candidates that are not allowed a logit of minus infinity."""
        lc.llama_sampler_apply(self._sampler, candidates)

    def accept(self, token: int) -> None:
        """Go on with an allowed token; llama.cpp aborts on any other."""
        if not lc.llama_vocab_is_eog(self._vocab, token):
            lc.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free it; safe to call twice."""
        if self._sampler is not None:
            sampler, self._sampler = self._sampler, None
            lc.llama_sampler_free(sampler)


class Grammars:
    """Makes grammars for one vocabulary; the parsed text is kept and copied."""

    def __init__(self, vocab: Any) -> None:
        self._vocab = vocab
        self._single = Candidates(1)
        self._parsed: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def get(self, gbnf: str, schema: str) -> Grammar | None:
        """A grammar at its beginning, from GBNF (root rule `root`) or from a JSON schema; None when both are empty.

        Raises:
            GrammarProblem: it cannot be parsed, or both were given.
        """
        if not gbnf and not schema:
            return None
        if gbnf and schema:
            raise GrammarProblem("a grammar and a JSON schema were both given")
        key = (gbnf, schema)
        parsed = self._parsed.pop(key, None) or self._parse(gbnf or _from_schema(schema))
        self._parsed[key] = parsed
        while len(self._parsed) > KEPT:
            lc.llama_sampler_free(self._parsed.popitem(last=False)[1])
        return Grammar(lc.llama_sampler_clone(parsed), self._vocab, self._single)

    def close(self) -> None:
        """Free what is kept."""
        while self._parsed:
            lc.llama_sampler_free(self._parsed.popitem()[1])

    def _parse(self, gbnf: str) -> Any:
        if len(gbnf) > LARGEST:
            raise GrammarProblem(f"it has more than {LARGEST:,} characters")
        if "\0" in gbnf:
            raise GrammarProblem("it holds a NUL character")
        parsed = lc.llama_sampler_init_grammar(self._vocab, gbnf.encode("utf-8", "replace"), b"root")
        if not parsed:
            raise GrammarProblem("it is no GBNF with a rule `root`")
        return parsed


def _from_schema(schema: str) -> str:
    try:
        gbnf: str = json_schema_to_gbnf(schema)
    except Exception as problem:  # the converter raises whatever it meets
        raise GrammarProblem(f"the JSON schema cannot be used: {str(problem)[:200]}") from problem
    return gbnf
