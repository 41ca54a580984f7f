"""What office files hold beside plain text: spanned cells, tables in cells, formulas, comments, what is hidden."""

import docx
import openpyxl
import openpyxl.comments
from docx.oxml import parse_xml

from rlm_desk.documents.readers import docx as word
from rlm_desk.documents.readers import html, odt, xlsx

from .test_office_readers import archive, pages, read, saved

URN = "urn:oasis:names:tc:opendocument:xmlns"


def test_word_cells_stay_in_their_columns() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for n in range(9):
        table.cell(n // 3, n % 3).text = "abcdefghi"[n]
    table.cell(1, 0).merge(table.cell(1, 1)).text = "wide"
    inner = table.cell(2, 1).add_table(2, 2)
    for n in range(4):
        inner.cell(n // 2, n % 2).text = "pqrs"[n]
    found = read(word, saved(document)).text.strip().splitlines()
    assert found == ["| a | b | c |", "|---|---|---|", "| wide |  | f |", "| g | h p, q; r, s | i |"]


def test_word_formulas_keep_their_powers_and_fractions() -> None:
    def run(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    power = f"<m:sSup><m:e>{run('10')}</m:e><m:sup>{run('-6')}</m:sup></m:sSup>"
    fraction = f"<m:f><m:num>{run('550×')}{power}{run(' mm')}</m:num><m:den>{run('2.5 mm')}</m:den></m:f>"
    root = f"<m:rad><m:deg/><m:e>{run('x+1')}</m:e></m:rad>"
    sign = '<m:naryPr><m:chr m:val="∑"/></m:naryPr>'
    total = f"<m:nary>{sign}<m:sub>{run('i=1')}</m:sub><m:sup>{run('n')}</m:sup><m:e>{run('x')}</m:e></m:nary>"
    within = f"<m:d><m:e>{run('a')}<m:sSub><m:e>{run('b')}</m:e><m:sub>{run('2')}</m:sub></m:sSub></m:e></m:d>"
    whole = f"{run('sin⁡θ=')}{fraction}{run('=')}{root}{run('+')}{total}{within}"
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    document = docx.Document()
    document.add_paragraph("So ")._p.append(parse_xml(f'<m:oMath xmlns:m="{namespace}">{whole}</m:oMath>'))
    said = "So sinθ=(550×10^-6 mm)/(2.5 mm)=√(x+1)+∑_(i=1)^n x(ab_2)"
    assert read(word, saved(document)).text.strip() == said


def test_excel_comments_hidden_sheets_and_columns_left_out() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"], sheet["B2"] = "Item", 40
    sheet["B2"].comment = openpyxl.comments.Comment("Ask again in May.", "A. Reader")
    hidden = workbook.create_sheet("Rates")
    hidden["A1"] = "0.15"
    hidden.cell(1, 501).value = "far"
    hidden.sheet_state = "hidden"
    found = read(xlsx, saved(workbook))
    assert pages(found)["Sheet!comments"] == "B2, A. Reader: Ask again in May."
    assert "0.15" in pages(found)["Rates!A1:A1"] and "far" not in found.text
    assert found.notes == ["1 sheet that Excel does not show: Rates.", "Columns behind SF were not read: Rates."]


def test_html_cells_stay_in_their_columns() -> None:
    found = read(html, "<table><tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e</table>").text.strip().splitlines()
    assert found == ["| a |  | b |", "|---|---|---|", "| c | d | e |"]


def test_opendocument_comments_headers_and_spanned_cells() -> None:
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "style")
    )
    names += ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    note = "<office:annotation><dc:creator>A. Reader</dc:creator><text:p>Ask again.</text:p></office:annotation>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    covered = "<table:covered-table-cell/>"
    rows = "".join(
        f"<table:table-row>{row}</table:table-row>"
        for row in (
            cell.format("a") + covered + cell.format("b"),
            "".join(map(cell.format, "cde")),
        )
    )
    body = f"<text:p>The fee{note} is 40.</text:p><table:table>{rows}</table:table>"
    header = "<style:master-page><style:header><text:p>Harbour Ltd</text:p></style:header></style:master-page>"
    files = {
        "META-INF/manifest.xml": "<m/>",
        "content.xml": f"<office:document-content {names}><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {names}>{header}</office:document-styles>",
    }
    found = pages(read(odt, archive(files)))
    assert found["Beginning"] == "The fee is 40.\n\n| a |  | b |\n|---|---|---|\n| c | d | e |"
    assert found["Comments"] == "Comments\n\nA. Reader: Ask again."
    assert found["Headers"] == "Headers\n\nHarbour Ltd"
