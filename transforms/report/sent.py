"""What did each partner receive on which day, about whom, and what was held back from them?"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from expectations.plain import Row, grouped
from transforms.report import wording
from transforms.report.contents import Contents

DAYS = 7
OPERATIONS = {
    "CREATE": "new",
    "UPDATE": "changed",
    "DELETE": "to delete",
    "ENDED": "no longer current",
    "NOTICE": "notice",
}


@dataclass(frozen=True)
class Drop:
    """One file in all its forms, and the children in it by what it says: new, changed, to delete, notice."""

    name: str
    forms: list[str]
    row: Row
    states: list[str]
    children: dict[str, list[Row]]

    @property
    def is_withdrawal(self) -> bool:
        """True for a notice that asks to delete a file, which its name says."""
        return "_withdrawal_" in self.name


@dataclass(frozen=True)
class Day:
    """What one partner was sent on one night's run."""

    day: date
    drops: list[Drop]


@dataclass(frozen=True)
class Partner:
    """One partner's days, the latest first."""

    name: str
    title: str
    days: list[Day]

    @property
    def files(self) -> int:
        """How many files there are."""
        return sum(len(drop.forms) for day in self.days for drop in day.drops)


@dataclass(frozen=True)
class HeldBack:
    """What of some children was not sent, to whom, and for which reason."""

    children: list[Row]
    reason: str
    recipients: tuple[str, ...]
    fields: tuple[str, ...]


def partners(contents: Contents) -> list[Partner]:
    """Deliveries of the last DAYS days by partner and night."""
    children = _children_by_file(contents)
    found: dict[str, dict[date, dict[str, list[Row]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for row in sorted(contents.deliveries, key=lambda row: (row["run"], row["recipient"], row["file"])):
        night = date.fromisoformat(str(row["run"]))
        if contents.night - timedelta(days=DAYS) < night <= contents.night:
            found[row["recipient"]][night][_stem(row["file"])].append(row)
    listed = [
        Partner(
            name,
            contents.recipient_title(name),
            [
                Day(night, [_drop(stem, forms, children) for stem, forms in days[night].items()])
                for night in sorted(days, reverse=True)
            ],
        )
        for name, days in found.items()
    ]
    return sorted(listed, key=lambda partner: (partner.title, partner.name))


def _drop(stem: str, forms: list[Row], children: dict[tuple[str, str, str], dict[str, list[Row]]]) -> Drop:
    first = forms[0]
    return Drop(
        name=stem,
        forms=[_plain(row["file"]).removeprefix(f"{stem}.") for row in forms],
        row=first,
        states=sorted({row["state"] for row in forms}),
        children=children.get((str(first["run"]), first["recipient"], stem), {}),
    )


def _plain(file: str) -> str:
    """A file's name before it was encrypted, as disclosures have it."""
    return file.removesuffix(".gpg")


def _stem(file: str) -> str:
    """What the forms of one file have in common."""
    return _plain(file).partition(".")[0]


def held_back(contents: Contents) -> list[HeldBack]:
    """Rows of `held_back`, those put together that say the same of several children to the same partners."""
    of_child = grouped(contents.rows("held_back"), lambda row: (row["reason"], row["person_id"]))
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], set[str]] = defaultdict(set)
    for (reason, person), rows in of_child.items():
        recipients = sorted({contents.recipient_title(row["recipient"]) for row in rows})
        fields = sorted({wording.field_label(row["field"]) for row in rows})
        alike[reason, tuple(recipients), tuple(fields)].add(person)
    return [
        HeldBack(sorted((contents.child.get(one, {"person_id": one}) for one in people), key=_by_name), *what)
        for what, people in sorted(alike.items())
    ]


def _by_name(child: Row) -> tuple[str, str]:
    return ((child.get("surname") or "").casefold(), child["person_id"])


def _children_by_file(contents: Contents) -> dict[tuple[str, str, str], dict[str, list[Row]]]:
    """The children of each file by night, recipient and stem, under what the file says of them."""
    disclosed = {
        (str(row["run"]), row["recipient"], _stem(row["file"]), row["operation"], row["person_id"])
        for row in contents.disclosures
    }
    found: dict[tuple[str, str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for run, recipient, stem, operation, person in sorted(disclosed):
        child = contents.child.get(person, {"person_id": person})
        found[run, recipient, stem][OPERATIONS[operation]].append(child)
    return found
