"""Clause skeletons: `{S}` names the field, `{V}` is its value, `{X}` one that does not count, `{n}` a clause number.

The general pools serve every field with a written value; the special ones belong to one field each.
"""

from __future__ import annotations

GENERAL: tuple[str, ...] = (
    "The {S} is {V}.",
    "The {S} [under this agreement|in this contract|for this agreement] [is|shall be|will be] {V}.",
    "The parties [have agreed|agree] on a {S} of {V}.",
    "As the {S}, the parties [have chosen|have agreed on|agree on] {V}.",
    "{S}: {V}.",
    "{S} - {V}.",
    "{S} agreed: {V}.",
    "With regard to the {S}, the [agreed|final] figure is {V}.",
    "It is agreed that the {S} [amounts to|comes to|stands at|equals] {V}.",
    "This agreement [sets|fixes|puts] the {S} at {V}.",
    "The {S} [has been|was|is hereby] [set|fixed|agreed] at {V}.",
    "{V} is the {S}.",
    "A {S} of {V} applies [to this agreement|between the parties|throughout the term].",
    "The [Supplier|Customer] [accepts|confirms|has agreed on] a {S} of {V}.",
    "Unless the parties agree otherwise in writing, the {S} is {V}.",
    "Throughout the term the {S} [remains|stays at|is] {V}.",
    "The {S}, [as agreed by both parties|as signed|which both parties have reviewed], [is|comes to] {V}.",
    "[Schedule|Annex|Section] {n} [gives|states|records] the {S} as {V}.",
    "The figure [entered|written|agreed] for the {S} is {V}.",
    "Both parties [treat|regard|have agreed on] {V} as the {S}.",
    "{V} has been [agreed|fixed|entered] as the {S}.",
    "Where this agreement [speaks of|mentions] the {S}, it means {V}.",
    "The {S}, [described|set out] in section {n}, [is|comes to|amounts to] {V}.",
    "[For|Under] this contract a {S} of {V} [is agreed|has been agreed|applies].",
    "The parties [fix|set] the {S} at {V} [for the whole term|throughout the term|by this clause].",
    "By this clause the {S} [is set at|is fixed at|becomes] {V}.",
    "The agreed {S} [is|amounts to|equals] {V}.",
    "Under section {n}, the {S} [is|shall be|comes to] {V}.",
    "The Supplier and the Customer [confirm|agree on] {V} as the {S}.",
    "In this agreement, the {S} means {V}.",
    "The {S} for the whole term [is|shall be|remains] {V}.",
    "There is a {S} of {V} [under this contract|in this agreement|for both parties].",
    "The {S} [which|that] applies [to this contract|between the parties] is {V}.",
    "What the parties have agreed as the {S} is {V}.",
    "No other {S} than {V} [applies|has been agreed].",
    "Section {n} of this agreement [records|states] a {S} of {V}.",
    "The Customer and the Supplier [have set|have fixed] {V} as the {S}.",
)

SUPERSEDED: tuple[str, ...] = (
    "The {S} is {V}; an earlier figure of {X} no longer applies.",
    "An earlier {S} of {X} no longer applies, and the {S} is now {V}.",
    "The {S}, [previously|formerly] {X}, is [now|] {V}.",
    "The {S} [was|used to be] {X} under the [old|former|previous] agreement and is {V} under this one.",
    "While {X} was at first [proposed|suggested] as the {S}, the parties [settled on|agreed on] {V}.",
    "The {S} is {V} and not {X}.",
    "The {S} is {V} and not {X}, as an earlier draft had stated.",
    "In place of the [old|former|earlier] {S} of {X}, the parties [agree on|have agreed on] {V}.",
    "The {S} has been [raised|changed|revised] from {X} to {V}.",
    "The {S} is [changed|revised] to {V}, after having been {X} before.",
    "{V} replaces {X} as the {S}.",
    "An earlier draft gave {X} as the {S}; the final figure is {V}.",
    "The {S} is no longer {X} but {V}.",
    "The {S} is {V}, while the [previous|former|old] agreement had {X}.",
    "The {S} of {X} was [withdrawn|cancelled] and [replaced|followed] by one of {V}.",
    "Until now the {S} was {X}; under this agreement it is {V}.",
    "Instead of the {S} of {X} first proposed, the parties settled on {V}.",
    "The [previous|earlier|old] figure of {X} for the {S} is cancelled and replaced by {V}.",
    "The {S} was {X} before; it is now {V}.",
    "After a first draft with {X}, the {S} was settled at {V}.",
    "A {S} of {V} now applies in place of {X}.",
    "Not {X}, as first suggested, but {V} is the {S}.",
    "The {S}, which was {X} under the former agreement, is now {V}.",
    "The {S} is now {V} (previously {X}).",
    "The {S} is {V}, replacing the earlier {X}.",
)

REFUSED: tuple[str, ...] = (
    "[The Supplier|The Customer] had at first [proposed|suggested|asked for] a {S} of {X}, "
    "which was [refused|declined].",
    "A {S} of {X} was [discussed|proposed|suggested] but not accepted.",
    "The [old|former|previous] agreement had a {S} of {X}.",
    "An earlier draft [mentioned|gave|suggested] {X} as the {S}; this was declined.",
    "The {S} of {X} in the [former|old|previous] agreement no longer applies.",
    "A first proposal with a {S} of {X} was [refused|declined|not accepted].",
    "The [refused|declined|former] proposal had a {S} of {X}.",
    "Under the previous agreement the {S} was {X}, which no longer applies.",
)

PAIRED: tuple[str, ...] = (
    "The {S} of {V} is [separate from|in addition to|not part of|apart from] the {T}, "
    "which [stands at|comes to|is] {W}.",
    "The {S} is {V} and the {T} is {W}.",
    "While the {S} [comes to|is] {V}, the {T} [is|stands at] {W}.",
    "The {S}, unlike the {T} of {W}, is {V}.",
    "Next to the {S} of {V} there is a {T} of {W}.",
    "The {S} ({V}) is separate from the {T} ({W}).",
    "Apart from the {S} ({V}), the parties agreed on a {T} of {W}.",
    "{V} is the {S}, and {W} is the {T}.",
    "The {S}, which is not the {T} of {W}, [is|stands at] {V}.",
    "Not to be confused with the {S} of {V}, the {T} is {W}.",
    "A {S} of {V} and a {T} of {W} have been agreed.",
    "The parties agreed on {V} as the {S} and on {W} as the {T}.",
    "The {S} [comes to|stands at] {V}; the {T}, which is separate, [comes to|stands at] {W}.",
    "The {T} of {W} is not to be confused with the {S}, which is {V}.",
    "{S}: {V}; {T}: {W}.",
    "In addition to a {S} of {V}, there is a {T} of {W}.",
    "The {S} is not part of the {T} ({W}) and [comes to|is] {V}.",
    "Unlike the {S}, which is {V}, the {T} [comes to|stands at] {W}.",
    "The parties agreed on a {S} of {V} and, apart from it, on a {T} of {W}.",
)

MENTION: tuple[str, ...] = (
    "The {S} is [reviewed|discussed] by the parties [each year|from time to time].",
    "Any change to the {S} must be [made|agreed] in writing.",
    "Questions about the {S} are [answered|handled] by the [Supplier|Customer].",
    "Nothing in this clause [affects|changes] the {S}.",
    "The {S} is [treated as confidential|handled with care].",
)

DECOY: dict[str, tuple[str, ...]] = {
    "fee": (
        "Travel costs above {C} in a month are agreed in advance.",
        "The monthly report costs {C} if it is printed.",
        "Each month the Supplier may order parts for up to {C}.",
        "A service outside office hours is charged at {C} per visit.",
    ),
    "deposit": (
        "The deposit is returned within {d} days of the end of the term.",
        "Security staff are paid {C} by the Supplier.",
        "Parts worth {C} are held as a reserve, not as security.",
        "Keys are handed over against a security of {d} cards.",
    ),
    "cap": (
        "Damages are claimed within {d} days of the event.",
        "The Supplier is liable for no more than {d} days of delay.",
        "Damages below {C} are settled without a claim.",
        "Claims above {C} are sent to the insurer.",
        "Liability insurance costs the Supplier {C}.",
    ),
    "notice": (
        "Notice of a defect is given within {d} days of delivery.",
        "A notice by letter is taken as received after {d} days.",
        "After termination, data are returned within {d} days.",
        "Notice of a change of address is given {d} days in advance.",
    ),
    "payment": (
        "Invoices are kept for {d} days in the archive.",
        "Questions about an invoice are raised within {d} days.",
        "Invoices above {C} are signed by two directors.",
        "Payment by card is offered after {d} days of use.",
    ),
    "renewal": (
        "An extension is discussed {m} months before the end of the term.",
        "The parties talk about renewal every {m} months.",
        "The first term runs for {m} months.",
        "Prices stay fixed for {m} months after a renewal.",
        "The warranty may be extended to {m} months.",
    ),
    "law": (
        "Disputes are heard by the courts of {P}.",
        "Arbitration takes place in {P}, under the rules of {P}.",
        "The Supplier is a company formed under the law of {P}.",
        "Tax law of {P} does not affect this agreement.",
        "{P} law was studied by the advisers of both parties.",
    ),
    "code": (
        "The order code is {K}.",
        "The project code {K} is written on every invoice.",
        "Parts are marked with code {K}.",
        "The alarm code is {K} and is kept in the office.",
        "{K} is the code of the warehouse shelf.",
    ),
}
