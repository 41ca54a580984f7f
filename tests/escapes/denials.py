"""Denial of service, by kind: cells that stall, fill the memory, flood, or forge frames on the worker's own channel.

`test_denial.py` runs them through real sessions; `tests/bench/denial_speed.py` measures what each takes.
"""

TIME = {
    "loop": "while True: pass",
    "loop that swallows": "import time\nwhile True:\n    try: time.sleep(5)\n    except BaseException: pass",
    "one operation": "max(range(10 ** 12))",
    "large power": "len(str(9 ** 9 ** 8))",
    "slow expression": "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')",
    "sleep": "import time\ntime.sleep(1000)",
    "lock": "import threading\nl = threading.Lock()\nl.acquire(); l.acquire()",
    "ignored signal": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "blocked signal": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})\nwhile True: pass",
    "sort": "sorted(range(10 ** 7), key=lambda n: -n)\nsorted(range(10 ** 7), key=lambda n: str(n))\nwhile True: pass",
    "generator": "sum(1 for _ in iter(int, 1))",
    "finalizer": "class A:\n    def __del__(self):\n        while True: pass\na = A()\ndel a",
    "repr": "class A:\n    def __repr__(self):\n        while True: pass\nA()",
    "stops itself": "import signal\nsignal.raise_signal(signal.SIGSTOP)\nwhile True: pass",
    "key stretching": "import hashlib\nhashlib.pbkdf2_hmac('sha256', b'x', b'y', 2 * 10**9)",
    "number from text": "import sys\nsys.set_int_max_str_digits(0)\nint('9' * 10**7)\nwhile True: pass",
    "normal form": "import unicodedata\nwhile True: unicodedata.normalize('NFKD', '\ufdfa' * 10**6)",
    "waits for a frame": "import os\nos.read(3, 1)",
    "trace": "import sys\ndef t(*_):\n    while True: pass\nsys.settrace(t)\n(lambda: 1)()",
    "weak reference": "import weakref\ndef f(_):\n    while True: pass\na = set()\nr = weakref.ref(a, f)\ndel a",
    "comparison": "class A:\n    def __eq__(self, o):\n        while True: pass\n    __hash__ = None\n[A()].index(1)",
    "hook of every audit": "import sys\ndef h(*_): raise OSError\nsys.addaudithook(h)\nwhile True: pass",
    "exit that does not end": "import atexit\ndef f():\n    while True: pass\natexit.register(f)\nwhile True: pass",
    "exception text": "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E()",
}

MEMORY = {
    "list": "x = []\nwhile True: x.append('a' * 10 ** 7)",
    "string": "x = 'a' * 10 ** 11",
    "integer": "x = 1 << (10 ** 12)",
    "nested": "x = []\nfor _ in range(10 ** 9): x = [x]",
    "recursion": "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): return f()\nf()",
    "deep expression": "eval('(' * 10 ** 5 + ')' * 10 ** 5)",
    "deep JSON": "import json\njson.loads('[' * 10 ** 6)",
    "expansion": "import zlib\nzlib.decompress(zlib.compress(bytes(10 ** 9)) * 1)",
    "unpickling": "import pickle\npickle.loads(b'\\x80\\x04B\\xff\\xff\\xff\\xff')",
    "map": "import mmap\nx = [mmap.mmap(-1, 2 ** 30) for _ in range(100)]",
}

FLOOD = {
    "output": "while True: print('x' * 10 ** 6)",
    "long line": "print('x' * 10 ** 8)",
    "many lines": "for i in range(10 ** 6): print(i)\nprint('y' * 10 ** 7)",
    "standard error": "import os\nwhile True: os.write(2, b'x' * 10 ** 6)",
    "variables": "for i in range(200_000): globals()[f'v{i}'] = i",
    "long name": "globals()['n' * 3_000_000] = 1",
    "long answer": "FINAL('x' * 10 ** 8)",
    "long error": "raise ValueError('x' * 10 ** 8)",
}

# A cell can find the channel's descriptor (4) and write to it: what it writes must be no worse than a legal frame.
FRAMES = {
    "garbage": "os.write(4, b'\\xff' * 100)",
    "endless garbage": "while True: os.write(4, b'\\xff' * 10 ** 6)",
    "huge header": "os.write(4, struct.pack('>II', 2 ** 31, 0))",
    "huge body": "os.write(4, struct.pack('>II', 20, 2 ** 31) + b' ' * 20)",
    "no header": "os.write(4, struct.pack('>II', 0, 0))",
    "half a frame": "os.write(4, struct.pack('>II', 100, 0) + b'{')\nwhile True: pass",
    "deep header": "frame(b'[' * 1_000_000)",
    "wide header": "frame(b'[' + b'[],' * 600_000 + b'[]]')",
    "no object": "frame(b'[1]')",
    "no type": "frame(b'{\"a\":1}')",
    "unknown type": 'frame(b\'{"type":"exec","id":1}\')',
    "ready again": 'frame(b\'{"type":"ready","layers":[]}\')',
    "another cell's end": 'frame(b\'{"type":"done","id":99}\')',
    "end without fields": 'frame(b\'{"type":"done","id":%d}\' % ID)',
    "end with a read beyond the text": "end(reads=[['returned', 'search', [[0, 10 ** 9]]]])",
    "end with a huge output claim": "end(output_bytes=10 ** 9)",
    "end with names that are none": "end(variables=[1, None])",
    "end with failed as text": "end(failed='no')",
    "call of another number": "call(call=7)",
    "call of an unknown kind": "call(op='exec')",
    "call beyond the text": "call(items=[[0, 10 ** 9, 'x']])",
    "call before the text": "call(items=[[-5, 3, 'x']])",
    "call with a swapped span": "call(items=[[5, 3, 'x']])",
    "call of a document that is not there": "call(op='rlm', documents=[[7]])",
    "call with a document twice": "call(op='rlm', documents=[[0, 0]])",
    "call with a length beyond its body": "call(items=[[10 ** 6, 'x']])",
    "call with a kind that is none": "call(op='map', kind='code')",
    "call with numbers as text": "call(items=[['0', '3', 'x']])",
    "call with truth as a number": "call(items=[[True, True, 'x']])",
    "type of a megabyte": "frame(b'{\"type\":\"' + b'x' * 1_000_000 + b'\"}')",
    "id of five thousand digits": "frame(b'{\"type\":\"done\",\"id\":' + b'9' * 5000 + b'}')",
    "id as a long fraction": 'frame(b\'{"type":"done","id":1e999}\')',
    "end with fifty megabytes": "end(output_bytes=9, SIZE=50_000_000)",
    "call with too many items": "call(items=[[0, 0, '']] * 5000)",
    "traceback on the channel": "import faulthandler\nfaulthandler.dump_traceback(file=4)",
    "traceback at the interrupt": (
        "import faulthandler, signal\nfaulthandler.register(signal.SIGINT, file=4, chain=False)\nwhile True: pass"
    ),
}
FORGE = """
import json, os, struct
ID = {id}
def frame(raw, size=0): os.write(4, struct.pack('>II', len(raw), size) + raw)
def end(**fields):
    plain = dict(type='done', id=ID, failed=False, seconds=0, variables=[], output_bytes=0, final=False, reads=[])
    size = fields.pop('SIZE', 0)  # refused by what it claims: making so much takes a busy machine all of a cell's time
    frame(json.dumps(dict(plain, **fields)).encode(), size)
def call(**fields):
    plain = dict(type='call', id=ID, call=1, op='llm', question='', items=[[0, 3, 'x']])
    frame(json.dumps(dict(plain, **fields)).encode())
"""

# What the app looks for in a cell's text once its worker is gone: a megabyte of it, in a string the cell never uses.
DYING = {
    "commas": "a" + ",a" * 499_000,
    "commas and spaces": "a" + " , a" * 249_000,
    "commas and tabs": "a\t,\t" * 249_000,
    "commas on lines": "a,\n" * 330_000,
    "spaces": "a" + " " * 999_000,
    "one name": "a" * 999_000 + "=1",
    "one note": "a:" + "b" * 999_000,
    "notes": "a:b\n" * 249_000,
    "definitions": "def " * 249_000,
    "many names": "".join(f"a{i:x}=\n" for i in range(120_000)),
    "names there are": "".join(f"v{i}=\n" for i in range(500)) + "".join(f"a{i:x}=\n" for i in range(110_000)),
}

KINDS = {"time": TIME, "memory": MEMORY, "flood": FLOOD, "frames": FRAMES, "dying": DYING}


def cell(kind: str, name: str, number: int) -> str:
    """The code of an attack, for the cell of this number in its session."""
    code = KINDS[kind][name]
    if kind == "dying":
        return f"import os\nos._exit(1)\n'''\n{code}\n'''"
    return f"{FORGE.format(id=number)}{code}\nimport time\ntime.sleep(9)" if kind == "frames" else code
