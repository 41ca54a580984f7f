"""The parts that woven.py draws from: `{S}` a field's name, `{V}` its value, `{X}` one that does not count, `{T}` and `{W}` another."""

# ruff: noqa: E501 - sentences, a line each

from __future__ import annotations

# `S` and `V` stand for a field's name and its value; `pair` renames them for the second field.
STATED = (
    "the {S} [is|shall be|will be|equals|comes to|amounts to|stands at|remains] {V}",
    "the {S} [has been|was|is|is hereby] [set|fixed|agreed|settled|entered|put] at {V}",
    "the [agreed|final] {S} [is|equals|comes to|amounts to] {V}",
    "the {S} [for|in|under|of] this [contract|agreement] [is|comes to|stands at|shall be] {V}",
    "the {S} between the parties [is|amounts to|stands at] {V}",
    "the {S} [stated|named|given] in section {n} [is|comes to|amounts to] {V}",
    "a {S} of {V} [applies|is agreed|has been agreed|was fixed|is in force|has been signed]",
    "there [is|shall be|will be] a {S} of {V}",
    "the parties [agree|agreed|have agreed|have settled] on a {S} of {V}",
    "the parties [set|fix|fixed|put] the {S} at {V}",
    "both parties [accept|confirm|sign] a {S} of {V}",
    "the [Supplier|Customer] [accepts|confirms] a {S} of {V}",
    "as the {S}, {V} [is agreed|applies|is entered|has been fixed]",
    "for the {S}, {V} [is agreed|applies|is entered|has been fixed]",
    "this [contract|agreement] [has|carries|states|contains] a {S} of {V}",
    "section {n} [states|gives|records|shows] a {S} of {V}",
    "section {n} [puts|sets|fixes] the {S} at {V}",
)
LABELS = (
    "[Agreed|Final|Signed|Settled|Fixed|Chosen] {S}[: | - | = |: now | of ]{V}.",
    "{S} [(final)|(signed)|(fixed)|(as settled)|(section {n})|in force|under this contract][: | - | = ]{V}.",
    "{S}, [in writing|as settled|in force|under section {n}][: | - ]{V}.",
)
NAMED = (
    "{T} of {W}",
    "{T} ({W})",
    "{T} of {W}",
    "{T}, which [is|comes to|stands at|amounts to] {W}",
    "{T} amounting to {W}",
    "{T} fixed at {W}",
    "{T}, namely {W}",
)
BESIDE = (
    "[beside|apart from|in addition to|separate from|as opposed to|not part of|next to|together with|unlike|in contrast to|"
    "not counting|different from|as distinct from|not to be mixed up with|over and above]"
)
FRONT = "[Unlike|Apart from|In addition to|Next to|Beside|As opposed to|Separate from|Together with|Aside from]"
VERB = "[is|comes to|amounts to|stands at|equals|shall be|has been fixed at|is set at|was agreed at]"
AND_A = "[and a|and also a|together with a|as well as a|beside a]"
BOTH_HOLD = "[apply|are agreed|have been fixed|have been agreed|were settled|are in force|have been signed|were agreed]"
JOIN = (", and ", "; ", ", while ", ", whereas ", ", but ", "; apart from that, ", "; in addition, ", ". ", " and ")

OLD = "[old|former|earlier|previous|first]"
OLD_PAPER = (
    "[an earlier draft|the old agreement|the former agreement|the first proposal|the previous contract|a first draft]"
)
WAS = (
    "the {S} [was|used to be|had been|was once|was at first] {X}",
    f"the {OLD} {{S}} [was|stood at|came to] {{X}}",
    f"{OLD_PAPER} [had|gave|named|stated] a {{S}} of {{X}}",
    f"{OLD_PAPER} [had|gave|put] the {{S}} [as|at] {{X}}",
    "a {S} of {X} was [proposed|suggested|discussed|refused|declined|withdrawn]",
)
NOW = (
    "it is now {V}",
    "[now|today|from now on] it [is|comes to|stands at] {V}",
    "the {S} is now {V}",
    "the new {S} [is|comes to] {V}",
    "the {S} [agreed|signed|settled|in force] is {V}",
    "the parties [agreed|settled|have settled] on {V}",
    "this one has {V}",
    "the final figure is {V}",
)
BEFORE = "[formerly {X}|once {X}|at first {X}|earlier {X}|which was {X} before|which had been {X}|having been {X}]"
SETTLED = "[agree on|have agreed on|settled on]"
ASIDE = "[which is another matter|a different thing|which is separate|set out in section {n}]"
REPLACED = (
    "[is replaced by|gives way to|makes room for|was changed to|has been changed to|was raised to|was lowered to|"
    "is followed by|was cancelled and replaced by|was replaced by]"
)
NO_LONGER = (
    ", no longer {X}",
    ", not {X}",
    " and not {X}",
    ", after {X} before",
    ", where it was {X} before",
    " (before: {X})",
    " (formerly {X})",
    "; the [former|old|earlier] {X} no longer applies",
    "; an earlier figure of {X} was [withdrawn|refused|cancelled]",
    ", replacing the [former|old|previous] {X}",
    f", while {OLD_PAPER} [had|gave|named] {{X}}",
    f", although {OLD_PAPER} [had|gave|named] {{X}}",
    " instead of the [former|old|earlier] {X}",
)

INVOICE = "[Invoices|All invoices|Invoices of the Supplier|The Supplier's invoices|Bills]"
NOTICE = "[notice of {V}|{V} of notice|{V} notice|a notice of {V}|written notice of {V}|{V} of written notice]"
OWN: dict[str, tuple[str, ...]] = {
    "fee": (
        "[Each month|Every month|Per month|Monthly] the Customer [pays|owes|transfers|settles] {V} [to the Supplier|for the service|].",
        "[For|In return for] [the service|its service|each month of service|a month of service] [the Supplier receives|the Supplier charges|the Customer pays|the Customer owes] {V} [a month|per month|each month].",
        "[The service|A month of service|Each month of service] [costs|comes to|is charged at|is billed at|is priced at] {V} [a month|per month|].",
        "The [monthly|regular monthly|recurring monthly] [sum|amount|bill|price|rate] [is|comes to|amounts to|has been set at] {V}.",
    ),
    "deposit": (
        "[As security|As a deposit|On signature|By way of security] the Customer [lodges|places|pays|hands over] [a deposit of|security of|a refundable sum of] {V} [with the Supplier|].",
        "The Customer [lodges|pays|places|hands over] {V} [with the Supplier|to the Supplier|] [as a deposit|as security|as the deposit|by way of a deposit].",
        "The Supplier [holds|keeps|receives|has received] [a deposit of|security of|a refundable deposit of] {V} [until the end of the term|for the Customer|].",
        "The [deposit|security|refundable sum] [lodged|placed|held|paid] [by the Customer|with the Supplier|on signature] [is|comes to|amounts to] {V}.",
    ),
    "cap": (
        "[Liability|The liability of the Supplier|The Supplier's liability|Total liability|All liability] [is limited to|is capped at|ends at|may not exceed|does not go beyond|stops at] {V}.",
        "[Damages|Claims for damages|All damages|All claims] [are limited to|are capped at|may not exceed|end at|do not exceed] {V} [in total|in all|].",
        "[The Supplier|A party|Either party|Each party] is liable [up to|for no more than|for at most|only up to] {V}.",
        "[The Supplier|Neither party] is [not|] liable [beyond|above|for more than] {V}.",
    ),
    "notice": (
        f"[Either party|Each party|A party|The Supplier or the Customer] [may|can] [end|terminate|cancel] this [agreement|contract] [with|on|after|by|subject to] {NOTICE}.",
        f"[To end|To terminate|To cancel|For ending|For terminating] this [agreement|contract], {NOTICE} is [needed|required|given].",
        f"[Termination|Cancellation|Ending this agreement] [requires|needs|takes|calls for|is possible with] {NOTICE}.",
        "Notice [of termination|to terminate|to end this contract|of cancellation] is [given|sent|due] {V} [in advance|before|ahead|before the end].",
        "Notice of {V} is [needed|given|due] [to terminate|for termination|by whoever ends this agreement].",
    ),
    "payment": (
        f"{INVOICE} [are paid|are payable|are due|are settled|fall due|must be paid] [within|in|after|no later than] {{V}} [of receipt|of their date|after receipt|].",
        "[An invoice|Each invoice|Every invoice] [is paid|is payable|is due|is settled|falls due|must be paid] [within|in|after|no later than] {V} [of receipt|of its date|after receipt|].",
        "[The Customer has|The Customer is given] {V} [to pay an invoice|to settle an invoice|for the payment of invoices].",
        "[Payment|Payment of an invoice|Payment of each invoice] is [due|made|to be made] [within|in|after] {V} [of receipt|].",
    ),
    "renewal": (
        "[This agreement|The agreement|This contract|The term] [renews|is renewed|is extended|is automatically renewed|then renews] [by|for|for a further|for another|by another] {V} [each time|at the end of the term|at its end|].",
        "[Each renewal|Each extension|Every renewal|Every extension|A renewal|An extension] [lasts|runs for|is for|adds|comes to] {V}.",
        "[At the end of the term|Unless ended|When the term ends|After the first term], this [agreement|contract] [renews|is renewed|is extended|renews itself] [by|for] {V}.",
    ),
    "code": (
        "[Visitors|Staff|Drivers|Staff of the Supplier] [use|enter|type] [code|the code|] {V} at the [gate|door|entrance].",
        "The [gate|door|site|entrance] [opens|is opened|is entered|unlocks] with [code|the code|] {V}.",
        "[For access|For entry|To enter the site|To open the gate|At the gate|At the door], [use|enter|type] [code|] {V}.",
        "[Entry|Access|The gate|The door] [requires|needs|takes] [code|the code|] {V}.",
        "The code [for the gate|for the door|for access|for visitors|of the site|that opens the gate] is {V}.",
    ),
    "law": (
        "[Governing law|Applicable law|Law of this agreement|Choice of law|Law that applies|Agreed law|Law in force] [(final)|(signed)|(section {n})|][: | - | = |: the law of |: that of ]{V}.",
        "[Law|The law] [here|agreed|chosen|in force|of this contract|that applies|(final)|(signed)|(section {n})|][: | - | = | is that of ]{V}.",
        "[This agreement|This contract|The agreement|The contract] is [governed by|subject to|made under|construed under|read under] [the law of|the laws of] {V}.",
        "[This agreement|This contract] is [governed by|subject to|under] {V} law.",
        "[The parties|Both parties] [choose|have chosen|agree on|have agreed on|settled on|accept] [the law of {V}|{V} law|that the law of {V} applies].",
        "The [governing law|applicable law|law chosen|law agreed|law that applies] is [that of {V}|the law of {V}|{V} law].",
        "[As|For] [the governing law|the applicable law|law], [the parties have agreed on|the parties choose|both parties accept] [that of {V}|the law of {V}].",
        "[Claims|Questions|Disputes] [under|about] this [contract|agreement] are [decided|settled|answered] [under|by] the law of {V}.",
    ),
}
LAW_CHANGED = (
    "The [governing law|applicable law] is [now|] that of {V}[, no longer that of {X}|, not that of {X}| and not that of {X}|; it was that of {X}].",
    "[The old agreement|The former contract|An earlier draft] [was under|named|followed] [the law of {X}|{X} law]; [this one is under|the parties now choose|this one follows] [the law of {V}|{V} law].",
    "[Instead of|In place of|Rather than] [the law of {X}|{X} law|that of {X}], [the law of {V}|{V} law] [applies|governs this agreement|now applies].",
    "This [agreement|contract] [was once|was at first|used to be] under [the law of {X}|{X} law] and is now under [the law of {V}|{V} law].",
    "The law of {X} was [proposed|refused|declined|discussed]; the parties [chose|have chosen|agreed on] [that of {V}|the law of {V}].",
    "The parties [leave|left] [the law of {X}|{X} law] and [choose|chose] [that of {V}|the law of {V}|{V} law].",
)
LAW_LEFT = (
    "[The old agreement|The former contract|An earlier draft] [was under|named|was governed by] the law of {X}.",
    "The law of {X} was [proposed|suggested|discussed] [but not accepted|but refused|and declined].",
    "The parties [refused|declined|dropped] [the law of {X}|{X} law].",
)

MANY = "{M} [agreements|contracts|vendors|suppliers] [with a {S} {O}|whose {S} is {O}|that have a {S} {O}|where the {S} is {O}]"
MANY_HAVE = "{M} [agreements|contracts|vendors|suppliers] have a {S} {O}"
EITHER = "[{F} or {G}|the folder {F} or {G}|folder {F} or folder {G}|the folder {F} or the folder {G}]"
BOTH = "[{F} and {G}|the folders {F} and {G}|folder {F} and folder {G}|the two folders {F} and {G}]"
HAS = "[has|holds|shows|gives|comes with]"
WHO = "[which|who|which one|which folder|which of the two]"
WHERE = "[are there|do we find|do we have|can we find|do you find]"
COMPARED = (
    f"[In which|In which one|In which folder|In which of the folders], {{F}} or {{G}}, {WHERE} {MANY}?",
    f"[In which|In which one|In which folder|In which of the folders], {{F}} or {{G}}, do {MANY_HAVE}?",
    f"[In|Looking at|Take] {BOTH}: in which do {MANY_HAVE}?",
    f"Do {MANY_HAVE} in {{F}} or in {{G}}?",
    f"Does {EITHER} [have|hold|show|give] {MANY}?",
    f"[Is it|Would it be] {EITHER} [that|which] {HAS} {MANY}?",
    f"[Which|Which one|Which folder|Who], {{F}} or {{G}}, {HAS} {MANY}?",
    f"[Which|Which one|Which folder|Who] {HAS} {MANY}[, |: ]{EITHER}?",
    f"{EITHER}[: |, ]{WHO} {HAS} {MANY}?",
    f"{EITHER}: [where|in which|in which one|in which folder] {WHERE} {MANY}?",
    f"[Of|Between|Among|For|With] {BOTH}, {WHO} {HAS} {MANY}?",
    f"[Of|Between|Among|For|With] {BOTH}, [where|in which] {WHERE} {MANY}?",
    f"[Where|In which folder|In which] {WHERE} {MANY}[, |: ][{{F}} or {{G}}|in {{F}} or in {{G}}]?",
    f"[In|Within] {{F}} or in {{G}}: [where|in which] {WHERE} {MANY}?",
    f"[Say|Tell me|Find out|Work out|Show|Show me] [which of|which one of] {BOTH} {HAS} {MANY}.",
    f"[Say|Tell me|Find out|Work out|I want to know] [which folder|which one|who], {{F}} or {{G}}, {HAS} {MANY}.",
    f"[Compare|Take|Look at|Comparing] {BOTH}[: |. |, ]{WHO} {HAS} {MANY}?",
)
