"""What intelligence identifies a child, and which reports still stand behind the entry?

A child is identified when authorised intelligence names them as linked or involved and is not graded as unreliable or
suspected false. Such intelligence alone proposes; everything else is held, and attaches to the child.
"""

import re
from datetime import date

from expectations.plain import Row
from expectations.site import Site
from transforms.tables import Tables


def identifies(mention: Row, report: Row | None, site: Site) -> bool:
    """True where this mention on its own may propose the child."""
    if report is None or mention["withdrawn"] or mention["role"] != "CHILD" or not mention["involvement"]:
        return False
    weak = site.grades_that_do_not_propose.get(report["grade_scheme"])
    return not (weak and re.match(weak, report["grade"]))


def identifying(tables: Tables, person: str) -> list[Row]:
    """Mentions that identify the child, the first known first."""
    found = [m for m in tables.mentions_of[person] if identifies(m, tables.reports.get(m["record_ref"]), tables.site)]
    return sorted(found, key=lambda m: (tables.counts_from(m), m["mention_key"]))


def not_withdrawn(mentions: list[Row]) -> list[Row]:
    """Mentions whose record was not withdrawn."""
    return [row for row in mentions if not row["withdrawn"]]


def newer_than(tables: Tables, mentions: list[Row], day: date | None) -> list[Row]:
    """Mentions that were not known on a day: what a meeting of that day could not have heard."""
    return [row for row in mentions if day is None or tables.counts_from(row) > day]


def is_child(mentions: list[Row]) -> bool:
    """True where any record names the person as a child; suspects and associates never become entries."""
    return any(row["role"] == "CHILD" for row in mentions)
