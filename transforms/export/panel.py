"""The pack of names for a panel, circulated before it meets, so that each agency can research what it knows.

The children with their links to each other, what the panel agreed before and how it stands, and the suspected
perpetrators whom a decision shares with this panel, always apart from the children. Two sheets are filled in at the
panel: who attended, and what was agreed, in the columns of the feed that takes it in.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from expectations.feeds import FEEDS
from transforms.export.document import Sheet, text, words
from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.holdings import Operation
from transforms.export.records import SUSPECT

ACTIONS = (
    *("held_on", "action", "owner_agency", "due_on", "power_used", "commissioned_support"),
    *("commissioned_cost", "barrier", "attended_by", "outcome", "closed_on"),
)
SUSPECTS = ("given_names", "surname", "aliases", "date_of_birth", "children", "shared_by", "shared_on")
AGENDA = ("No.", "Name", "Age", "Rating", "Missing today", "New since the last list", "Actions open", "Minutes")
ATTENDANCE = ("Agency", "Attended before, last on", "Present or apologies", "Name", "Role")
RETURNED_AS = "panel_outcomes"  # the feed that takes in what was agreed
RETURNED = tuple(column.name for column in FEEDS[RETURNED_AS].columns)  # of the sheet that comes back
OF_THE_CHILD = ("given_names", "surname", "date_of_birth", "dob_status", "gender", "postcode", "local_authority")
RATINGS = ("RED", "AMBER", "GREEN", None)


class Panel(Exporter):
    """A workbook with one sheet a table, and a readable sheet."""

    schema = "panel"
    part = "names"
    needs_settings = ("panel",)
    groups: ClassVar[Groups] = {
        "person": ("category",),
        "risk": (
            *("involvement", "status", "rag", "repeats", "report_count", "missing_now", "missing_count"),
            "missing",
            *("rail_count", "rail_dates", "visited_on", "toolkit_on", "nrm_status"),
        ),
        "links": ("links",),
        "education and family": ("education_status", "education_on", "family_support"),
        "panel actions": ("panel_actions",),
        "accuracy": ("accuracy",),
    }

    def sheets(self, drop: Drop) -> list[Sheet]:
        """Children, agenda, links, the panel's actions, suspects, and what is filled in at the panel."""
        children = [one for one in drop.disclosing if one.record.content["category"] != SUSPECT]
        suspects = [one for one in drop.disclosing if one.record.content["category"] == SUSPECT]
        names = {one.record.ref: _name(one.record.content) for one in children}
        links = [
            [
                *(one.record.ref, names[one.record.ref], link["ref"], names.get(link["ref"], ""), text(link["by"])),
                *(text(link["closeness"]), text(link.get("venues"))),
            ]
            for link, one in _closest(children)
        ]
        heard = _agenda(children)
        actions = [
            [one.record.ref, names[one.record.ref], *(text(action[name]) for name in ACTIONS)]
            for one in children
            for action in one.record.content.get("panel_actions", [])
        ]
        named = [[one.record.ref, *(text(one.record.content[name]) for name in SUSPECTS)] for one in suspects]
        tied = ("Record ref", "Name", "Linked with", "Name there", "By", "Closeness", "Where")
        return [
            *super().sheets(drop),
            Sheet("Agenda", AGENDA, [_item(number, one) for number, one in enumerate(heard, start=1)]),
            Sheet("Links", tied, links),
            Sheet("Actions", ("Record ref", "Name", *map(words, ACTIONS)), actions),
            Sheet("Suspected perpetrators", ("Record ref", *map(words, SUSPECTS)), named),
            Sheet("Attendance", ATTENDANCE, _attendance(drop, children)),
            Sheet("Agreed today", RETURNED, [_to_fill_in(drop, one) for one in heard]),
        ]


def _agenda(children: list[Operation]) -> list[Operation]:
    """Who is heard first: missing now, then by rating, then who is new, then by name."""
    return sorted(
        children,
        key=lambda one: (
            not one.record.content.get("is_missing") and not _is_missing(one.record.content),
            RATINGS.index(one.record.content.get("rag")),
            one.operation != "CREATE",
            _name(one.record.content).casefold(),
        ),
    )


def _item(number: int, one: Operation) -> list[str]:
    content = one.record.content
    waiting = [item for item in content.get("panel_actions") or () if item["closed_on"] is None]
    is_new = one.operation == "CREATE" and one.before is None
    age, rating = text(content.get("age")), text(content.get("rag"))
    return [
        *(str(number), _name(content), age, rating, text(_is_missing(content)), text(is_new)),
        *("; ".join(text(item["action"]) for item in waiting), ""),
    ]


def _attendance(drop: Drop, children: list[Operation]) -> list[list[str]]:
    """Who is expected: the agencies of the contract, and whoever attended before; who comes is written in."""
    last: dict[str, str] = dict.fromkeys(drop.recipient.settings.get("agencies", ()), "")
    for item in sorted(
        (item for one in children for item in one.record.content.get("panel_actions") or ()),
        key=lambda item: item["held_on"],
    ):
        for agency in (name.strip() for name in (item["attended_by"] or "").split(";")):
            last |= {agency: item["held_on"]} if agency else {}
    return [[agency, on, "", "", ""] for agency, on in last.items()]


def _to_fill_in(drop: Drop, one: Operation) -> list[str]:
    """A row for what the panel agrees for a child: who it is stands there, the rest is written in."""
    meeting = drop.recipient.schedule.meeting or drop.site.meeting
    held_on, panel = next(meeting.after(drop.as_of)), str(drop.recipient.settings["panel"])
    known = {name: text(one.record.content.get(name)) for name in OF_THE_CHILD}
    known |= {"outcome_ref": f"{panel}/{held_on}/{one.record.ref}", "panel": panel, "held_on": held_on.isoformat()}
    return [known.get(name, "") for name in RETURNED]


def _is_missing(content: Mapping[str, Any]) -> bool:
    return any(absence["until"] is None for absence in content.get("missing") or ())


def _closest(children: list[Operation]) -> list[tuple[dict[str, Any], Operation]]:
    """Each pair once, the closest first; of a child who is not in the file only by reference."""
    refs = {one.record.ref for one in children}
    pairs = [
        (link, one)
        for one in children
        for link in one.record.content.get("links", [])
        if link["ref"] not in refs or one.record.ref < link["ref"]
    ]
    return sorted(pairs, key=lambda pair: (-pair[0]["closeness"], pair[1].record.ref, pair[0]["ref"]))


def _name(content: Mapping[str, Any]) -> str:
    return " ".join(content[name] for name in ("given_names", "surname") if content.get(name))
