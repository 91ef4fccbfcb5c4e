"""Which suspected perpetrators may a panel have by name, by decisions that share them with it?

The person whom the decision names, and with the same protections as a child: restricted, disputed, possibly under 18,
or recorded as a child and victim, nobody hears the name. UNSHARE_SUSPECT ends it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from expectations.plain import Row
from expectations.recipients import Recipient
from transforms.export.records import SUSPECT, record_ref
from transforms.export.release import caveats, withheld
from transforms.export.shareable import plain
from transforms.reconcile.panels import Shared, closed_to_panels
from transforms.tables import Tables

SHARE, UNSHARE = "SHARE_SUSPECT", "UNSHARE_SUSPECT"
DECIDED_BY = (SHARE, UNSHARE)  # whether a panel has somebody who is no child of the tracker


@dataclass(frozen=True)
class Suspect:
    """A person whom decisions name to a panel; `code` says why the name does not leave, empty where it does."""

    ref: str
    person_id: str
    content: Mapping[str, Any]
    code: str


def suspects_for(tables: Tables, recipient: Recipient, children: Mapping[str, str]) -> Iterator[Suspect]:
    """Everybody whom a decision ever shared with this panel, each once: by the last decision on the person.

    `children` are the refs of the children whom the panel hears, by person_id.
    """
    panel = recipient.settings["panel"]
    last = {
        tables.persons[decision["mention_key"]]: decision
        for decision in tables.decisions_in_force
        if decision["action"] in DECIDED_BY
        and decision["value"] == panel
        and decision["mention_key"] in tables.mentions
    }
    for person, decision in sorted(last.items()):
        mention = tables.mentions[decision["mention_key"]]
        is_shared = decision["action"] == SHARE
        code = _refusal(tables, recipient, mention, person, decision) if is_shared else "UNSHARED"
        yield Suspect(
            record_ref(tables.site.force_code, person, SUSPECT),
            person,
            _content(tables, mention, decision, children),
            code,
        )


def _refusal(tables: Tables, recipient: Recipient, mention: Row, person: str, decision: Row) -> str:
    confirmed = f"decision:{decision['decision_id']}" in tables.confirmed
    report = tables.reports.get(mention["record_ref"])
    category = tables.children[person]["data_subject_category"] if person in tables.children else None
    shared = Shared(tables.mentions_of.get(person, []), tables.in_force_on(person), category)
    return closed_to_panels(shared, tables.site, tables.as_of, confirmed=confirmed) or withheld(
        caveats(mention, report), recipient, tables.site, tables.as_of
    )


def _content(tables: Tables, mention: Row, decision: Row, children: Mapping[str, str]) -> dict[str, Any]:
    return {
        "category": SUSPECT,
        "given_names": mention["given_names"],
        "surname": mention["surname"],
        "aliases": [mention["alias"]] if mention["alias"] else [],
        "date_of_birth": plain(mention["date_of_birth"]),
        "children": _children(tables, mention, children),
        "shared_by": decision["decision_id"],
        "shared_on": plain(decision["decided_at"].date()),
        "accuracy": {"grades": [mention["grade"]] if mention["grade"] else [], "known_as": {}},
    }


def _children(tables: Tables, suspect: Row, children: Mapping[str, str]) -> list[dict[str, Any]]:
    """The children of the panel whom the same report names, or one on the same line: refs, and by what."""
    found = []
    for person, ref in sorted(children.items(), key=lambda one: one[1]):
        mentions = tables.child_mentions.get(person, ())
        by_report = any(one["record_ref"] == suspect["record_ref"] for one in mentions)
        by_line = suspect["line_ref"] in tables.identified_lines and any(
            one["line_ref"] == suspect["line_ref"] for one in mentions
        )
        by = [name for name, is_so in (("REPORT", by_report), ("LINE", by_line)) if is_so]
        found += [{"ref": ref, "by": by}] if by else []
    return found
