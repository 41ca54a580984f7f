"""What fuzzing has found, shrunk: each made its target fail before it was mended."""

FINDINGS: dict[str, list[bytes]] = {
    "response": [b"\xffHTTP/1.1 503 No\r\nretry-after: nan\r\ncontent-length: 0\r\n\r\n"],  # a wait of nan seconds
    "facts": [
        b'[{"window":1' + b"0" * 400 + b"}]",  # larger than any fraction, which planning makes of it
        b'[{"problem":"a\\u001b]52;c;eA==\\u0007"}]',  # a terminal's clipboard, through an error's sentence
    ],
    "pages": [b"<!\x9co<", b"<!", b"<?"],  # lxml: "Document is empty"
    "reply": [
        b"FINAL(\n" * 2000,  # each finish was read to the end of the reply
        b"<tool_call>{}x" * 1400,  # each call was looked for to the end of the reply
        b"1" * 5000,  # more digits than Python converts
        b"\xed\xa0\x80FINAL(",  # a lone surrogate
    ],
}
