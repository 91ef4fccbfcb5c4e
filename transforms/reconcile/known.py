"""What does a night know of the people named, before it reconciles the tracker?"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from expectations.actions import ACTIONS, MEETING
from expectations.plain import Row
from expectations.site import Site
from transforms.export.records import record_ref
from transforms.link.merged import merged_ids

DATED_BY = ("MEETING",)


def is_of_a_meeting(decision: Row) -> bool:
    """True for what the monthly meeting decides."""
    return ACTIONS[decision["action"]].who == MEETING


@dataclass(frozen=True)
class Known:
    """Rows of tonight's tables (see their contracts), and the night before's results where there was one."""

    as_of: date
    site: Site
    mention: list[Row]
    person: list[Row]
    report: list[Row] = field(default_factory=list)
    decision: list[Row] = field(default_factory=list)
    opening_entry: list[Row] = field(default_factory=list)
    sca_referral: list[Row] = field(default_factory=list)
    panel_outcome: list[Row] = field(default_factory=list)
    missing_episode: list[Row] = field(default_factory=list)
    force_sighting: list[Row] = field(default_factory=list)
    person_id: list[Row] = field(default_factory=list)
    person_event: list[Row] = field(default_factory=list)
    same_person_question: list[Row] = field(default_factory=list)
    refused_elsewhere: list[Row] = field(default_factory=list)
    child_before: list[Row] = field(default_factory=list)
    review_before: list[Row] = field(default_factory=list)
    refusal_before: list[Row] = field(default_factory=list)
    tracker_id_before: list[Row] = field(default_factory=list)
    heard: frozenset[str] = frozenset()  # authorities and forces that some recipient's contract is for

    @cached_property
    def mentions(self) -> dict[str, Row]:
        """Mentions by key."""
        return {row["mention_key"]: row for row in self.mention}

    @cached_property
    def reports(self) -> dict[str, Row]:
        """Reports by reference."""
        return {row["report_ref"]: row for row in self.report}

    @cached_property
    def sca_referrals(self) -> dict[str, Row]:
        """Referrals and decisions of the Single Competent Authority by mention key."""
        return {row["mention_key"]: row for row in self.sca_referral}

    @cached_property
    def episodes(self) -> dict[str, Row]:
        """Missing episodes by mention key."""
        return {row["mention_key"]: row for row in self.missing_episode}

    @cached_property
    def sightings_of(self) -> dict[str, list[Row]]:
        """Sightings by other forces of each person: of whom the record names, else of whom its mention does."""
        people = {record_ref(row["person_id"]): self.now(row["person_id"]) for row in self.person_id}
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.force_sighting:
            found[people.get(row["record_ref"] or "", self.persons[row["mention_key"]])].append(row)
        return found

    @cached_property
    def openings(self) -> dict[str, Row]:
        """Entries of the tracker that was taken over by mention key."""
        return {row["mention_key"]: row for row in self.opening_entry}

    @cached_property
    def persons(self) -> dict[str, str]:
        """Person id by mention key."""
        return {row["mention_key"]: row["person_id"] for row in self.person}

    @cached_property
    def mentions_of(self) -> dict[str, list[Row]]:
        """Mentions of each person, in order of key."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.mention, key=lambda row: row["mention_key"]):
            found[self.persons[row["mention_key"]]].append(row)
        return dict(found)

    @cached_property
    def decisions_of(self) -> dict[str, list[Row]]:
        """Decisions on each person in order of time, with `decided_on`, the local date; unknown mentions left out."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.decisions_in_order:
            person = self.persons.get(row["mention_key"])
            if person is not None:
                found[person].append(row)
        return dict(found)

    @cached_property
    def doubles(self) -> dict[str, set[str]]:
        """For each person those who may be the same, by the questions of tonight."""
        found: dict[str, set[str]] = defaultdict(set)
        for row in self.same_person_question:
            one, other = self.persons[row["mention_key"]], self.persons[row["other_mention_key"]]
            found[one].add(other)
            found[other].add(one)
        return dict(found)

    @cached_property
    def decisions_on_pair(self) -> dict[frozenset[str], list[Row]]:
        """Decisions on who is who by the two mentions they name, in order of time."""
        found: dict[frozenset[str], list[Row]] = defaultdict(list)
        for row in self.decisions_in_order:
            if row["other_mention_key"]:
                found[frozenset((row["mention_key"], row["other_mention_key"]))].append(row)
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
                    row["meeting_ref"] if is_of_a_meeting(row) else "", self.local_day(row["decided_at"])
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
    def before(self) -> dict[str, Row]:
        """The night before's `child` row of each person of tonight, across merges."""
        found: dict[str, Row] = {}
        for row in self.child_before:
            person = self.now(row["person_id"])
            if person == row["person_id"] or person not in found:
                found[person] = row
        return found

    @cached_property
    def _merged(self) -> dict[str, str]:
        return merged_ids(self.person_id)

    def now(self, person: str) -> str:
        """The id that stands tonight for a person id of any night."""
        return self._merged.get(person, person)

    @cached_property
    def first_night(self) -> date | None:
        """The night that took all history over."""
        return min((row["first_landed_on"] for row in self.mention), default=None)

    def known_on(self, mention: Row) -> date:
        """The first night that knew of a mention; for history taken over at once, the first that could have."""
        if mention["first_landed_on"] != self.first_night:
            return mention["first_landed_on"]  # type: ignore[no-any-return]
        return min(self.local_day(mention["first_stamp"] or mention["stamp"]) + timedelta(days=1), self.as_of)

    def local_day(self, moment: datetime) -> date:
        """The date of a moment in the force's own time."""
        return moment.astimezone(ZoneInfo(self.site.timezone)).date()
