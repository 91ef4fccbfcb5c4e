"""Who are the two people of a same-person question, and what have they in common?

All records of both beside each other, not only the two that were compared: every value that was ever recorded with how
often, what both have, and where they have nothing in common what linkage itself found of the two records.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from expectations.plain import Row
from transforms.link.model import words
from transforms.report import evidence, wording
from transforms.report.evidence import COMPARED, IN_THE_MODEL

VALUES_SHOWN = 6
AGREE, NEARLY, DIFFER, ABSENT, NOT_COMPARED = "agree", "nearly", "differ", "absent", ""
IN_WORDS = {
    AGREE: "✓ agree",
    NEARLY: "≈ nearly agree",
    DIFFER: "✗ differ",
    ABSENT: "– not in both",
    NOT_COMPARED: "not compared",
}
_FOUND = {words.AGREE: AGREE, words.NEARLY: NEARLY, words.DIFFER: DIFFER}
ALSO = ("policing_area", "line_ref")  # what the model does not weigh and people look at


@dataclass(frozen=True)
class Report:
    """One record of a person: where it comes from, and the words of an intelligence report."""

    record: Row
    title: str
    text: str


@dataclass(frozen=True)
class Someone:
    """One side: the person as the tracker has them, and every record of theirs, the latest first."""

    person_id: str
    child: Row
    records: list[Row]
    reports: list[Report]

    @property
    def heading(self) -> Row:
        """Name and id, of the entry or as recorded last."""
        named = next((row for row in self.records if row["surname"] or row["given_names"]), {})
        return self.child or {**named, "person_id": self.person_id}


@dataclass(frozen=True)
class Both:
    """One field of both: each side's values with how many records have them, which both have, and how they compare."""

    label: str
    left: list[tuple[str, int]]
    right: list[tuple[str, int]]
    shared: frozenset[str]
    verdict: str

    @property
    def in_words(self) -> str:
        """How they compare, by a mark and a word."""
        return IN_WORDS[self.verdict]


@dataclass(frozen=True)
class TwoPeople:
    """Both sides and what is known of each field of either; `letter` where the first may be one of several people."""

    left: Someone
    right: Someone
    rows: list[Both]
    letter: str = ""

    @property
    def title(self) -> str:
        """Both names in a line."""
        return " and ".join(_name(side.heading) for side in (self.left, self.right))


def someone(person_id: str, child: Row, mentions: list[Row], reports: Mapping[str, Row]) -> Someone:
    """One side, of rows of `mention` and of the reports' words by reference."""
    records = sorted(mentions, key=lambda row: (row["recorded_on"], row["mention_key"]), reverse=True)
    quoted = [Report(row, *_words(reports.get(row["record_ref"], {}))) for row in records]
    return Someone(person_id, child, records, quoted)


def two_people(
    left: Someone, right: Someone, weights: str | None, line_names: Mapping[str, str], letter: str = ""
) -> TwoPeople:
    """Both sides with the fields that either has; `weights` are those of the question."""
    levels = evidence.levels_of(weights)
    found = []
    for name in (*COMPARED, *(name for name in ALSO if name not in COMPARED)):
        ours, theirs = (_values(side.records, name, line_names) for side in (left, right))
        if ours or theirs:
            found.append(_both(name, ours, theirs, levels))
    return TwoPeople(left, right, found, letter)


def _both(name: str, ours: Counter[str], theirs: Counter[str], levels: Mapping[str, str]) -> Both:
    alike = {_comparable(value) for value in ours} & {_comparable(value) for value in theirs}
    shared = frozenset(value for value in (*ours, *theirs) if _comparable(value) in alike)
    return Both(
        wording.field_label(name),
        ours.most_common(VALUES_SHOWN),
        theirs.most_common(VALUES_SHOWN),
        shared,
        _verdict(name, bool(ours), bool(theirs), bool(shared), levels),
    )


def _verdict(name: str, ours: bool, theirs: bool, shared: bool, levels: Mapping[str, str]) -> str:
    if shared:
        return AGREE
    if not (ours and theirs):
        return ABSENT
    field = IN_THE_MODEL.get(name, "")
    return _FOUND[words.found(field, levels[field]).verdict] if field in levels else NOT_COMPARED


def _values(records: list[Row], name: str, line_names: Mapping[str, str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in records:
        value = row.get(name)
        if name == "line_ref":
            value = line_names.get(value or "", value)
        elif name == "date_of_birth":
            value = evidence.date_of_birth(row)
        for one in value if isinstance(value, list) else [value]:
            if one:
                counted[wording.visible(one)] += 1
    return counted


def _comparable(value: str) -> str:
    """A value without what says how sure it is, so that one date stated and verified is one date."""
    return value.partition(" (")[0].casefold()


def _words(quoted: Row) -> tuple[str, str]:
    return wording.visible(quoted.get("title")), wording.visible(quoted.get("text"))


def _name(row: Row) -> str:
    parts = (row.get("surname"), row.get("given_names"))
    return wording.visible(", ".join(part for part in parts if part)) or "name not known"
