"""The pack of names for a panel, circulated before it meets, so that each agency can research what it knows.

The children with their links to each other, what the panel agreed before and how it stands, and the suspected
perpetrators whom a decision shares with this panel, always apart from the children.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

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
RATINGS = ("RED", "AMBER", "GREEN", None)


class Panel(Exporter):
    """A workbook with one sheet a table, and a readable sheet."""

    schema = "panel"
    part = "names"
    needs_settings = ("panel",)
    groups: ClassVar[Groups] = {
        "person": ("category",),
        "risk": (
            *("involvement", "status", "rag", "repeats", "report_count", "missing_count", "missing"),
            *("rail_count", "rail_dates", "visited_on", "toolkit_on", "nrm_status"),
        ),
        "links": ("links",),
        "panel actions": ("panel_actions",),
        "accuracy": ("accuracy",),
    }

    def sheets(self, drop: Drop) -> list[Sheet]:
        """Children, their links, the panel's actions, and suspects."""
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
        actions = [
            [one.record.ref, names[one.record.ref], *(text(action[name]) for name in ACTIONS)]
            for one in children
            for action in one.record.content.get("panel_actions", [])
        ]
        named = [[one.record.ref, *(text(one.record.content[name]) for name in SUSPECTS)] for one in suspects]
        tied = ("Record ref", "Name", "Linked with", "Name there", "By", "Closeness", "Where")
        return [
            *super().sheets(drop),
            Sheet("Agenda", AGENDA, [_item(number, one) for number, one in enumerate(_agenda(children), start=1)]),
            Sheet("Links", tied, links),
            Sheet("Actions", ("Record ref", "Name", *map(words, ACTIONS)), actions),
            Sheet("Suspected perpetrators", ("Record ref", *map(words, SUSPECTS)), named),
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
