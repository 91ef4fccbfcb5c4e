"""The pack of names for a panel, circulated before it meets, so that each agency can research what it knows.

The children with their links to each other, what the panel agreed before and how it stands, and the suspected
perpetrators whom a decision shares with this panel, always apart from the children.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from transforms.export.document import Sheet, text, words
from transforms.export.exporter import Drop, Exporter, Groups
from transforms.export.records import SUSPECT

ACTIONS = (
    *("held_on", "action", "owner_agency", "due_on", "power_used", "commissioned_support"),
    *("commissioned_cost", "outcome", "closed_on"),
)
SUSPECTS = ("given_names", "surname", "aliases", "shared_by", "shared_on")


class Panel(Exporter):
    """A workbook with one sheet a table, and a readable sheet."""

    schema = "panel"
    part = "names"
    heading = "person"
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
            [one.record.ref, names[one.record.ref], link["ref"], names.get(link["ref"], ""), text(link["by"])]
            for one in children
            for link in one.record.content.get("links", [])
        ]
        actions = [
            [one.record.ref, names[one.record.ref], *(text(action[name]) for name in ACTIONS)]
            for one in children
            for action in one.record.content.get("panel_actions", [])
        ]
        named = [[one.record.ref, *(text(one.record.content[name]) for name in SUSPECTS)] for one in suspects]
        return [
            *super().sheets(drop),
            Sheet("Links", ("Record ref", "Name", "Linked with", "Name there", "By"), links),
            Sheet("Actions", ("Record ref", "Name", *map(words, ACTIONS)), actions),
            Sheet("Suspected perpetrators", ("Record ref", *map(words, SUSPECTS)), named),
        ]


def _name(content: Mapping[str, Any]) -> str:
    return " ".join(content[name] for name in ("given_names", "surname") if content.get(name))
