"""What does the tracker know of each child tonight?

For every person whom a record names as a child: their life from decisions and birthday, the facts that survive, what
supports them, and whether they wait for the monthly meeting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from expectations.agreed import ON_TRACKER
from expectations.fields import FACTS
from expectations.plain import Row
from transforms.reconcile import nrm
from transforms.reconcile.birthday import age_at, attains_18_on, is_believable
from transforms.reconcile.evidence import identifying, is_child, newer_than, not_withdrawn
from transforms.reconcile.facts import Fact, survivors
from transforms.reconcile.lifecycle import Birthday, Life, fold
from transforms.tables import Tables


@dataclass(frozen=True)
class Child:
    """Everything of one child that the stage's tables are made from."""

    person_id: str
    mentions: list[Row]
    decisions: list[Row]
    life: Life
    facts: dict[str, Fact]
    identifying: list[Row]
    proposing: list[Row]
    attains_18_on: date | None
    settled: bool
    doubtful: bool  # the date of birth is no child's: a person is asked, and it ages nobody out

    @property
    def state(self) -> str:
        """The state of `child`: PROPOSED where new identifying intelligence waits for a meeting."""
        return "PROPOSED" if self.proposing else self.life.state

    @property
    def category(self) -> str:
        """What kind of data subject the child is, by decisions."""
        return str(_marks(self.decisions)["data_subject_category"])

    def value(self, field: str) -> Any:
        """The surviving value of a fact, or None."""
        fact = self.facts.get(field)
        return fact.value if fact else None


def children(tables: Tables) -> list[Child]:
    """Every child, in order of person id."""
    people = sorted(tables.mentions_of)
    return [_child(tables, person) for person in people if is_child(tables.mentions_of[person])]


def _child(tables: Tables, person: str) -> Child:
    mentions = tables.mentions_of[person]
    decisions = tables.decisions_of.get(person, [])
    facts = survivors(not_withdrawn(mentions) or mentions, decisions, tables.site)
    born = facts.get("date_of_birth")
    leap = tables.site.leap_day_birthday
    day = attains_18_on(born.value, leap) if born else None
    doubtful = born is not None and born.decision_id is None and not _fits(born.value, mentions, leap)
    believed = born is not None and born.status in tables.site.ages_out_by_itself and not born.contested
    settled = believed and not doubtful
    birthday = Birthday(day, born.known_at) if settled and day and born and born.known_at else None
    opening = next((tables.openings[m["mention_key"]] for m in mentions if m["mention_key"] in tables.openings), None)
    life = fold(opening, decisions, birthday, tables.as_of)
    found = identifying(tables, person)
    adult = birthday is not None and birthday.on <= tables.as_of
    waits = life.state not in ON_TRACKER and not adult
    proposing = newer_than(tables, found, life.left_off_on) if waits else []
    return Child(person, mentions, decisions, life, facts, found, proposing, day, settled, doubtful)


def _fits(born: date, mentions: list[Row], leap_day_birthday: str) -> bool:
    """True where a date of birth fits a child on the day of the first record of it."""
    return is_believable(born, min(m["recorded_on"] for m in mentions), leap_day_birthday)


def named(tables: Tables, everyone: list[Child]) -> list[Row]:
    """Rows of `tracker_id`: those ever given, and the next numbers, by date added, for new entries."""
    rows = list(tables.tracker_id_before)
    have = tracker_ids(tables, rows)
    new = [child for child in everyone if child.life.spells and child.person_id not in have]
    given = [int(row["tracker_id"].rsplit("-", 1)[1]) for row in rows]
    last = max([*given, tables.tracker_number_before])  # no number ever becomes another child's
    in_order = sorted(new, key=lambda child: (child.life.spells[0].added_on, child.person_id))
    for number, child in enumerate(in_order, start=last + 1):
        rows.append({"tracker_id": f"CLVT-{number:06d}", "person_id": child.person_id, "given_on": tables.as_of})
    return rows


def tracker_ids(tables: Tables, rows: list[Row]) -> dict[str, str]:
    """Tracker id by person of tonight: their own, else the oldest of those that went into them."""
    own = {row["person_id"]: row["tracker_id"] for row in rows if tables.now(row["person_id"]) == row["person_id"]}
    inherited: dict[str, str] = {}
    for row in sorted(rows, key=lambda row: row["tracker_id"]):
        inherited.setdefault(tables.now(row["person_id"]), row["tracker_id"])
    return inherited | own


def entries(tables: Tables, given: list[Row], children: list[Row]) -> list[Row]:
    """Rows of `tracker_id` with what each entry came to: no number is ever gone, even where no child bears it now."""
    bearers = {row["tracker_id"]: row for row in children if row["tracker_id"] and row["added_on"]}
    ids = tracker_ids(tables, given)
    return [_entry(tables, row, bearers.get(row["tracker_id"]), ids.get(tables.now(row["person_id"]))) for row in given]


def _entry(tables: Tables, row: Row, bearer: Row | None, goes_on_as: str | None) -> Row:
    if bearer is not None:
        earlier = {"status": bearer["status"], "added_on": bearer["added_on"], "ended_on": None, "ended_into": None}
        return {**row, **earlier}
    into = goes_on_as if goes_on_as != row["tracker_id"] else None
    return {**row, "ended_on": row.get("ended_on") or tables.as_of, "ended_into": into}


def child_row(tables: Tables, child: Child, tracker_id: str | None) -> Row:
    """The child's row of the table `child`."""
    before = tables.before.get(child.person_id)
    supported = not_withdrawn(child.mentions)
    spell = child.life.spells[-1] if child.life.spells else None
    marks = _marks(child.decisions)
    born = child.value("date_of_birth")
    return {
        **{field: child.value(field) for field in FACTS},
        **marks,
        **nrm.case(tables, child.mentions, child.decisions),
        "person_id": child.person_id,
        "tracker_id": tracker_id,
        "state": child.state,
        "status": child.life.status,
        "identified_on": _identified_on(tables, child, before),
        "proposed_on": _proposed_on(tables, child, before),
        "added_on": child.life.spells[0].added_on if spell else None,
        "removed_on": spell.removed_on if spell else None,
        "removal_reason": spell.removal_reason if spell else None,
        "declined_on": child.life.declined_on,
        "aliases": sorted({m["alias"] for m in supported if m["alias"]}),
        "dob_status": _dob_status(child),
        "birth_year": born.year if born else child.value("birth_year"),
        "age": age_at(born, tables.as_of, tables.site.leap_day_birthday) if born else None,
        "attains_18_on": child.attains_18_on,
        "age_presumed": not child.settled,
        "panel": _panel(tables, child),
        "involvement": _involvement(supported),
        "line_refs": sorted({m["line_ref"] for m in supported if m["line_ref"] and m["role"] == "CHILD"}),
        "themes": _themes(tables, supported),
        "report_count": sum(m["source"] == "intelligence" for m in supported),
        "last_seen_on": max((m["recorded_on"] for m in supported), default=None),
        "mention_keys": [m["mention_key"] for m in child.mentions],
    }


def _identified_on(tables: Tables, child: Child, before: Row | None) -> date | None:
    if before and before["identified_on"]:
        return before["identified_on"]  # type: ignore[no-any-return]
    days = [tables.counts_from(m) for m in child.identifying[:1]]
    days += [spell.added_on for spell in child.life.spells[:1]]
    return min(days, default=None)


def _proposed_on(tables: Tables, child: Child, before: Row | None) -> date | None:
    if child.proposing:
        return tables.counts_from(child.proposing[0])
    return before["proposed_on"] if before else None


def _dob_status(child: Child) -> str:
    born = child.facts.get("date_of_birth")
    if born is None:
        return "ESTIMATED" if child.value("birth_year") else "UNKNOWN"
    return "DISPUTED" if born.contested else born.status


def _panel(tables: Tables, child: Child) -> str | None:
    authority = tables.site.local_authorities.get(child.value("local_authority") or "")
    return authority.panel if authority else None


def _involvement(mentions: list[Row]) -> str | None:
    found = {m["involvement"] for m in mentions}
    return next((name for name in ("INVOLVED", "LINKED") if name in found), None)


def _themes(tables: Tables, mentions: list[Row]) -> list[str]:
    """What the flags of standing reports that name the child say, by the site."""
    reports = (tables.reports.get(m["record_ref"], {}) for m in mentions if m["source"] == "intelligence")
    flags = {flag.casefold() for report in reports for flag in report.get("flags") or ()}
    return sorted({tables.site.theme_of[flag] for flag in flags if flag in tables.site.theme_of})


def _marks(decisions: list[Row]) -> Row:
    """What decisions say of the record itself: restricted, disputed, category, visits, toolkit, and the like."""
    marks: Row = {
        "restricted": False,
        "disputed": False,
        "data_subject_category": "VICTIM_OR_MAY_BE",
        "visited_on": None,
        "toolkit_on": None,
    }
    for row in decisions:
        if row["action"] in MARKS:
            marks |= MARKS[row["action"]](row)
    return marks


def _day(row: Row) -> date:
    try:
        return date.fromisoformat(row["value"] or "")
    except ValueError:
        return row["decided_on"]  # type: ignore[no-any-return]


MARKS: dict[str, Callable[[Row], Row]] = {
    "RESTRICT": lambda row: {"restricted": True},
    "UNRESTRICT": lambda row: {"restricted": False},
    "DISPUTE": lambda row: {"disputed": True},
    "UNDISPUTE": lambda row: {"disputed": False},
    "SUSPECT_EVIDENCE": lambda row: {"data_subject_category": "SUSPECT"},
    "VISITED": lambda row: {"visited_on": _day(row)},
    "TOOLKIT_COMPLETED": lambda row: {"toolkit_on": _day(row)},
    "CONCERN": lambda row: {
        "concern": row["value"],
        "concern_urgency": row["reason_code"],
        "concern_on": row["decided_on"],
    },
    "CONSENT": lambda row: {"consent": row["value"], "parents": row["reason_code"], "consent_on": row["decided_on"]},
    "MOVED": lambda row: dict(zip(("moved_to_authority", "moved_to_force"), row["value"].split(" | "), strict=True)),
    "REVIEWED": lambda row: {"review_outcome": row["reason_code"], "next_review_on": _day(row)},
}


def fact_rows(child: Child) -> list[Row]:
    """The child's rows of the table `fact`."""
    rows = []
    for fact in child.facts.values():
        disputed = fact._replace(status="DISPUTED") if fact.contested else fact
        rows.append(
            {
                "person_id": child.person_id,
                "field": fact.field,
                "value": fact.value.isoformat() if isinstance(fact.value, date) else str(fact.value),
                "status": disputed.status,
                "mention_key": fact.mention_key,
                "decision_id": fact.decision_id,
                "recorded_on": fact.recorded_on,
                "supporting_mention_keys": list(fact.supporting),
            }
        )
    return rows


def spell_rows(child: Child, tracker_id: str | None) -> list[Row]:
    """The child's rows of the table `spell`."""
    return [
        {"person_id": child.person_id, "tracker_id": tracker_id, "number": number, **spell.__dict__}
        for number, spell in enumerate(child.life.spells, start=1)
    ]
