"""Tests of formats whose libraries are not installed are left out; the app says the same of such files."""

from importlib.util import find_spec

collect_ignore = (
    [] if all(map(find_spec, ("docx", "openpyxl", "pptx", "oxmsg", "striprtf"))) else ["test_office_readers.py"]
)
