"""What would an invented force give the pipeline, and what must come out of it?

`make_force` writes a folder in the form of the inbound contract: intelligence.sqlite, inbox/, decisions.csv,
opening_tracker.csv, and beside them what is true of it: labels.csv, truth_homes.csv, truth_tracker.csv, expected.json.
Everybody in it is invented. The truth follows from the contract's rules and shares no code with the pipeline.
"""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from demo.synth import decisions, feeds, files, truth
from demo.synth.calendar import Calendar, takeover_of
from demo.synth.lives import Decision, Life, declined, opening_lives, ratified_lives, ratify
from demo.synth.people import Person, Population, names
from demo.synth.reports import Desk, Report, counts, number, with_hostile_text
from expectations.site import Site
from expectations.site import load as load_site

REPORTS_A_DAY_FOR_A_CHILD = 0.034  # a force with 76 children on its tracker in a year wrote 2.6 reports a day
OTHERS_FOR_A_CHILD = 1.2  # children who are named in reports and never taken on
DECLINED_FOR_A_CHILD = 0.4
PASSED_OVER = 0.13  # reports that are not taken, for each that is
OPENING_SHARE = 0.57

OPENING_WORDS = {"OPEN": "Open to the County Lines team", "VULNERABLE": "Vulnerable to County Lines"}


def make_force(
    out: Path,
    *,
    seed: int = 1,
    children: int = 19,
    start: date = date(2021, 4, 1),
    end: date = date(2022, 11, 22),
    site: Site | None = None,
) -> dict[str, Any]:
    """Write an invented force to the folder `out`, which must not exist; returns what expected.json holds.

    `children` are on the tracker at some time, about half of them at the takeover of the spreadsheet. `start` and `end`
    are the first and the last day of intelligence; `expected.json` is true at the end of the last one, that is for the
    night of the day after. The same arguments always make the same bytes.
    """
    site = site or load_site()
    calendar = Calendar(start, takeover_of(start, end), end, site)
    random = Random(seed)  # noqa: S311 - people are invented, nothing is kept secret with it
    population = Population(random, site, no_birthday_on=end + timedelta(days=1))
    opening = opening_lives(round(children * OPENING_SHARE), population, calendar)
    taken_on = ratified_lives(children - len(opening), population, calendar)
    lives = opening + taken_on
    others = _others(round(children * OTHERS_FOR_A_CHILD), population, calendar)
    desk = Desk(population, calendar, lives, others)
    firsts = {life.person.key: desk.anchor(life.person, life.first_seen) for life in taken_on}
    turned_down = _turned_down(desk, others)
    anchors = [*firsts.values(), *(report for report, _ in turned_down)]
    made = _reports(desk, anchors, children * REPORTS_A_DAY_FOR_A_CHILD)
    for life in taken_on:
        life.mention_key = firsts[life.person.key].mention_key(life.person)
        ratify(life, random)
    inbox = feeds.Inbox(calendar, random)
    feeds.fill(lives, len(made), inbox)
    taken = [decision for life in lives for decision in life.decisions if decision.meeting <= end]
    taken += [declined(report.mention_key(report.subjects[0].person), meeting) for report, meeting in turned_down]
    taken += _further(lives, made, inbox, calendar, random)
    expected = truth.expected(lives, made, calendar)
    _write(out, opening, made, taken, inbox, calendar)
    _write_truth(out, population.made, lives, made, inbox, calendar, expected)
    return expected


def _panel(site: Site) -> str:
    """A panel that may hear of suspects; empty where the force has none."""
    return next((one.panel for one in site.local_authorities.values() if one.panel), "")


def _others(count: int, population: Population, calendar: Calendar) -> list[Person]:
    days = (calendar.end - calendar.start).days
    middle = calendar.start + timedelta(days=days // 2)
    random = population.random
    return [population.child(middle - timedelta(days=round(random.uniform(12, 17.5) * 365.2425))) for _ in range(count)]


def _turned_down(desk: Desk, others: list[Person]) -> list[tuple[Report, date]]:
    """The report that first names a child who is not taken on, and the meeting that decides so."""
    meetings = desk.calendar.meetings()
    found = []
    for person in others[: round(len(desk.lives) * DECLINED_FOR_A_CHILD)] if meetings else []:
        meeting = desk.random.choice(meetings)
        day = max(desk.calendar.start, meeting - timedelta(days=desk.random.randint(5, 25)))
        if person.turns_18() > meeting:
            found.append((desk.anchor(person, day), meeting))
    return found


def _reports(desk: Desk, anchors: list[Report], a_day: float) -> list[Report]:
    calendar = desk.calendar
    count = max(0, round(((calendar.end - calendar.start).days + 1) * a_day) - len(anchors))
    ordinary = list(desk.ordinary(count))
    with_hostile_text(ordinary, desk.random)
    outside = [*desk.passed_over(round(count * PASSED_OVER) + 6), *desk.unreadable(round(count * 0.007) + 4)]
    return number([*anchors, *ordinary, *outside], calendar.site.force_code)


def _further(
    lives: list[Life], made: list[Report], inbox: feeds.Inbox, calendar: Calendar, random: Random
) -> list[Decision]:
    """Decisions that do not change who is on the tracker."""
    meetings = calendar.meetings()
    if not meetings:
        return []
    counted = [report for report in made if counts(report, calendar.site.flag) and not report.later]
    return [
        *decisions.of_pairs(lives, counted, meetings),
        *decisions.of_suspects(counted, meetings, random, _panel(calendar.site)),
        *decisions.of_one_child_who_harms(lives, meetings),
        *decisions.of_actions(inbox, meetings),
        *decisions.not_to_be_followed(meetings[0], calendar.site.force_code, lives),
    ]


def _write(
    out: Path, opening: list[Life], made: list[Report], taken: list[Decision], inbox: feeds.Inbox, calendar: Calendar
) -> None:
    out.mkdir(parents=True)
    files.intelligence(out / "intelligence.sqlite", made, _lines(calendar))
    files.inbox(out / "inbox", inbox)
    files.table(out / "decisions.csv", files.columns("landed_decision"), decisions.rows(taken, calendar))
    files.table(out / "opening_tracker.csv", files.columns("landed_opening"), map(_entry, opening))


def _write_truth(
    out: Path,
    people: list[Person],
    lives: list[Life],
    made: list[Report],
    inbox: feeds.Inbox,
    calendar: Calendar,
    expected: dict[str, Any],
) -> None:
    known = truth.labels(made, calendar) | inbox.labels
    known |= {life.mention_key: life.person.key for life in lives if life.mention_key.startswith("opening:")}
    rows = [{"mention_key": key, "person": person} for key, person in sorted(known.items(), key=lambda one: one[::-1])]
    files.table(out / "labels.csv", ("mention_key", "person"), rows)
    files.table(out / "truth_homes.csv", truth.HOME_COLUMNS, truth.homes(people))
    files.table(out / "truth_tracker.csv", truth.TRACKER_COLUMNS, truth.tracker(lives))
    files.document(out / "expected.json", expected)


def _entry(life: Life) -> dict[str, str]:
    """A row of the spreadsheet, in the force's own words and dates."""
    person = life.person
    return {
        "entry_ref": person.key,
        "status": OPENING_WORDS[life.opening_status],
        "date_added": f"{life.stays[0][0]:%d/%m/%Y}",
        "surname": person.surname.upper(),
        "given_names": f"{person.given} {person.second}".strip(),
        "alias": person.alias,
        "date_of_birth": f"{life.opening_born or person.born:%d/%m/%Y}",
        "dob_status": person.born_status,
        "gender": person.gender,
        "ethnicity": person.ethnicity,
        "address": person.home.address,
        "postcode": person.home.postcode,
        "local_authority": person.home.authority,
        "policing_area": person.home.area,
        "pnc_id": person.pnc_id,
        "source_person_ids": ";".join(person.nominals),
    }


def _lines(calendar: Calendar) -> list[dict[str, str]]:
    """The lines that reports refer to, and the one for children without a known line."""
    force, aliases = calendar.site.force_code, names()["aliases"]
    generic = {"line_ref": "CL-GENERIC-CHILD", "line_name": "Generic children's line", "kind": "GENERIC_CHILDREN"}
    identified = [
        {
            "line_ref": f"CL-{force}-{number:03d}",
            "line_name": f"{aliases[number]} line {number}",
            "kind": "IDENTIFIED",
            "deal_number": f"+447700900{number * 61 % 1000:03d}",
            "owner_force": ("01", "05", "20", force)[number % 4],
            "status": ("ACTIVE", "ACTIVE", "DORMANT", "CLOSED")[number % 4],
        }
        for number in range(1, 15)
    ]
    return [generic | {"owner_force": force, "status": "ACTIVE"}, *identified]
