"""What intelligence identifies a child, and which reports still stand behind the entry?

A child is identified when authorised intelligence names them as linked or involved and is not graded as unreliable or
suspected false. Such intelligence alone proposes; everything else is held, and attaches to the child.
"""

import re
from datetime import date

from expectations.plain import Row
from expectations.site import Site
from transforms.reconcile.known import Known


def identifies(mention: Row, report: Row | None, site: Site) -> bool:
    """True where this mention on its own may propose the child."""
    if report is None or mention["withdrawn"] or mention["role"] != "CHILD" or not mention["involvement"]:
        return False
    weak = site.grades_that_do_not_propose.get(report["grade_scheme"])
    return not (weak and re.match(weak, report["grade"]))


def identifying(known: Known, person: str) -> list[Row]:
    """Mentions that identify the child, the first known first."""
    found = [m for m in known.mentions_of[person] if identifies(m, known.reports.get(m["record_ref"]), known.site)]
    return sorted(found, key=lambda m: (known.known_on(m), m["mention_key"]))


def not_withdrawn(mentions: list[Row]) -> list[Row]:
    """Mentions whose record was not withdrawn."""
    return [row for row in mentions if not row["withdrawn"]]


def newer_than(known: Known, mentions: list[Row], day: date | None) -> list[Row]:
    """Mentions that were not known on a day: what a meeting of that day could not have heard."""
    return [row for row in mentions if day is None or known.known_on(row) > day]


def is_child(mentions: list[Row]) -> bool:
    """True where any record names the person as a child; suspects and associates never become entries."""
    return any(row["role"] == "CHILD" for row in mentions)
