"""What does the night know, as far as it may concern a recipient?

The tables that export reads, as rows, with the look-ups that every recipient needs.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from expectations.plain import Row
from expectations.site import Site
from transforms.link.merged import merged_ids


@dataclass(frozen=True)
class Known:
    """Rows of the tables of a night, each by its contract's name; `as_of` is the night's date."""

    as_of: date
    site: Site
    child: list[Row]
    fact: list[Row]
    mention: list[Row]
    report: list[Row]
    route: list[Row] = field(default_factory=list)
    line: list[Row] = field(default_factory=list)
    missing_episode: list[Row] = field(default_factory=list)
    btp_report: list[Row] = field(default_factory=list)
    sca_referral: list[Row] = field(default_factory=list)
    panel_outcome: list[Row] = field(default_factory=list)
    decision: list[Row] = field(default_factory=list)
    refusal: list[Row] = field(default_factory=list)
    person: list[Row] = field(default_factory=list)
    person_id: list[Row] = field(default_factory=list)
    person_event: list[Row] = field(default_factory=list)  # of every night since the last export

    @cached_property
    def children(self) -> dict[str, Row]:
        """Children by person_id."""
        return {row["person_id"]: row for row in self.child}

    @cached_property
    def child_mentions(self) -> dict[str, list[Row]]:
        """Mentions that name a child as one, by person_id, in order of key."""
        named = {child["person_id"]: sorted(child["mention_keys"]) for child in self.child}
        found = {person: [self.mentions[key] for key in keys if key in self.mentions] for person, keys in named.items()}
        return {person: [row for row in rows if row["role"] == "CHILD"] for person, rows in found.items()}

    @cached_property
    def facts(self) -> dict[str, dict[str, Row]]:
        """Facts by person_id and field."""
        found: dict[str, dict[str, Row]] = defaultdict(dict)
        for row in self.fact:
            found[row["person_id"]][row["field"]] = row
        return found

    @cached_property
    def mentions(self) -> dict[str, Row]:
        """Mentions by key."""
        return {row["mention_key"]: row for row in self.mention}

    @cached_property
    def reports(self) -> dict[str, Row]:
        """Intelligence reports by report_ref."""
        return {row["report_ref"]: row for row in self.report}

    @cached_property
    def routes(self) -> dict[str, list[Row]]:
        """Who has to hear of each child, by person_id."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.route:
            found[row["person_id"]].append(row)
        return found

    @cached_property
    def lines(self) -> dict[str, Row]:
        """County lines by line_ref."""
        return {row["line_ref"]: row for row in self.line}

    @cached_property
    def identified_lines(self) -> frozenset[str]:
        """line_ref of each line that is identified."""
        return frozenset(row["line_ref"] for row in self.line if row["kind"] == "IDENTIFIED")

    @cached_property
    def episodes(self) -> dict[str, Row]:
        """Missing episodes by mention key."""
        return {row["mention_key"]: row for row in self.missing_episode}

    @cached_property
    def rail(self) -> dict[str, Row]:
        """Reports of British Transport Police by mention key."""
        return {row["mention_key"]: row for row in self.btp_report}

    @cached_property
    def outcomes(self) -> dict[str, Row]:
        """Panel outcomes by mention key."""
        return {row["mention_key"]: row for row in self.panel_outcome}

    @cached_property
    def referred(self) -> set[str]:
        """Mention keys of what the Single Competent Authority sent."""
        return {row["mention_key"] for row in self.sca_referral}

    @cached_property
    def people(self) -> dict[str, str]:
        """person_id by mention key."""
        return {row["mention_key"]: row["person_id"] for row in self.person}

    @cached_property
    def effective(self) -> list[Row]:
        """Decisions that were neither refused nor held, in order of time."""
        idle = {row["decision_id"] for row in self.refusal}
        rows = [row for row in self.decision if row["decision_id"] not in idle]
        return sorted(rows, key=lambda row: (row["decided_at"], row["decision_id"]))

    @cached_property
    def confirmed(self) -> frozenset[str]:
        """What people confirmed, by the references that their decisions name."""
        return frozenset(row["value"] for row in self.effective if row["action"] == "CONFIRM" and row["value"])

    @cached_property
    def _of_person(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for key, person in sorted(self.people.items()):
            if key in self.mentions:
                found[person].append(self.mentions[key])
        return found

    def mentions_of(self, person: str) -> list[Row]:
        """Every mention of a person whom a decision shares as a suspect, whatever it names the person as."""
        return self._of_person.get(person, [])

    def decisions_on(self, person: str) -> list[Row]:
        """Effective decisions on such a person, in order of time."""
        return [row for row in self.effective if self.people.get(row["mention_key"] or "") == person]

    @cached_property
    def merged(self) -> dict[str, str]:
        """The person_id that now stands for one that was merged away."""
        return merged_ids(self.person_id)

    @cached_property
    def _merged_away(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for gone, stands in sorted(self.merged.items()):
            found[stands].append(gone)
        return found

    def merged_away(self, person: str) -> list[str]:
        """Ids that were merged into that of a person."""
        return self._merged_away.get(person, [])

    def split_after(self, day: date | None) -> set[str]:
        """Persons from whom another was split off after a day; None: ever, as far as is known."""
        splits = (row for row in self.person_event if row["kind"] == "SPLIT")
        return {row["person_id"] for row in splits if day is None or row["happened_on"] > day}
