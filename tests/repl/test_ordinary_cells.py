"""Ordinary analysis code runs unchanged in the locked REPL: each cell and what it must print."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from rlm_desk.repl.session import ReplSession
from tests.repl.making import FakeHost, corpus

pytestmark = pytest.mark.asyncio(loop_scope="module")

CELLS = [
    ("print('a', 1, sep='-')", "a-1\n"),
    ("1 + 1", "2\n"),
    ("'text'", "'text'\n"),
    ("None", ""),
    ("x = 5", ""),
    ("for i in range(3): print(i, end=' ')", "0 1 2 "),
    ("import re\nre.findall(r'\\$[\\d,]+', documents[0].text)", "['$4,250']\n"),
    ("re.findall('[0-9]', 'a1'), json.dumps([1]), math.ceil(0.5)", "(['1'], '[1]', 1)\n"),
    ("import re\nre.sub(r'\\s+', ' ', 'a \\n b')", "'a b'\n"),
    ("import re\n[m.start() for m in re.finditer('a', 'banana')]", "[1, 3, 5]\n"),
    ("import json\njson.loads('{\"a\": [1, 2]}')['a']", "[1, 2]\n"),
    ("import json\nprint(json.dumps({'b': 1, 'a': None}, indent=1, sort_keys=True))", '{\n "a": null,\n "b": 1\n}\n'),
    ("import csv, io\nlist(csv.DictReader(io.StringIO('a,b\\n1,2')))", "[{'a': '1', 'b': '2'}]\n"),
    (
        "import csv, io\nout = io.StringIO()\ncsv.writer(out).writerow(['x', 'a,b'])\nout.getvalue()",
        "'x,\"a,b\"\\r\\n'\n",
    ),
    ("from collections import Counter\nCounter('banana').most_common(1)", "[('a', 3)]\n"),
    ("from collections import defaultdict\nd = defaultdict(list)\nd['k'].append(1)\ndict(d)", "{'k': [1]}\n"),
    ("from collections import deque, namedtuple, OrderedDict\ndeque([1, 2], maxlen=1)", "deque([2], maxlen=1)\n"),
    ("import statistics\nstatistics.median([1, 9, 5]), statistics.mean([1, 2])", "(5, 1.5)\n"),
    (
        "from datetime import datetime\ndatetime.strptime('3 March 2024', '%d %B %Y').date().isoformat()",
        "'2024-03-03'\n",
    ),
    (
        "from datetime import date, timedelta\n(date(2024, 1, 31) + timedelta(days=30)).strftime('%d/%m/%y')",
        "'01/03/24'\n",
    ),
    ("import datetime\ndatetime.datetime.now().year > 2000", "True\n"),
    ("import time\ntime.strftime('%Y', time.gmtime(0))", "'1970'\n"),
    ("import time\nstart = time.perf_counter()\ntime.sleep(0.001)\ntime.perf_counter() > start", "True\n"),
    ("import difflib\ndifflib.SequenceMatcher(None, 'abcd', 'abcd').ratio()", "1.0\n"),
    ("import difflib\ndifflib.get_close_matches('aple', ['apple', 'pear'])", "['apple']\n"),
    (
        "from dataclasses import dataclass, asdict\n@dataclass\nclass P:\n    name: str\n    fee: int = 0\n"
        "asdict(P('a'))",
        "{'name': 'a', 'fee': 0}\n",
    ),
    ("class A:\n    def f(self): return 1\nclass B(A):\n    def f(self): return super().f() + 1\nB().f()", "2\n"),
    ("def gen():\n    for i in range(3):\n        yield i * i\nlist(gen())", "[0, 1, 4]\n"),
    ("def outer(n):\n    def inner(): return n + 1\n    return inner()\nouter(1)", "2\n"),
    ("fib = lambda n: n if n < 2 else fib(n - 1) + fib(n - 2)\nfib(12)", "144\n"),
    ("import textwrap\nprint(textwrap.fill('one two three', 8))", "one two\nthree\n"),
    ("import textwrap\ntextwrap.shorten('one two three', 9)", "'one [...]'\n"),
    ("import itertools\nlist(itertools.combinations('abc', 2))[0]", "('a', 'b')\n"),
    ("from itertools import groupby\n[(k, len(list(g))) for k, g in groupby('aab')]", "[('a', 2), ('b', 1)]\n"),
    ("from functools import lru_cache, reduce\nreduce(lambda a, b: a + b, [1, 2, 3])", "6\n"),
    ("import math\nround(math.sqrt(2), 3), math.isclose(0.1 + 0.2, 0.3)", "(1.414, True)\n"),
    ("from decimal import Decimal\nDecimal('0.1') + Decimal('0.2')", "Decimal('0.3')\n"),
    ("from fractions import Fraction\nFraction(1, 3) + Fraction(1, 6)", "Fraction(1, 2)\n"),
    ("import random\nrandom.seed(1)\nrandom.choice([7, 7])", "7\n"),
    ("import string\nstring.ascii_lowercase[:3]", "'abc'\n"),
    ("import heapq, bisect\nheapq.nlargest(2, [3, 1, 2]), bisect.bisect([1, 2], 2)", "([3, 2], 2)\n"),
    ("import hashlib\nhashlib.sha256(b'a').hexdigest()[:8]", "'ca978112'\n"),
    ("import hashlib\nhashlib.md5(b'a').hexdigest()[:8]", "'0cc175b9'\n"),
    ("import base64\nbase64.b64encode(b'ab').decode()", "'YWI='\n"),
    ("import unicodedata\nunicodedata.normalize('NFKD', 'é')[0]", "'e'\n"),
    ("import html\nhtml.unescape('&amp;')", "'&'\n"),
    ("from urllib.parse import urlparse\nurlparse('https://a.example/b').path", "'/b'\n"),
    ("from enum import Enum\nclass C(Enum):\n    RED = 1\nC.RED.name", "'RED'\n"),
    ("from typing import NamedTuple\nclass N(NamedTuple):\n    a: int\nN(1)", "N(a=1)\n"),
    ("import operator\nsorted([{'a': 2}, {'a': 1}], key=operator.itemgetter('a'))", "[{'a': 1}, {'a': 2}]\n"),
    ("import copy\na = [[1]]\nb = copy.deepcopy(a)\nb[0].append(2)\na", "[[1]]\n"),
    ("from pprint import pprint\npprint({'b': 1, 'a': 2})", "{'a': 2, 'b': 1}\n"),
    ("import xml.etree.ElementTree as ET\nET.fromstring('<a><b>1</b></a>').find('b').text", "'1'\n"),
    ("import pickle\npickle.loads(pickle.dumps({'a': 1}))", "{'a': 1}\n"),
    ("import zlib\nlen(zlib.compress(b'a' * 1000)) < 100", "True\n"),
    ("from pathlib import PurePosixPath\nPurePosixPath('a/b.txt').stem", "'b'\n"),
    ("from contextlib import suppress\nwith suppress(KeyError):\n    {}['a']\nprint('on')", "on\n"),
    (
        "try:\n    int('x')\nexcept ValueError as e:\n    print(type(e).__name__)\nfinally:\n    print('end')",
        "ValueError\nend\n",
    ),
    ("match {'a': 1}:\n    case {'a': n}: print(n)", "1\n"),
    ("f\"{3.14159:.2f} {'x':>3} {1234567:,}\"", "'3.14   x 1,234,567'\n"),
    ("if (n := len([1, 2])) > 1: print(n)", "2\n"),
    ("a, *rest = [1, 2, 3]\nrest", "[2, 3]\n"),
    ("{k: v for k, v in zip('ab', [1, 2])}", "{'a': 1, 'b': 2}\n"),
    ("sorted({'b', 'a'}), any([0, 1]), all([]), sum([1, 2]), max('abc')", "(['a', 'b'], True, True, 3, 'c')\n"),
    ("list(map(str, [1, 2]))", "['1', '2']\n"),
    ("list(map(lambda a, b: a + b, [1, 2], [3, 4]))", "[4, 6]\n"),
    ("list(filter(None, [0, 1])), list(enumerate('a')), list(reversed([1, 2]))", "([1], [(0, 'a')], [2, 1])\n"),
    ("import uuid\nlen(str(uuid.uuid4()))", "36\n"),
    ("import sys\nprint('seen', file=sys.stderr)", "seen\n"),
    ("import threading\nlock = threading.Lock()\nwith lock: print('held')", "held\n"),
    (
        "from concurrent.futures import ThreadPoolExecutor, as_completed\n"
        "with ThreadPoolExecutor(max_workers=4) as pool:\n"
        "    jobs = [pool.submit(pow, 2, n) for n in range(3)]\n"
        "    print(sorted(j.result() for j in as_completed(jobs)), list(pool.map(abs, [-1])))",
        "[1, 2, 4] [1]\n",
    ),
    ("import logging\nlogging.warning('careful')", "WARNING:root:careful\n"),
    ("assert True\nglobal_name = 1\ndef f():\n    global global_name\n    global_name = 2\nf()\nglobal_name", "2\n"),
    ("import inspect\ndef g(): return 1\nprint(inspect.getsource(g))", "def g(): return 1\n\n"),
    ("len(documents), documents[0].name, documents[-1].pages[0].text[:6]", "(3, 'Brenvale Logistics', 'Tallis')\n"),
    ("chunks = [context[i:i + 100] for i in range(0, len(context), 100)]\nlen(chunks) > 1", "True\n"),
    ("context.count('fee') == sum(d.text.count('fee') for d in documents)", "True\n"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[ReplSession]:
    """One locked session for the whole file."""
    opened = await ReplSession.start(corpus())
    yield opened
    await opened.close()


@pytest.mark.parametrize(("code", "printed"), CELLS, ids=[code[:40] for code, _ in CELLS])
async def test_an_ordinary_cell_prints_what_python_prints(session: ReplSession, code: str, printed: str) -> None:
    result = await session.run(code, FakeHost())
    assert (result.output, result.failed) == (printed, False)


async def test_there_are_enough_ordinary_cells() -> None:
    assert len(CELLS) >= 60


@pytest.mark.parametrize(
    "code", ["' '.join(split(documents[0]))", "re.findall('a', documents[0])", "re.sub('a', 'b', search('fee')[0])"]
)
async def test_a_piece_in_the_place_of_its_text_is_told_where_that_is(session: ReplSession, code: str) -> None:
    result = await session.run(code, FakeHost())
    assert "its text is in .text" in result.output
