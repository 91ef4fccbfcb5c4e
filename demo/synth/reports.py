"""Which intelligence reports does the invented force write, and which of them count?

Most are authorised and flagged. Beside them stand drafts, other flags, reports marked SECRET, reports that cannot be
read, and later versions that restate, withdraw, suppress, unflag or mend an earlier one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from demo.synth.calendar import Calendar
from demo.synth.lives import Life
from demo.synth.people import Person, Population, names
from demo.synth.writing import Written, carefully, hastily

HOSTILE = ("<script>alert(1)</script>", '=HYPERLINK("http://x","a")', "Ro\u202ebert", "'; DROP TABLE report_subject;--")
GRADES = ("2BP", "2BP", "2BP", "2CP", "2AP", "1CP", "1AP", "2DP", "1BP", "3CP", "2EP", "2CC", "2BC", "1AC")
NO_CONDITIONS = {"action_code": "", "sanitisation_code": "", "handling_conditions": ""}
PLAIN = {"grade_scheme": "3X5X2", "grade": "2BP", **NO_CONDITIONS}
UNREADABLE: tuple[dict[str, str], ...] = (
    {"grade": "9ZQ"},
    {"grade": "2BC", **NO_CONDITIONS},
    {"source_force": "ZZ"},
    {"intelligence_date": "2022-02-30"},
)
LATER = {"restated": 0.015, "withdrawn": 0.01, "suppressed": 0.005, "unflagged": 0.005}


@dataclass
class Subject:
    """One person in one report."""

    person: Person
    role: str
    involvement: str
    written: Written


@dataclass
class Report:
    """A report with its versions: `first` and what each later version changes, with its stamp."""

    created: datetime
    area: str
    subjects: list[Subject]
    columns: dict[str, str]
    later: list[tuple[datetime, dict[str, str]]] = field(default_factory=list)
    ref: str = ""

    @property
    def as_known(self) -> dict[str, str]:
        """The columns of the latest version."""
        columns = dict(self.columns)
        for _, changed in self.later:
            columns |= changed
        return columns

    def mention_key(self, person: Person) -> str:
        """The key of the mention of a person in this report."""
        number = next(i for i, subject in enumerate(self.subjects, start=1) if subject.person is person)
        return f"intel:{self.ref}#{number}"


class Desk:
    """Writes the force's reports from one random source."""

    def __init__(self, population: Population, calendar: Calendar, lives: list[Life], others: list[Person]) -> None:
        self.population, self.calendar, self.lives, self.others = population, calendar, lives, others
        self.random: Random = population.random
        count = max(6, len(lives))
        self.adults = [population.adult(calendar.start) for _ in range(count)]
        self.weights = {life.person.key: self.random.choice((1, 2, 3, 5, 9)) for life in lives}
        self._seen_on: dict[date, tuple[list[Person], list[int], list[Person]]] = {}
        self.lines = [f"CL-{calendar.site.force_code}-{number:03d}" for number in range(1, 15)]

    def ordinary(self, number: int) -> Iterator[Report]:
        """Authorised, flagged reports on any day."""
        days = list(self.calendar.days())
        for _ in range(number):
            day = self.random.choice(days)
            report = self.report(day, self._named_on(day))
            self._change_later(report)
            yield report

    def anchor(self, life_person: Person, day: date) -> Report:
        """The report that first names a child, carefully and by itself."""
        report = self.report(day, [])
        report.subjects = [Subject(life_person, "CHILD", "INVOLVED", carefully(life_person))]
        report.columns |= PLAIN
        return report

    def passed_over(self, number: int) -> Iterator[Report]:
        """Reports that are not taken: another flag, a draft, suppressed, or marked SECRET."""
        kinds = (
            {"flags": "BURGLARY"},
            {"flags": "BURGLARY"},
            {"flags": "BURGLARY"},
            {"status": "DRAFT"},
            {"status": "SUPPRESSED"},
            {"protective_marking": "SECRET"},
        )
        for index in range(number):
            yield self._of_strangers(kinds[index % len(kinds)])

    def unreadable(self, number: int) -> Iterator[Report]:
        """Reports that cannot be read as they are; every third is mended by a second version."""
        for index in range(number):
            wrong = UNREADABLE[index % len(UNREADABLE)]
            report = self._of_strangers(wrong)
            if "intelligence_date" in wrong:
                report.columns["intelligence_date"] = f"{report.created.year}-02-30"
            stamp = report.created + timedelta(days=3)
            if index % 3 == 0 and stamp.date() <= self.calendar.end:
                report.later.append((stamp, self._mended(report)))
            yield report

    def report(self, day: date, people: list[tuple[Person, str]]) -> Report:
        """One authorised, flagged report about people."""
        random, calendar = self.random, self.calendar
        created = calendar.some_time(day, random)
        area = people[0][0].home.area if people else random.choice(sorted(calendar.site.policing_areas))
        subjects = [
            Subject(
                person,
                role,
                random.choice(("INVOLVED", "LINKED")) if role == "CHILD" else "",
                hastily(person, day, random),
            )
            for person, role in people
        ]
        grade = random.choice(GRADES)
        scheme = "3X5X2"
        if random.random() < 0.02:
            scheme, grade = "5X5X5", random.choice(("B21", "B31", "E41"))
        known_for = timedelta(days=random.choice((0, 0, 0, 0, 1, 9)))
        stated = day - known_for if (day - known_for).month == day.month else day
        named = random.choice(subjects).written["given_names"] if subjects else "A child"
        place = random.choice(names()["places"])
        columns = {
            "source_force": calendar.site.force_code,
            "source_system": "NICHE",
            "status": "AUTHORISED",
            "intelligence_date": stated.isoformat(),
            "withdrawn_at": "",
            "flags": random.choice(("", "", "|DRUGS", "|MISSING", "|WEAPONS")).join((calendar.site.flag, "")),
            "protective_marking": random.choice(("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE", "OFFICIAL")),
            "grade_scheme": scheme,
            "grade": grade,
            **_handling(grade, random),
            "line_ref": random.choice(self.lines) if random.random() < 0.5 else "",
            "policing_area": area,
            "location": f"{place}, {area}",
            "title": "County lines intelligence",
            "text": f"Synthetic text. {named} seen near a {place}.",
        }
        return Report(created, area, subjects, columns)

    def _named_on(self, day: date) -> list[tuple[Person, str]]:
        random = self.random
        if day not in self._seen_on:
            self._seen_on[day] = self._children_on(day)
        children, weights, others = self._seen_on[day]
        found: list[tuple[Person, str]] = []
        if children and random.random() < 0.65:
            found.append((random.choices(children, weights)[0], "CHILD"))
            if random.random() < 0.15:
                found.append((random.choice(children), "CHILD"))
        elif others and random.random() < 0.5:
            found.append((random.choice(others), "CHILD"))
        if not found or random.random() < 0.3:
            found.append((random.choice(self.adults), random.choice(("SUSPECT", "SUSPECT", "ASSOCIATE"))))
        return list({person.key: (person, role) for person, role in found}.values())

    def _children_on(self, day: date) -> tuple[list[Person], list[int], list[Person]]:
        """The children whom a report of a day may name, with how often each is, and others."""
        children = [life.person for life in self.lives if life.first_seen < day <= life.last_seen]
        others = [person for person in self.others if person.turns_18() > day]
        return children, [self.weights[person.key] for person in children], others

    def _of_strangers(self, columns: dict[str, str]) -> Report:
        day = self.random.choice(list(self.calendar.days()))
        stranger = self.population.adult(self.calendar.start)
        report = self.report(day, [(stranger, self.random.choice(("SUSPECT", "ASSOCIATE")))])
        report.columns |= PLAIN | columns
        return report

    def _mended(self, report: Report) -> dict[str, str]:
        return {
            "source_force": self.calendar.site.force_code,
            "intelligence_date": report.created.date().isoformat(),
            **PLAIN,
        }

    def _change_later(self, report: Report) -> None:
        kind = self.random.choices(["", *LATER], [1 - sum(LATER.values()), *LATER.values()])[0]
        stamp = report.created + timedelta(days=self.random.randint(1, 20))
        if not kind or stamp.date() > self.calendar.end:
            return
        changed = {
            "restated": {"title": "County lines intelligence, restated"},
            "withdrawn": {"withdrawn_at": stamp.isoformat()},
            "suppressed": {"status": "SUPPRESSED"},
            "unflagged": {"flags": "DRUGS"},
        }
        report.later.append((stamp, changed[kind]))


def _handling(grade: str, random: Random) -> dict[str, str]:
    if not grade.endswith("C"):
        return NO_CONDITIONS
    return {
        "action_code": random.choice(("A1", "A2", "A3")),
        "sanitisation_code": random.choice(("S1", "S2")),
        "handling_conditions": "Do not act without originator consent",
    }


def number(reports: list[Report], force: str) -> list[Report]:
    """The reports in the order of their making, each with its reference: force/year/serial."""
    serials: dict[int, int] = {}
    ordered = sorted(reports, key=lambda report: report.created)
    for report in ordered:
        year = report.created.year
        serials[year] = serials.get(year, 0) + 1
        report.ref = f"{force}/{year}/{serials[year]:06d}"
    return ordered


def with_hostile_text(reports: list[Report], random: Random) -> None:
    """Put what must never be run, opened or followed into a few reports."""
    for report, text in zip(random.sample(reports, min(len(HOSTILE), len(reports))), HOSTILE, strict=False):
        report.columns["text"] = text
        for subject in report.subjects[-1:]:
            subject.written["alias"] = text
            subject.written["school"] = "../../etc/passwd"


def counts(report: Report, site_flag: str) -> bool:
    """True where the latest version is authorised, flagged and can be read; a withdrawn report was still made."""
    known = report.as_known
    return (
        known["status"] == "AUTHORISED"
        and site_flag in known["flags"].split("|")
        and known["protective_marking"] != "SECRET"
        and not is_unreadable(known)
    )


def is_unreadable(columns: dict[str, str]) -> bool:
    """True where a version has one of the faults that stop a report."""
    return (
        columns["grade"] == "9ZQ"
        or (columns["grade"].endswith("C") and not columns["handling_conditions"])
        or columns["source_force"] == "ZZ"
        or columns["intelligence_date"].endswith("-02-30")
    )
