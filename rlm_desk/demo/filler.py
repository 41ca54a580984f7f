"""Boilerplate around the facts: `{n}` and `{m}` are numbers without meaning, `{P}` a place, `{C}` a sum."""

from __future__ import annotations

FILLER: tuple[str, ...] = (
    "Each party keeps the [information|records|documents] of the other [confidential|secret] "
    "[for {n} years|at all times|].",
    "Confidential information may be shown to [advisers|auditors|staff] who need it for their work.",
    "Neither party is [responsible|to blame] for delay caused by "
    "[fire, flood or strike|events beyond its control|storm or war].",
    "If such an event lasts longer than {n} weeks, the parties [meet|talk] to find a way forward.",
    "This agreement may not be [assigned|transferred] without the written consent of the other party.",
    "The Supplier may use [subcontractors|partners] and answers for their work as for its own.",
    "The Supplier keeps insurance of at least {C} with a known insurer.",
    "The Supplier shows proof of insurance within {n} weeks of a request.",
    "Records are kept for {n} years and may be [inspected|audited] during office hours.",
    "An audit takes place at most {n} times a year and is announced in good time.",
    "Goods are delivered to the [warehouse|plant|office] at {P} between {n} and {m} hours.",
    "Deliveries are [checked|inspected] on arrival, and [faults|defects] are reported within {m} hours.",
    "Defective goods are replaced at the cost of the Supplier.",
    "The Supplier answers urgent calls within {n} hours and other calls within {m} hours.",
    "The service is available for {m} per cent of the time in each quarter.",
    "Late sums bear interest at {n} per cent [a year|above the base rate].",
    "The Supplier sends a report on its work [every quarter|twice a year|at the close of each year].",
    "The parties meet {n} times a year to discuss the work.",
    "The work is led by a team of {n} people named by the Supplier.",
    "Personal data are handled with care and only for the purpose of this agreement.",
    "A loss of data is reported to the other party within {m} hours.",
    "The Supplier trains its staff in [safety|hygiene|data protection] at least {n} times a year.",
    "The staff of the Supplier follow the house rules of the Customer.",
    "Tools lent by the Customer remain its property and are returned in good order.",
    "Rights in plans, drawings and software remain with the party that made them.",
    "The Customer may use the [results|drawings|reports] for its own business without limit in time.",
    "Neither party uses the name or the sign of the other in public without consent.",
    "Changes to this agreement are valid only in writing and signed by both parties.",
    "If one clause is void, the others stay in force.",
    "A party that does not use a right does not thereby give it up.",
    "This document is the whole agreement between the parties and replaces earlier talks.",
    "Headings are for ease of reading and have no meaning of their own.",
    "Messages are sent by letter or e-mail to the address given on the first page.",
    "The parties first try to settle a dispute by talks between their directors.",
    "If talks fail, a mediator is named within {n} weeks.",
    "The Supplier works with care and according to the state of the art.",
    "Samples of {n} pieces are kept for {m} weeks.",
    "Orders below {n} pieces may be joined with a later order.",
    "The Customer gives the Supplier the plans and data it needs, in good time.",
    "Waste is removed by the Supplier and brought to a licensed site.",
    "Vehicles of the Supplier may park on level {n} of the car park.",
    "The Supplier names a contact person, who can be reached on line {m}.",
    "No party offers gifts worth more than {n} to the staff of the other.",
    "The Supplier keeps a stock of {m} spare parts in {P}.",
    "Any tax on the service is borne by the party named by statute.",
    "Nothing here makes one party the agent or partner of the other.",
    "The Supplier states that it holds all permits for its work.",
    "Two copies of this document have been signed, one for each party.",
    "The office in {P} is open from {n} to {m} hours.",
    "Plans are drawn at a scale of 1 to {m} and kept in {P}.",
)

HEADINGS: tuple[str, ...] = (
    "Terms", "General", "Conditions", "Provisions", "Particulars", "Further terms", "Commercial terms", "Details",
    "Scope", "Duties", "The parties", "Special terms", "Main points", "Other matters",
)  # fmt: skip

TITLES: tuple[str, ...] = (
    "[Service|Supply|Framework|Vendor] Agreement with {N}",
    "Agreement with {N}",
    "[Service|Supply|Vendor] Contract: {N}",
    "{N} - [Service|Supply|Framework] Agreement",
    "Contract with {N}",
)

OPENINGS: tuple[str, ...] = (
    "This agreement is made between {N} (the Supplier) and {B} (the Customer).",
    "Between {N}, [below|hereafter] the Supplier, and {B}, [below|hereafter] the Customer, the following is agreed.",
    "{N} (the Supplier) and {B} (the Customer) [agree as follows|have agreed on the following].",
    "The Supplier is {N}. The Customer is {B}.",
    "This contract is made by {B} as Customer and {N} as Supplier.",
)
CLOSINGS: tuple[str, ...] = (
    "Signed in {P} for {N} and {B}.",
    "Signed for the Supplier, {N}, and for the Customer, {B}.",
    "Signed by both parties in {P}.",
    "Read and signed for {N}.",
)
