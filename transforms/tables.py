"""Which rows does a night have, and how are they looked up?

What reconcile, the clocks and export read of one night, with the look-ups that all of them make. A table that a stage
did not ask for is empty.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from expectations.actions import ACTIONS, MEETING
from expectations.plain import Row, grouped
from expectations.questions import candidates
from expectations.site import Site
from transforms.export.records import refs_of
from transforms.link.merged import merged_ids

DATED_BY = ("MEETING",)
LED = ("CONCERN", "VISITED")


def is_of_a_meeting(decision: Row) -> bool:
    """True for what the monthly meeting decides."""
    return ACTIONS[decision["action"]].who == MEETING


def _by_key(column: str, table: str) -> cached_property[dict[str, Row]]:
    """The rows of one of the tables, by a column that no two of them share."""
    return cached_property(lambda tables: _by(column, getattr(tables, table)))


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Rows of the tables of a night, each by its contract's name; `as_of` is the night's date.

    `…_before` are tables of the last night that was published, `outcomes_before` the references of front doors' answers
    that it had; `person_event` are those of every night since a recipient was last reached. `refused_elsewhere` are
    refusals of earlier stages, `places_heard` the authorities and forces that some recipient's contract is for, and
    `held_nights` the earlier nights that were held.
    """

    as_of: date
    site: Site
    mention: list[Row] = field(default_factory=list)
    person: list[Row] = field(default_factory=list)
    person_id: list[Row] = field(default_factory=list)
    person_event: list[Row] = field(default_factory=list)
    same_person_question: list[Row] = field(default_factory=list)
    report: list[Row] = field(default_factory=list)
    line: list[Row] = field(default_factory=list)
    decision: list[Row] = field(default_factory=list)
    opening_entry: list[Row] = field(default_factory=list)
    sca_referral: list[Row] = field(default_factory=list)
    panel_outcome: list[Row] = field(default_factory=list)
    missing_episode: list[Row] = field(default_factory=list)
    btp_report: list[Row] = field(default_factory=list)
    force_sighting: list[Row] = field(default_factory=list)
    mash_outcome: list[Row] = field(default_factory=list)
    child: list[Row] = field(default_factory=list)
    fact: list[Row] = field(default_factory=list)
    route: list[Row] = field(default_factory=list)
    action: list[Row] = field(default_factory=list)
    refusal: list[Row] = field(default_factory=list)
    refused_elsewhere: list[Row] = field(default_factory=list)
    child_before: list[Row] = field(default_factory=list)
    review_before: list[Row] = field(default_factory=list)
    refusal_before: list[Row] = field(default_factory=list)
    tracker_id_before: list[Row] = field(default_factory=list)
    tracker_number_before: int = 0  # the highest that was given before somebody was erased
    route_before: list[Row] = field(default_factory=list)
    outcomes_before: frozenset[str] = frozenset()
    places_heard: frozenset[str] = frozenset()
    held_nights: frozenset[date] = frozenset()

    mentions = _by_key("mention_key", "mention")
    reports = _by_key("report_ref", "report")
    lines = _by_key("line_ref", "line")
    openings = _by_key("mention_key", "opening_entry")
    sca_referrals = _by_key("mention_key", "sca_referral")
    outcomes = _by_key("mention_key", "panel_outcome")
    episodes = _by_key("mention_key", "missing_episode")
    rail = _by_key("mention_key", "btp_report")
    children = _by_key("person_id", "child")

    @cached_property
    def identified_lines(self) -> frozenset[str]:
        """line_ref of each line that is identified."""
        return frozenset(row["line_ref"] for row in self.line if row["kind"] == "IDENTIFIED")

    @cached_property
    def generic_lines(self) -> frozenset[str]:
        """line_ref of each line that stands for children on none that is identified."""
        return frozenset(row["line_ref"] for row in self.line if row["kind"] == "GENERIC_CHILDREN")

    @cached_property
    def persons(self) -> dict[str, str]:
        """person_id by mention key."""
        return {row["mention_key"]: row["person_id"] for row in self.person}

    @cached_property
    def mentions_of(self) -> dict[str, list[Row]]:
        """Every mention of each person, whatever it names the person as, in order of key."""
        return self.of_persons(sorted(self.mention, key=lambda row: row["mention_key"]))

    @cached_property
    def child_mentions(self) -> dict[str, list[Row]]:
        """Mentions that name a child as one, by person_id, in order of key."""
        named = {child["person_id"]: sorted(child["mention_keys"]) for child in self.child}
        found = {person: [self.mentions[key] for key in keys if key in self.mentions] for person, keys in named.items()}
        return {person: [row for row in rows if row["role"] == "CHILD"] for person, rows in found.items()}

    @cached_property
    def facts(self) -> dict[str, dict[str, Row]]:
        """Facts by person_id and field."""
        by_person = grouped(self.fact, lambda row: str(row["person_id"]))
        return {person: _by("field", rows) for person, rows in by_person.items()}

    @cached_property
    def routes(self) -> dict[str, list[Row]]:
        """Who has to hear of each child, by person_id."""
        return grouped(self.route, lambda row: row["person_id"])

    @cached_property
    def refs(self) -> dict[str, list[str]]:
        """Every reference that partners may know a child's record by, its own of tonight first, by person_id."""
        people = [row["person_id"] for row in self.child]
        ids = {person: (person, *self.merged_away(person)) for person in people}
        force = self.site.force_code
        return {person: [ref for one in them for ref in refs_of(force, one)] for person, them in ids.items()}

    @cached_property
    def person_by_ref(self) -> dict[str, str]:
        """Person id of the night by every reference that partners may know a record by."""
        ids = [row["person_id"] for row in self.person_id]
        return {ref: self.now(one) for one in ids for ref in refs_of(self.site.force_code, one)}

    @cached_property
    def sightings_of(self) -> dict[str, list[Row]]:
        """Sightings by other forces of each person: of whom the record names, else of whom its mention does."""
        by_ref, persons = self.person_by_ref, self.persons
        return grouped(
            self.force_sighting, lambda row: by_ref.get(row["record_ref"] or "", persons[row["mention_key"]])
        )

    @cached_property
    def doubles(self) -> dict[str, set[str]]:
        """For each person those who may be the same, by the questions of the night."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.same_person_question:
            one = self.persons[row["mention_key"]]
            for other in map(self.persons.__getitem__, candidates(row)):
                found[one].add(other)
                found[other].add(one)
        return dict(found)

    @cached_property
    def decisions_of(self) -> dict[str, list[Row]]:
        """Decisions on each person in order of time, with `decided_on`, the local date; unknown mentions left out."""
        return self.of_persons(self.decisions_in_order)

    @cached_property
    def decisions_on_pair(self) -> dict[frozenset[str], list[Row]]:
        """Decisions on who is who by the two mentions they name, in order of time."""
        rows = (row for row in self.decisions_in_order if row["other_mention_key"])
        return grouped(rows, lambda row: frozenset((row["mention_key"], row["other_mention_key"])))

    @cached_property
    def decisions_between(self) -> dict[frozenset[str], list[Row]]:
        """Decisions on who is who by the two people whose mentions they name, in order of time."""
        found: dict[frozenset[str], list[Row]] = defaultdict(list)
        for pair, rows in self.decisions_on_pair.items():
            people = frozenset(filter(None, map(self.persons.get, pair)))
            if len(people) == len(pair):
                found[people] += rows
        return dict(found)

    @cached_property
    def decisions_in_order(self) -> list[Row]:
        """All decisions in order of time, with `decided_on`: the day of its meeting, where that is known and decides.

        What a meeting decided counts from its day, whenever it was typed in.
        """
        held_on = self._meetings
        dated = [
            {
                **row,
                "decided_on": held_on.get(
                    row["meeting_ref"] if is_of_a_meeting(row) else "", self.site.local_day(row["decided_at"])
                ),
            }
            for row in self.decision
        ]
        return sorted(dated, key=lambda row: (row["decided_on"], row["decided_at"], row["decision_id"]))

    @cached_property
    def _meetings(self) -> dict[str, date]:
        """The day of each meeting that a decision gives one, by its reference; the last word stands."""
        given = sorted(self.decision, key=lambda row: (row["decided_at"], row["decision_id"]))
        return {row["meeting_ref"]: date.fromisoformat(row["value"]) for row in given if row["action"] in DATED_BY}

    @cached_property
    def decisions_in_force(self) -> list[Row]:
        """Decisions that were neither refused nor held, in order of time."""
        idle = {row["decision_id"] for row in self.refusal}
        rows = [row for row in self.decision if row["decision_id"] not in idle]
        return sorted(rows, key=lambda row: (row["decided_at"], row["decision_id"]))

    @cached_property
    def _in_force_on(self) -> dict[str, list[Row]]:
        return self.of_persons(self.decisions_in_force)

    def in_force_on(self, person: str) -> list[Row]:
        """Those decisions on a person."""
        return self._in_force_on.get(person, [])

    @cached_property
    def led_by(self) -> dict[str, Row]:
        """The last decision of an officer who visited a child or wrote words for partners, by mention key."""
        return {row["mention_key"]: row for row in self.decisions_in_force if row["action"] in LED}

    @cached_property
    def confirmed(self) -> frozenset[str]:
        """What people confirmed, by the references that their decisions name."""
        return frozenset(row["value"] for row in self.decisions_in_force if row["action"] == "CONFIRM" and row["value"])

    @cached_property
    def merged(self) -> dict[str, str]:
        """The person_id that now stands for one that was merged away."""
        return merged_ids(self.person_id)

    def now(self, person: str) -> str:
        """The id that stands now for a person id of any night."""
        return self.merged.get(person, person)

    @cached_property
    def _merged_away(self) -> dict[str, list[str]]:
        return grouped(sorted(self.merged), lambda gone: self.merged[gone])

    def merged_away(self, person: str) -> list[str]:
        """Ids that were merged into that of a person."""
        return self._merged_away.get(person, [])

    def split_after(self, day: date | None) -> set[str]:
        """Persons from whom another was split off after a day; None: ever, as far as is known."""
        splits = (row for row in self.person_event if row["kind"] == "SPLIT")
        return {row["person_id"] for row in splits if day is None or row["happened_on"] > day}

    @cached_property
    def before(self) -> dict[str, Row]:
        """The night before's `child` row of each person of the night, across merges."""
        found: dict[str, Row] = {}
        for row in self.child_before:
            person = self.now(row["person_id"])
            if person == row["person_id"] or person not in found:
                found[person] = row
        return found

    @cached_property
    def first_night(self) -> date | None:
        """The night that took all history over."""
        return min((row["first_landed_on"] for row in self.mention), default=None)

    def counts_from(self, mention: Row) -> date:
        """The first night that had a mention; for history taken over at once, the first that could have."""
        if mention["first_landed_on"] != self.first_night:
            return mention["first_landed_on"]  # type: ignore[no-any-return]
        return min(self.site.local_day(mention["first_stamp"] or mention["stamp"]) + timedelta(days=1), self.as_of)

    def of_persons(self, rows: Iterable[Row]) -> dict[str, list[Row]]:
        """Rows by the person whom their mention names, in their order; of a mention that there is not, none."""
        known = (row for row in rows if row["mention_key"] in self.persons)
        return grouped(known, lambda row: self.persons[row["mention_key"]])


def _by(column: str, rows: Iterable[Row]) -> dict[str, Row]:
    return {row[column]: row for row in rows}
