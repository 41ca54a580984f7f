"""A run as one HTML file: no script, no outside link, printable. Text of documents and models is data, never markup.

Three walls: every text is cleaned and escaped; no attribute ever holds one; and the page's own policy forbids scripts,
requests and forms, should both fail.
"""

from html import escape

from rlm_desk.clean import clean
from rlm_desk.evidence import wording
from rlm_desk.evidence.account import Evidence
from rlm_desk.report.material import STRIP, Material

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d5dae0;--paper:#fff;--mark:#ffe58a;--shown:#1f6f5c;
--returned:#c98a1b;--scanned:#9fb0c3;--untouched:#e8ebef;--warn:#8a4b00}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#9aa5b1;--line:#3a424c;--paper:#14181d;--mark:#6b5600;
--shown:#3fae93;--untouched:#2a3138;--scanned:#5d6f83;--warn:#f0b35a}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
font:16px/1.5 Georgia,"Times New Roman",serif}
main{max-width:46rem;margin:2.5rem auto;padding:0 1.25rem}h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;
margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}.answer{white-space:pre-wrap;font-size:1.12rem;
overflow-wrap:anywhere}.soft,td.n{color:var(--soft)}.warn{color:var(--warn);font-weight:bold}
blockquote{margin:.25rem 0 1rem;padding:.4rem .8rem;border-left:3px solid var(--shown);overflow-wrap:anywhere}
mark{background:var(--mark);color:inherit}table{border-collapse:collapse;width:100%;font-size:.88rem}
td,th{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}th{font-weight:normal;color:var(--soft);overflow-wrap:normal}
h1,.answer,blockquote{unicode-bidi:plaintext}.strip{display:flex;width:9rem;height:.8rem;margin-top:.3rem}
.strip i{flex:1;background:var(--untouched)}i.shown{background:var(--shown)}i.part{background:linear-gradient(
to top,var(--shown) 50%,var(--untouched) 50%)}i.returned{background:var(--returned)}i.scanned{background:var(--scanned)}
.key{font-size:.88rem}.key span{display:inline-block;margin-right:.9rem}
.key i{display:inline-block;width:.8rem;height:.8rem;margin-right:.3rem}i.untouched{background:var(--untouched)}
pre{font:.8rem/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--soft:#444;--line:#bbb;--mark:#ffe58a;--shown:#1f6f5c;
--untouched:#e8ebef;--scanned:#9fb0c3;--warn:#8a4b00}body{font-size:10.5pt}main{max-width:none;margin:0;padding:0}
h2{break-after:avoid}.source,tr{break-inside:avoid}i{print-color-adjust:exact;-webkit-print-color-adjust:exact}
mark{print-color-adjust:exact;-webkit-print-color-adjust:exact}}@page{margin:18mm}
"""


def html(report: Material) -> str:
    """The whole page."""
    evidence = report.evidence
    question = _safe(evidence.question) or "A run"
    warning = f'<p class="warn">{_safe(report.label)}</p>' if report.label else ""
    facts = "".join(f"<tr><th>{_safe(name)}</th><td>{_safe(value)}</td></tr>" for name, value in report.facts())
    tree = "\n".join("  " * depth + _safe(" ".join(text.split())) for depth, text in report.tree())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">'
        f"<title>{question}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{question}</h1>{warning}"
        f"{_answer(evidence)}"
        f'<p class="soft">{_safe(evidence.sentence)}</p>'
        f"{_sources(evidence)}{_checked(evidence)}{_coverage(report)}{_gaps(evidence)}"
        f"<h2>How it was found</h2><pre>{tree}</pre>"
        f"<h2>Run</h2><table>{facts}</table>"
        f'<p class="soft">Made by rlm-desk. {_safe(report.where)}</p></main></body></html>\n'
    )


def _answer(evidence: Evidence) -> str:
    return f'<p class="answer">{_safe(wording.marked(evidence))}</p>' if evidence.answer else ""


def _sources(evidence: Evidence) -> str:
    if not evidence.sources:
        return ""
    parts = ["<h2>Sources</h2>"]
    for source in evidence.sources:
        before, mark, after = (_safe(part) for part in source.parts)
        middle = f"<mark>{mark}</mark>" if mark else ""
        parts.append(
            f'<div class="source"><b>[{source.number}]</b> {_safe(wording.where(source))}'
            f"<blockquote>{before}{middle}{after}</blockquote></div>"
        )
    more = evidence.sources_total - len(evidence.sources)
    return "".join([*parts, f'<p class="soft">{more:,} more are not listed.</p>' if more > 0 else ""])


def _checked(evidence: Evidence) -> str:
    if not evidence.checked:
        return ""
    rows = "".join(
        f"<tr><td>{_safe(one.claim.text)}</td><td>{one.claim.kind}</td><td>{_safe(wording.verdict(one))}</td></tr>"
        for one in evidence.checked
    )
    head = "<thead><tr><th>in the answer</th><th>kind</th><th>result</th></tr></thead>"
    summary = wording.checks(evidence.checked)
    return f"<h2>Checked</h2>{f'<p>{summary}.</p>' if summary else ''}<table>{head}{rows}</table>"


def _coverage(report: Material) -> str:
    evidence = report.evidence
    rows = []
    for one in report.documents():
        kinds = [
            "part" if cell.state == "shown" and cell.shown < 1 else cell.state
            for cell in evidence.strip(report.corpus, one.index, STRIP)
        ]
        # One that is the same throughout, as most are where there are many, is one cell: it looks the same.
        cells = "".join(f'<i class="{kind}"></i>' for kind in (kinds[:1] if len(set(kinds)) == 1 else kinds))
        share = wording.percent(one.amount.shown, one.amount.chars)
        rows.append(
            f"<tr><td>{_safe(one.name)}</td><td>{one.pages_read}&nbsp;of&nbsp;{len(one.pages)}</td><td>{share}</td>"
            f'<td><div class="strip">{cells}</div></td>'
            f'<td class="n">{_safe(wording.pages_unread(one, 20))}</td></tr>'
        )
    key = "".join(
        f'<span><i class="{kind}"></i>{words}</span> '
        for kind, words in (
            ("shown", "shown to a model"),
            ("part", "partly"),
            ("returned", "returned by a helper"),
            ("scanned", "scanned by code"),
            ("untouched", "untouched"),
        )
    )
    more = f'<p class="soft">{report.unlisted}</p>' if report.unlisted else ""
    return (
        f"<h2>Coverage</h2><p>{evidence.headline}; {wording.amounts(evidence.amount)}.</p><table><thead><tr>"
        "<th>document</th><th>pages read</th><th>shown</th><th>where</th><th>not read</th></tr></thead>"
        f'{"".join(rows)}</table>{more}<p class="key soft">{key}</p>'
    )


def _gaps(evidence: Evidence) -> str:
    if not evidence.gaps:
        return ""
    return f"<h2>Left out</h2><ul>{''.join(f'<li>{_safe(gap.text)}</li>' for gap in evidence.gaps)}</ul>"


def _safe(text: str) -> str:
    return escape(clean(text), quote=True)
