"""What may be disclosed of one child, fact by fact?

`Shareable` holds every shareable value of the catalogue, but for what a contract lets out of no record; contracts then
pick from it. Values are plain JSON: dates are ISO text, missing values None. What was withheld stands beside it with
its reason.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from expectations.fields import FACTS
from expectations.fields import FIELDS as FACT_FIELDS
from expectations.plain import Row
from expectations.recipients import Recipient
from expectations.record import FIELDS
from expectations.reference import nrm_outcome
from transforms.export.release import Caveats, caveats, terms, withheld
from transforms.reconcile.clocks import due
from transforms.reconcile.nrm import asks_consent
from transforms.tables import Tables

FROM_FACTS = tuple(name for name in FACTS if name in FIELDS)
FROM_CHILD = ("dob_status", "age", "attains_18_on", "age_presumed", "panel", "added_on", "visited_on", "toolkit_on")
OF_OFFICERS = (
    "concern",
    "concern_urgency",
    "concern_on",
    "consent",
    "consent_on",
    "parents",
)  # by officers, of the child
HAPPENED = {  # kinds of what happened, by the source that tells it
    "intelligence": "REPORTED",
    "missing_episodes": "MISSING",
    "btp_reports": "ON_THE_RAILWAY",
    "force_sightings": "MET_BY_ANOTHER_FORCE",
    "practitioner_updates": "SAID_BY_A_PRACTITIONER",
}
TRANSPORT_POLICE = "93"  # by the national list of forces
QUOTED = ("intelligence", "missing_episodes", "btp_reports")  # whose records other forces can ask for by reference
SEEN = ("REPORTED", "ON_THE_RAILWAY", "MET_BY_ANOTHER_FORCE")
HALF_A_YEAR = 183
BIRTH = ("date_of_birth", "birth_year")
REPEAT_MONTHS = 3  # escalation after three notices in three months, as other forces' public protection notices do


@dataclass(frozen=True)
class Shareable:
    """Of one child: shareable values, how each fact is known, why a value is withheld, why nothing may be disclosed.

    `reason` is empty where one of the records that put the child on the tracker may be disclosed.
    """

    values: Mapping[str, Any]
    known_as: Mapping[str, str]
    held: Mapping[str, str]
    reason: str
    places: frozenset[str]
    line_refs: frozenset[str]
    venues: frozenset[str]

    @cached_property
    def grades(self) -> list[str]:
        """How the reports behind it are graded, each grade after its scheme."""
        return sorted({f"{report['scheme']} {report['grade']}" for report in self.values["reports"]})

    @cached_property
    def by_field(self) -> list[tuple[str, str]]:
        """How each fact is known, in order of its name."""
        return sorted(self.known_as.items())


@dataclass(frozen=True)
class Withheld:
    """Why each mention of a child is withheld, by key, and why nothing of the child may be disclosed; empty: it may."""

    mentions: Mapping[str, str]
    reason: str


@dataclass(frozen=True)
class _OfTheseTerms:
    """What is withheld from all recipients of the same terms, and why: by the number of caveats, and of each child."""

    reasons: list[str]
    children: dict[str, Withheld] = field(default_factory=dict)


@dataclass(frozen=True)
class Shareables:
    """What is shareable of each child of a night, worked out once for all recipients from whom the same is withheld."""

    tables: Tables
    _terms: dict[tuple[object, ...], "_OfTheseTerms"] = field(default_factory=dict)
    _worked_out: dict[tuple[object, ...], Shareable] = field(default_factory=dict)
    _evidence_of: dict[tuple[str, ...], "_Evidence"] = field(default_factory=dict)

    def with_(self, recipient: Recipient) -> "Shared":
        """What is shareable with one recipient."""
        tables = self.tables
        given = terms(recipient, tables.site)
        if given not in self._terms:
            reasons = [withheld(one, recipient, tables.site, tables.as_of) for one in self._caveats[0]]
            self._terms[given] = _OfTheseTerms(reasons)
        return Shared(self, recipient, self._terms[given])

    @cached_property
    def _caveats(self) -> tuple[dict[Caveats, int], dict[str, dict[str, int]]]:
        """All caveats, numbered from 0, and the number of those of each of a child's mentions, by person id and key."""
        numbers: dict[Caveats, int] = {}
        reports = self.tables.reports
        of_children = {
            person: {
                one["mention_key"]: numbers.setdefault(caveats(one, reports.get(one["record_ref"])), len(numbers))
                for one in mentions
            }
            for person, mentions in self.tables.child_mentions.items()
        }
        return numbers, of_children

    def withheld(self, child: Row, reasons: Sequence[str]) -> Withheld:
        """What of a child is withheld, by the reason for each of the caveats."""
        person = child["person_id"]
        blocked = {key: reasons[number] for key, number in self._caveats[1][person].items()}
        return Withheld(blocked, _no_basis(self.tables.child_mentions[person], blocked))

    def worked_out(self, child: Row, withheld_here: Withheld, panel: str | None) -> Shareable:
        """What is shareable of a child of whom this is withheld, with a panel's own words or without any."""
        key = (child["person_id"], panel, *withheld_here.mentions.values())
        if key not in self._worked_out:
            self._worked_out[key] = self._shareable(child, withheld_here, panel)
        return self._worked_out[key]

    def _shareable(self, child: Row, withheld_here: Withheld, panel: str | None) -> Shareable:
        blocked = withheld_here.mentions
        mentions = self.tables.child_mentions[child["person_id"]]
        evidence = self._evidence([mention for mention in mentions if not blocked[mention["mention_key"]]])
        values, known_as, held = self._facts(child, blocked)
        values |= evidence.values | _by_panel(evidence.outcomes, panel) | _status(child)
        values |= {name: plain(child[name]) for name in OF_OFFICERS} | {"lead_officer": self._lead(child)}
        values |= {"days_to_18": self._days_to_18(child), "nrm_asks_consent": asks_consent(child)}
        known_as |= {name: "STATED" for name in ("aliases", "involvement") if values[name]}
        if child["nrm_outcome"] and not values["nrm_outcome"]:
            held["nrm_outcome"] = "FREE_TEXT"
        return Shareable(
            values=values,
            known_as=known_as,
            held=held,
            reason=withheld_here.reason,
            places=evidence.places,
            venues=evidence.venues,
            line_refs=evidence.line_refs,
        )

    def _facts(self, child: Row, blocked: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
        facts = self.tables.facts.get(child["person_id"], {})
        values: dict[str, Any] = {name: plain(child[name]) for name in FROM_FACTS + FROM_CHILD}
        known_as, held = {}, {}
        for name in FROM_FACTS:
            if child[name] is None:
                continue
            fact = facts.get(name) or (facts.get("date_of_birth") if name == "birth_year" else None)
            reason = _unsupported(fact, blocked) or self._not_a_code(name, child[name])
            if fact is None or reason:
                held[name] = reason
            else:
                known_as[name] = child["dob_status"] if name in BIRTH else fact["status"]
        for name in FROM_FACTS + FROM_CHILD:
            if name in held or FIELDS[name].base in held:
                values[name] = None
        return values, known_as, held

    def _not_a_code(self, name: str, value: Any) -> str:
        """An authority or area that is none was kept as somebody wrote it, and free text stays here."""
        site = self.tables.site
        if FACT_FIELDS[name].read == "authority" and site.places.authority(value) is None:
            return "FREE_TEXT"
        return "FREE_TEXT" if name == "policing_area" and site.area(value) is None else ""

    def _evidence(self, open_ones: list[Row]) -> "_Evidence":
        """What is known by some mentions of a child: the same for recipients from whom others are withheld, or none."""
        key = tuple([mention["mention_key"] for mention in open_ones])
        if key not in self._evidence_of:
            self._evidence_of[key] = self._known_by(self._records(open_ones))
        return self._evidence_of[key]

    def _records(self, open_ones: list[Row]) -> "_Records":
        tables = self.tables
        reported = [(one, tables.reports[one["record_ref"]]) for one in open_ones if one["source"] == "intelligence"]
        attached = (
            [rows[mention["mention_key"]] for mention in open_ones if mention["mention_key"] in rows]
            for rows in (tables.episodes, tables.rail, tables.outcomes)
        )
        return _Records(open_ones, reported, *attached)

    def _known_by(self, records: "_Records") -> "_Evidence":
        reports = self._reports(records)
        days = [report["date"] for report in reports]
        happened = self._chronology(records)
        missing = [self._episode(row) for row in records.episodes]
        rail = sorted(map(self._rail, records.rail), key=lambda item: (item["date"], item["ref"]))
        line_refs = {mention["line_ref"] for mention in records.mentions} & self.tables.identified_lines
        values = {
            **_aliases(records),
            "reports": reports,
            "report_refs": self._report_refs(records),
            "report_count": len(reports),
            "first_reported_on": days[0] if days else None,
            "last_reported_on": days[-1] if days else None,
            "repeats": _repeats(days),
            "themes": self._themes(records),
            "missing": sorted(missing, key=lambda item: (item["from"], item["ref"])),
            "missing_count": len(missing),
            "is_missing": any(episode["until"] is None for episode in missing),
            "rail": rail,
            "rail_dates": sorted({item["date"] for item in rail}),
            "rail_count": len(rail),
            "seen_areas": _seen(records),
            "found_by": self._found_by(records),
            "lines": self._lines(records, line_refs),
            **_education(records),
            "return_interviews": self._return_interviews(records),
            "links": [],
            "household": [],
            "is_taken_over": any(mention["source"] == "opening" for mention in records.mentions),
            "missing_now": _missing_now(missing, happened),
            "chronology": happened,
            "rag": None,
            "hears_as": [],
        }
        venues = _plain({report["location"] for _, report in records.reported})
        return _Evidence(
            values=values,
            outcomes=records.outcomes,
            places=frozenset(venues | _plain({row["station"] for row in records.rail})),
            venues=frozenset(venues),
            line_refs=frozenset(line_refs),
        )

    def _days_to_18(self, child: Row) -> int | None:
        """The last of the site's forecast days that was reached, or half a year: who hears of it hears then."""
        birthday = child["attains_18_on"]
        days = (birthday - self.tables.as_of).days if birthday else None
        informed_on = sorted({*self.tables.site.birthday_forecast_days, HALF_A_YEAR})
        return next((one for one in informed_on if days is not None and 0 <= days <= one), None)

    def _lead(self, child: Row) -> str | None:
        """Who last wrote the officer's words or visited, as their decision says."""
        led = [self.tables.led_by[key] for key in child["mention_keys"] if key in self.tables.led_by]
        return max(led, key=lambda row: row["decided_at"])["decided_by"] if led else None

    def _chronology(self, records: "_Records") -> list[Row]:
        """What happened, by day: kinds, areas and grades, never a text, and no place of the railway."""
        found = [self._event(mention) for mention in records.mentions if mention["source"] in HAPPENED]
        returned = (row["returned_at"] for row in records.episodes if row["returned_at"])
        found += [_happened((self._local(at) or "")[:10], "RETURNED") for at in returned]
        unique = {tuple(one.items()): one for one in found}
        return sorted(
            unique.values(), key=lambda one: (one["date"], one["kind"], one["area"] or "", one["grade"] or "")
        )

    def _event(self, mention: Row) -> dict[str, Any]:
        report = self.tables.reports.get(mention["record_ref"]) if mention["source"] == "intelligence" else None
        day = report["intelligence_date"] if report else mention["recorded_on"]
        grade = f"{report['grade_scheme']} {report['grade']}" if report else mention["grade"]
        return _happened(plain(day), HAPPENED[mention["source"]], mention["policing_area"], grade)

    def _reports(self, records: "_Records") -> list[Row]:
        found = [
            {
                "ref": ref_of(report["report_ref"]),
                "date": plain(report["intelligence_date"]),
                "scheme": report["grade_scheme"],
                "grade": report["grade"],
                "handling": report["handling"],
            }
            for report in {report["report_ref"]: report for _, report in records.reported}.values()
        ]
        return sorted(found, key=lambda item: (item["date"], item["ref"]))

    def _report_refs(self, records: "_Records") -> list[dict[str, Any]]:
        """Of each report and missing episode its reference and the force whose it is: for police routes."""
        quoted = {(one["record_ref"], one["source"]): one for one in records.mentions if one["source"] in QUOTED}
        return [self._quoted(mention) for _, mention in sorted(quoted.items())]

    def _quoted(self, mention: Row) -> dict[str, Any]:
        urn, source = mention["record_ref"], mention["source"]
        if source == "intelligence":
            return {"ref": ref_of(urn), "urn": urn, "force": self.tables.reports[urn]["source_force"]}
        force = TRANSPORT_POLICE if source == "btp_reports" else self.tables.site.force_code
        return {"ref": ref_of(mention["mention_key"]), "urn": urn, "force": force}

    def _themes(self, records: "_Records") -> list[dict[str, Any]]:
        """Themes of the reports that may be told of: of how many, and since when."""
        days: dict[str, set[tuple[str, str]]] = {}
        for _, report in records.reported:
            for flag in report["flags"] or ():
                theme = self.tables.site.theme_of.get(flag.casefold())
                if theme:
                    days.setdefault(theme, set()).add((plain(report["intelligence_date"]), report["report_ref"]))
        return [
            {"ref": theme, "theme": theme, "reports": len(reports), "since": min(reports)[0]}
            for theme, reports in sorted(days.items())
        ]

    def _episode(self, row: Row) -> dict[str, Any]:
        return {
            "ref": ref_of(row["mention_key"]),
            "from": self._local(row["missing_from"]),
            "until": self._local(row["returned_at"]),
            "risk": row["risk"],
            "found_force": row["found_force"],
        }

    def _rail(self, row: Row) -> dict[str, Any]:
        return {
            "ref": ref_of(row["mention_key"]),
            "date": (self._local(row["reported_at"]) or "")[:10],
            "station": row["station"],
            "journey": row["journey"],
            "grade": row["grade"],
        }

    def _local(self, at: datetime | None) -> str | None:
        """A moment as people there read the clock, with its offset."""
        return at.astimezone(self.tables.site.zone).isoformat(timespec="seconds") if at else None

    def _found_by(self, records: "_Records") -> list[str]:
        """Codes of the forces that found the child; what is written and names none stays here."""
        written = {row["found_force"] for row in records.episodes}
        return sorted({code for code in map(self.tables.site.places.force, written) if code})

    def _lines(self, records: "_Records", identified: set[str]) -> list[Row]:
        """The identified lines of a child, or the generic line for children where none is identified."""
        refs = identified or self.tables.generic_lines
        names = ("line_name", "kind", "deal_number", "owner_force", "status")
        lines = [
            {"ref": ref, **{name: self.tables.lines[ref][name] for name in names}, **_on_line(records, ref)}
            for ref in sorted(refs)
        ]
        nothing = {"ref": "GENERIC", **dict.fromkeys(names), "kind": "GENERIC_CHILDREN", **_on_line(records, None)}
        return lines or [nothing]

    def _return_interviews(self, records: "_Records") -> list[Row]:
        """Returns whose interview nobody recorded, with the day by which it has to be offered."""
        days = [
            self.tables.site.local_day(row["returned_at"])
            for row in records.episodes
            if row["returned_at"] and not row["return_interview_on"]
        ]
        return [{"returned": plain(day), "due": plain(due("RETURN_INTERVIEW", day))} for day in sorted(days)]


@dataclass(frozen=True)
class _Records:
    """Mentions of a child that may be told of, those of intelligence with their reports, and what else they brought."""

    mentions: list[Row]
    reported: list[tuple[Row, Row]]
    episodes: list[Row]
    rail: list[Row]
    outcomes: list[Row]


@dataclass(frozen=True)
class _Evidence:
    """What is shareable by such records, but for what panels wrote in their `outcomes`."""

    values: dict[str, Any]
    outcomes: list[Row]
    places: frozenset[str]
    venues: frozenset[str]
    line_refs: frozenset[str]


@dataclass(frozen=True)
class Shared:
    """What is shareable of each child with one recipient; what is withheld is asked once for all of the same terms."""

    shareables: Shareables
    recipient: Recipient
    _terms: _OfTheseTerms

    def of(self, child: Row) -> Shareable:
        """What is shareable of a child."""
        found = self._withheld(child)
        of_a_panel = found.mentions.keys() & self.shareables.tables.outcomes.keys()
        panel = self.recipient.settings.get("panel") if of_a_panel else None
        return self.shareables.worked_out(child, found, panel)

    def reason(self, child: Row) -> str:
        """Why nothing of a child may be disclosed, without what may be; empty where something may."""
        return self._withheld(child).reason

    def _withheld(self, child: Row) -> Withheld:
        person, known = child["person_id"], self._terms.children
        if person not in known:
            known[person] = self.shareables.withheld(child, self._terms.reasons)
        return known[person]


def _aliases(records: _Records) -> dict[str, Any]:
    aliases = sorted({mention["alias"] for mention in records.mentions if mention["alias"]})
    involvements = {mention["involvement"] for mention in records.mentions}
    involvement = next((one for one in ("INVOLVED", "LINKED") if one in involvements), None)
    return {"aliases": aliases, "involvement": involvement}


def _education(records: _Records) -> dict[str, Any]:
    """Education or employment, a code, as any panel recorded it last."""
    found = [
        (panel_outcome["held_on"], panel_outcome["mention_key"], panel_outcome["education_status"])
        for panel_outcome in records.outcomes
        if panel_outcome["education_status"]
    ]
    held_on, _, status = max(found, default=(None, "", None))
    return {"education_status": status, "education_on": plain(held_on)}


def _by_panel(outcomes: list[Row], panel: str | None) -> dict[str, Any]:
    """What a panel itself wrote, in order: what it wrote freely goes back to nobody else."""
    own = [panel_outcome for panel_outcome in outcomes if panel_outcome["panel"] == panel] if panel else []
    own.sort(key=lambda panel_outcome: (panel_outcome["held_on"], ref_of(panel_outcome["mention_key"])))
    return {"panel_actions": _panel_actions(own), "family_support": _family_support(own)}


def _panel_actions(own: list[Row]) -> list[Row]:
    names = (
        *("held_on", "action", "owner_agency", "due_on", "power_used"),
        *("commissioned_support", "commissioned_cost", "barrier", "attended_by", "outcome", "closed_on"),
    )
    return [{"ref": ref_of(row["mention_key"]), **{name: plain(row[name]) for name in names}} for row in own]


def _family_support(own: list[Row]) -> list[Row]:
    return [
        {
            "ref": ref_of(panel_outcome["mention_key"]),
            "on": plain(panel_outcome["held_on"]),
            "support": panel_outcome["family_support"],
        }
        for panel_outcome in own
        if panel_outcome["family_support"]
    ]


def _missing_now(missing: list[dict[str, Any]], happened: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The episode from which the child has not come back, and the last record of the child since it began."""
    episode = next((one for one in sorted(missing, key=lambda one: one["from"]) if one["until"] is None), None)
    if episode is None:
        return None
    seen = [one for one in happened if one["date"] >= episode["from"][:10] and one["kind"] in SEEN]
    return {"since": episode["from"], "risk": episode["risk"], "last_recorded": seen[-1] if seen else None}


def _on_line(records: _Records, ref: str | None) -> dict[str, str | None]:
    """A child's role on a line, and the first and the last day of the records that say so."""
    of_line = [mention for mention in records.mentions if ref is not None and mention["line_ref"] == ref]
    roles, days = (
        {mention["involvement"] for mention in of_line},
        [plain(mention["recorded_on"]) for mention in of_line],
    )
    role = next((name for name in ("INVOLVED", "LINKED") if name in roles), None)
    return {"role": role, "first": min(days, default=None), "last": max(days, default=None)}


def _happened(day: str, kind: str, area: str | None = None, grade: str | None = None) -> dict[str, Any]:
    return {"date": day, "kind": kind, "area": area, "grade": grade}


def _plain(places: set[str | None]) -> set[str]:
    return {" ".join(place.casefold().split()) for place in places if place}


@cache
def ref_of(key: str) -> str:
    """A reference to a source record that says nothing of it."""
    return hashlib.sha256(key.encode()).hexdigest()[:12].upper()


def _seen(records: _Records) -> list[Row]:
    """Where intelligence saw the child, with the first and the last day: never where the child lives."""
    days: dict[str, list[str]] = {}
    for mention, _ in records.reported:
        if mention["policing_area"]:
            days.setdefault(mention["policing_area"], []).append(plain(mention["recorded_on"]))
    return [
        {"ref": ref_of(area), "area": area, "first": min(seen), "last": max(seen)}
        for area, seen in sorted(days.items())
    ]


def plain(value: Any) -> Any:
    """A value as JSON has it: dates and times as ISO text."""
    return value.isoformat() if isinstance(value, date) else value


def _status(child: Row) -> dict[str, Any]:
    nrm = "DECIDED" if child["nrm_outcome"] else "SUBMITTED" if child["nrm_submitted_on"] else None
    outcome = nrm_outcome(child["nrm_outcome"])
    return {
        "status": "PROPOSED" if child["state"] == "PROPOSED" else child["status"],
        "nrm_status": nrm or "READY_FOR_FIRST_RESPONDER",
        "nrm_submitted_on": plain(child["nrm_submitted_on"]),
        "nrm_outcome": outcome,
    }


def _unsupported(fact: Row | None, blocked: Mapping[str, str]) -> str:
    """Why a fact may not be disclosed; empty where a decision set it, or a mention that may be disclosed says it."""
    if fact is None:
        return "NO_SUPPORT"
    if fact["decision_id"]:
        return ""
    reasons = {blocked[key] for key in fact["supporting_mention_keys"] or [] if key in blocked}
    return _best(reasons or {"NO_SUPPORT"})


def _no_basis(mentions: list[Row], blocked: Mapping[str, str]) -> str:
    """Why nothing at all may be disclosed: what put the child on the tracker is withheld.

    Intelligence and the opening tracker put a child there; where there is neither, any other record does.
    """
    identifying = [m for m in mentions if m["source"] in ("intelligence", "opening") and not m["withdrawn"]]
    reasons = {blocked[mention["mention_key"]] for mention in identifying or mentions}
    return _best(reasons or {"NO_SUPPORT"})


def _best(reasons: set[str]) -> str:
    return "" if "" in reasons else min(reasons)


def _repeats(days: list[str]) -> int:
    """Reports in the months up to and with the last one."""
    if not days:
        return 0
    last = date.fromisoformat(days[-1])
    months = last.year * 12 + last.month - 1 - REPEAT_MONTHS
    start = f"{months // 12:04d}-{months % 12 + 1:02d}-{last.day:02d}"
    return sum(day > start for day in days)


COARSE: dict[str, Callable[[str], str]] = {
    "exact": lambda value: value,
    "month": lambda value: value[:7],
    "year": lambda value: value[:4],
    "outward": lambda value: value.split(" ")[0],
    "initial": lambda value: value[:1],
}


def pick(shareable: Shareable, recipient: Recipient) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of a contract, coarsened as it says, with the accuracy block; and what was withheld from it, why.

    A disputed fact is withheld, or marked as disputed where the contract says so.
    """
    held, values = dict(shareable.held), shareable.values
    if recipient.release.disputed_facts == "held":
        held |= {name: "FACT_DISPUTED" for name, status in shareable.by_field if status == "DISPUTED"}
    content: dict[str, Any] = {name: values.get(name) for name in recipient.fields}
    if held:
        hidden = (name for name in content if name in held or (FIELDS[name].base in held and name != "dob_status"))
        content |= dict.fromkeys(hidden)
    for name, how in recipient.fields.items():
        if how != "exact" and content[name] is not None:
            content[name] = COARSE[how](content[name])
    known_as = {name: how for name, how in shareable.by_field if content.get(name)}
    withheld_here = {name: held[name] for name in content if name in held}
    return {**content, "accuracy": {"grades": shareable.grades, "known_as": known_as}}, withheld_here
