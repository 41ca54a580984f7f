"""What fuzzing has found, shrunk: each made its target fail before it was mended."""

FINDINGS: dict[str, list[bytes]] = {
    "pages": [b"<!\x9co<", b"<!", b"<?"],  # lxml: "Document is empty"
    "reply": [
        b"FINAL(\n" * 2000,  # each finish was read to the end of the reply
        b"<tool_call>{}x" * 1400,  # each call was looked for to the end of the reply
        b"1" * 5000,  # more digits than Python converts
        b"\xed\xa0\x80FINAL(",  # a lone surrogate
    ],
}
