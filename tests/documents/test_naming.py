"""Names that strangers give to files."""

import pytest

from rlm_desk.documents.readers import eml
from rlm_desk.documents.readers.naming import LONGEST, file_name


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("fees.csv", "fees.csv"),
        ("Gebühren  2024 é.csv", "Gebühren 2024 é.csv"),
        ("../../t.csv", "t.csv"),
        ("/etc/passwd.csv", "passwd.csv"),
        (r"C:\Users\me\t.csv", "t.csv"),
        ("a\x00b\x1b[31m\n.csv", "ab[31m .csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("...hidden.csv", "hidden.csv"),
        ("folder/", "folder"),
        ("..", ""),
        ("\x07", ""),
        ("", ""),
    ],
)
def test_names_are_made_plain(given: str, plain: str) -> None:
    assert file_name(given) == plain


def test_a_very_long_name_keeps_its_suffix() -> None:
    assert file_name("x" * 5000 + ".csv") == "x" * (LONGEST - 5) + "….csv"
    assert len(file_name("x." + "y" * 5000)) == LONGEST


def attached(name: str, kind: str = "text/csv") -> list[str]:
    """Names of what a message with one attachment gives."""
    message = (
        f"From: a@b.c\nSubject: Fees\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHello.\n"
        f"--x\nContent-Type: {kind}\nContent-Disposition: attachment{name}\n\nitem,price\n--x--\n"
    )
    found = eml.read(message.encode(), "m.eml", lambda done, total: None)
    return [*(one.name for one in found.inner), *found.notes]


def test_an_attachment_is_read_whatever_its_name_says_of_folders() -> None:
    note = "Attached, and read as documents of their own: t.csv."
    assert attached('; filename="../../t.csv"') == ["t.csv", note]
    assert attached("; filename*=utf-8''%2Fetc%2Ft.csv") == ["t.csv", note]


def test_an_attachment_without_a_name_has_one_of_its_kind() -> None:
    assert attached("")[0] == "unnamed.csv"
    assert attached("", "text/plain")[0] == "unnamed.txt"
    assert attached("", "image/png") == ["Attachments of kinds that are not read: image/png."]
