"""Hostile PDFs."""

import zlib

from tests.escapes.documents.made import MIB, hostile


def pdf(objects: dict[int, bytes], *, root: int = 1, trailer: bytes = b"", xref: bytes | None = None) -> bytes:
    """A PDF of raw objects, with a sound cross-reference unless another is given."""
    out = bytearray(b"%PDF-1.5\n")
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    if xref is None:
        xref = b"xref\n0 1\n0000000000 65535 f \n"
        for number, offset in offsets.items():
            xref += b"%d 1\n%010d 00000 n \n" % (number, offset)
    out += xref + b"trailer\n<</Root %d 0 R/Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        root,
        max(offsets) + 1,
        trailer,
        start,
    )
    return bytes(out)


def stream(data: bytes, extra: bytes = b"", length: int | None = None) -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (extra, len(data) if length is None else length, data)


def page(content: bytes, **more: bytes) -> dict[int, bytes]:
    """One page with a content stream in object 4."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        4: content,
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    }
    return objects | {int(name[1:]): body for name, body in more.items()}


SHOWN = b"BT /F 12 Tf 50 700 Td (The fee is 40 euros.) Tj ET"


def flate(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter[" + b"/FlateDecode" * times + b"]")


def bomb(size: int) -> bytes:
    """Compressed zeros, without holding them."""
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


@hostile("bomb.pdf")
def _() -> bytes:
    return pdf(page(stream(bomb(300 * MIB), b"/Filter/FlateDecode")))


@hostile("bomb in a bomb.pdf")
def _() -> bytes:
    return pdf(page(stream(zlib.compress(bomb(256 * MIB), 1), b"/Filter[/FlateDecode/FlateDecode]")))


@hostile("thirty filters.pdf")
def _() -> bytes:
    return pdf(page(flate(SHOWN, 30)))


@hostile("filters that are none.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN, b"/Filter[/NoSuch/" + b"A" * 5000 + b"]")))


@hostile("deep arrays.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)) | {1: b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 100_000 + b"]" * 100_000 + b">>"})


@hostile("deep dictionaries.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)) | {6: b"<</A" * 50_000 + b">>" * 50_000})


@hostile("pages that hold themselves.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)) | {2: b"<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2/Parent 2 0 R>>"})


@hostile("pages in a ring.pdf")
def _() -> bytes:
    objects = page(stream(SHOWN))
    objects[2] = b"<</Type/Pages/Kids[6 0 R]/Count 1>>"
    objects[6] = b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>"
    return pdf(objects)


@hostile("an object that is itself.pdf")
def _() -> bytes:
    return pdf(page(b"4 0 R"))


@hostile("a length that refers to itself.pdf")
def _() -> bytes:
    return pdf(page(b"<</Length 4 0 R>>stream\n" + SHOWN + b"\nendstream"))


@hostile("a form that draws itself.pdf")
def _() -> bytes:
    form = stream(b"/X Do " * 50, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>")
    objects = page(stream(b"/X Do"), o6=form)
    objects[3] = objects[3].replace(b"/Font<</F 5 0 R>>", b"/Font<</F 5 0 R>>/XObject<</X 6 0 R>>")
    return pdf(objects)


@hostile("forms that double.pdf")
def _() -> bytes:
    """Twenty forms, each drawing the next ten times."""
    more = {}
    for n in range(6, 26):
        extra = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (n + 1)
        more[f"o{n}"] = stream(b"/X Do " * 10, extra)
    more["o26"] = stream(SHOWN, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 5 0 R>>>>")
    objects = page(stream(b"/X Do"), **more)
    objects[3] = objects[3].replace(b"/Font<</F 5 0 R>>", b"/Font<</F 5 0 R>>/XObject<</X 6 0 R>>")
    return pdf(objects)


@hostile("a length of two gigabytes.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN, length=2**31)))


@hostile("a length below nothing.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN, length=-5)))


@hostile("a million pages that are not there.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)) | {2: b"<</Type/Pages/Kids[3 0 R]/Count 1000000>>"})


@hostile("a million pages, and bytes enough for them.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)) | {2: b"<</Type/Pages/Kids[3 0 R]/Count 1000000>>", 6: stream(b"x" * MIB)})


@hostile("the same page many times.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)) | {2: b"<</Type/Pages/Kids[" + b"3 0 R " * 2000 + b"]/Count 2000>>"})


@hostile("cross-reference to nowhere.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)), xref=b"xref\n0 6\n" + b"9999999999 00000 n \n" * 6)


@hostile("cross-reference of a billion.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)), xref=b"xref\n0 1000000000\n0000000009 00000 n \n")


@hostile("cross-references in a ring.pdf")
def _() -> bytes:
    whole = pdf(page(stream(SHOWN)))
    start = int(whole.rsplit(b"startxref\n", 1)[1].split()[0])
    return pdf(page(stream(SHOWN)), trailer=b"/Prev %d" % start)


@hostile("object stream that holds itself.pdf")
def _() -> bytes:
    inner = zlib.compress(b"7 0 7 0 R")
    return pdf(
        page(stream(SHOWN)) | {7: stream(inner, b"/Type/ObjStm/N 1000000/First 4/Extends 7 0 R/Filter/FlateDecode")}
    )


@hostile("predictor of a billion columns.pdf")
def _() -> bytes:
    parms = b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 1000000000>>"
    return pdf(page(stream(zlib.compress(SHOWN), parms)))


@hostile("operators without end.pdf")
def _() -> bytes:
    return pdf(page(flate(b"q " * 500_000 + SHOWN)))


@hostile("a font map of every number.pdf")
def _() -> bytes:
    every = b"<00000000> <ffffffff>"
    cmap = b"1 begincodespacerange %s endcodespacerange\n1 beginbfrange %s <0041> endbfrange" % (every, every)
    objects = page(stream(SHOWN), o6=stream(cmap))
    objects[5] = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    return pdf(objects)


@hostile("scripts and actions.pdf")
def _() -> bytes:
    action = b"/OpenAction<</S/Launch/F(/bin/sh)>>/AA<</O<</S/JavaScript/JS(app.launchURL\\('http://a.example'\\))>>>>"
    return pdf(page(stream(SHOWN)) | {1: b"<</Type/Catalog/Pages 2 0 R" + action + b">>"})


@hostile("half a file.pdf")
def _() -> bytes:
    return pdf(page(stream(SHOWN)))[:200]


@hostile("only a head.pdf")
def _() -> bytes:
    return b"%PDF-1.7\n"


@hostile("noise.pdf")
def _() -> bytes:
    return b"%PDF-1.7\n" + bytes((n * 7919 + n // 3) % 256 for n in range(200_000)) + b"\n%%EOF"
