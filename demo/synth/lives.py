"""What is decided of each child, and what is therefore true of the tracker?

Follows the inbound contract's rules alone, not the pipeline: a child is added on the meeting's date, a verified date of
birth ends the stay on the 18th birthday, any other only by a decision, and only decisions change anything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from demo.synth.calendar import Calendar
from demo.synth.people import Person, Population

# Fates in the order in which they are given out, so that a small force has one of each; the rest lead ordinary lives.
OPENING_FATES = (
    "MOVED_AREA",
    "ESTIMATED",
    "NO_LONGER_AT_RISK",
    "LEAP_DAY",
    "CORRECTED",
    "REOPENED",
    "STATUS",
    "RESTRICTED",
    "DISPUTED",
    "OTHER",
    "ENTERED_IN_ERROR",
    "DECEASED",
)
REMOVED_FATES = {"MOVED_AREA", "NO_LONGER_AT_RISK", "OTHER", "ENTERED_IN_ERROR", "DECEASED", "REOPENED"}
LIMITED_FATES = {"RESTRICTED": "RESTRICT", "DISPUTED": "DISPUTE"}
SCOPE = timedelta(days=150)  # before the 18th birthday, for what meetings are to decide
MARGIN = timedelta(days=20)  # between a meeting that decides on a child and the child's 18th birthday


@dataclass
class Decision:
    """A row of decisions.csv, before it has its number and time of the day."""

    meeting: date
    action: str
    mention_key: str
    other_mention_key: str = ""
    value: str = ""
    reason_code: str = ""
    reason: str = ""


@dataclass
class Life:
    """One child: who they are, what the force wrote first, and their stays on the tracker."""

    person: Person
    mention_key: str  # by which decisions name the child
    status: str = ""
    opening_status: str = ""  # the spreadsheet's
    opening_born: date | None = None  # the spreadsheet's date of birth, where it is not the true one
    first_seen: date = date.min
    last_seen: date = date.max
    stays: list[tuple[date, date | None, str]] = field(default_factory=list)  # added, removed, why
    decisions: list[Decision] = field(default_factory=list)

    def decide(self, meeting: date, action: str, **given: str) -> None:
        """Add a decision on this child."""
        self.decisions.append(Decision(meeting, action, self.mention_key, **given))

    def leave(self, on: date, reason: str) -> None:
        """End the present stay."""
        added, _, _ = self.stays[-1]
        self.stays[-1] = (added, on, reason)

    def is_on(self, day: date) -> bool:
        """True on a day of a stay."""
        return any(added <= day and (removed is None or day < removed) for added, removed, _ in self.stays)


def opening_lives(number: int, population: Population, calendar: Calendar) -> list[Life]:
    """The children of the spreadsheet, each with what becomes of them."""
    random = population.random
    lives: list[Life] = []
    meetings = calendar.meetings()
    for index in range(number):
        fate = OPENING_FATES[index] if index < len(OPENING_FATES) else ""
        person = _opening_child(fate, population, calendar, [life.person for life in lives])
        status = random.choice(("OPEN", "VULNERABLE", "VULNERABLE"))
        life = Life(person, f"opening:{person.key}", status=status, opening_status=status)
        added = calendar.takeover - timedelta(days=random.randint(0, 250))
        life.stays.append((added, None, ""))
        life.first_seen = calendar.start
        _live(life, fate, meetings, random)
        _age_out(life, meetings, calendar)
        lives.append(life)
    return lives


def ratified_lives(number: int, population: Population, calendar: Calendar) -> list[Life]:
    """The children taken on at a meeting; their mention key is set when their first report is written."""
    random = population.random
    lives: list[Life] = []
    meetings = [day for day in calendar.meetings() if day - timedelta(days=40) > calendar.start]
    while meetings and len(lives) < number:
        meeting = random.choice(meetings)
        person = _close_to_somebody(population, meeting, random, 12)
        if person.turns_18() < meeting + MARGIN:
            continue
        life = Life(person, "", status=random.choice(("OPEN", "VULNERABLE", "VULNERABLE")))
        life.stays.append((meeting, None, ""))
        life.first_seen = meeting - timedelta(days=random.randint(8, 35))
        _age_out(life, meetings, calendar)
        lives.append(life)
    return lives


def ratify(life: Life, random: Random) -> None:
    """The decisions that take a child on: ratified, with the date of birth and gender that the meeting verified."""
    meeting, person = life.stays[0][0], life.person
    life.decide(meeting, "RATIFY", value=life.status)
    life.decide(meeting, "SET_DOB", value=person.born.isoformat(), reason_code="VERIFIED")
    life.decide(meeting, "SET_GENDER", value=person.gender)
    if random.random() < 0.4:
        life.decide(meeting, "VISITED", value=(meeting - timedelta(days=3)).isoformat())
    if random.random() < 0.3:
        life.decide(meeting, "TOOLKIT_COMPLETED", value=(meeting - timedelta(days=2)).isoformat())
    if random.random() < 0.2:
        life.decide(meeting, "NRM_SUBMITTED", value=f"NRM-{random.randint(1, 999_999):06d}")
        life.decide(meeting, "NRM_DECISION", value="Positive reasonable grounds")
    if random.random() < 0.1:
        life.decide(meeting, "SET_AUTHORITY", value=person.home.authority)


def _opening_child(fate: str, population: Population, calendar: Calendar, known: list[Person]) -> Person:
    random = population.random
    if fate == "LEAP_DAY":
        year = next(year for year in range(calendar.takeover.year - 18, 9999) if year % 4 == 0)
        return population.child(date(year, 2, 29))
    person = _close_to_somebody(population, calendar.takeover, random, 13, known)
    while person.turns_18() <= calendar.takeover + SCOPE and fate:
        person = population.child(_born(calendar.takeover, 13, random))
    if fate == "ESTIMATED":
        person = replace(person, born_status="ESTIMATED")
        population.made[-1] = person
    return person


def _close_to_somebody(
    population: Population, on: date, random: Random, youngest: int, known: list[Person] | None = None
) -> Person:
    others = [one for one in (known or population.made) if one.school and one.turns_18() > on + MARGIN]
    kind = random.choices(("", "TWIN", "SIBLING", "COUSIN", "HOUSEMATE"), (70, 5, 10, 7, 8))[0]
    born = _born(on, youngest, random)
    return population.like(random.choice(others), born, kind) if kind and others else population.child(born)


def _born(on: date, youngest: int, random: Random) -> date:
    """A birthday that makes somebody a child of this age or older on a day; older ones are more likely."""
    age = random.choice([age for age in range(youngest, 18) for _ in range(age - youngest + 1)])
    return on - timedelta(days=round((age + random.random()) * 365.2425))


def _live(life: Life, fate: str, meetings: list[date], random: Random) -> None:
    """The decisions of a fate, at meetings well before the 18th birthday."""
    usable = [day for day in meetings if day + MARGIN < life.person.turns_18()]
    if fate in REMOVED_FATES and usable:
        place = 0 if fate == "REOPENED" else random.randrange(min(4, len(usable)))
        meeting, later = usable[place], usable[place + 2 :]
        reason = "NO_LONGER_AT_RISK" if fate == "REOPENED" else fate
        life.decide(meeting, "REMOVE", reason_code=reason, reason="Agreed at meeting")
        life.leave(meeting, reason)
        if fate == "REOPENED" and later:
            life.decide(later[0], "REOPEN")
            life.stays.append((later[0], None, ""))
        else:
            life.last_seen = meeting
    if fate == "CORRECTED" and usable:
        life.opening_born = life.person.born + timedelta(days=365)
        life.decide(usable[0], "SET_DOB", value=life.person.born.isoformat(), reason_code="VERIFIED")
    if fate == "STATUS" and usable:
        life.status = "VULNERABLE" if life.status == "OPEN" else "OPEN"
        life.decide(usable[0], "SET_STATUS", value=life.status)
    if fate in LIMITED_FATES and usable:
        life.decide(usable[0], LIMITED_FATES[fate])
        for lifted in usable[3:4]:
            life.decide(lifted, f"UN{LIMITED_FATES[fate]}")


def _age_out(life: Life, meetings: list[date], calendar: Calendar) -> None:
    """The 18th birthday: by itself where the date is verified, by the next meeting where it is not."""
    birthday = life.person.turns_18()
    life.last_seen = min(life.last_seen, birthday - timedelta(days=1), calendar.end)
    if life.stays[-1][1] is not None or birthday > calendar.end:
        return
    if life.person.born_status == "VERIFIED":
        life.leave(birthday, "AGED_OUT")
        return
    for meeting in (day for day in meetings if day >= birthday):
        life.decide(meeting, "REMOVE", reason_code="AGED_OUT", reason="Agreed at meeting")
        life.leave(meeting, "AGED_OUT")
        return


def declined(mention_key: str, meeting: date) -> Decision:
    """A meeting that did not take a child on."""
    return Decision(meeting, "DECLINE", mention_key, reason_code="NOT_MET", reason="Threshold not met")


def balance(lives: list[Life], first: date, last: date) -> Iterator[tuple[str, int]]:
    """Opening, added, removed, distinct: of the stays between two days, both included."""
    stays = [(index, *stay) for index, life in enumerate(lives) for stay in life.stays if stay[0] <= last]
    at_start = [s for s in stays if s[1] < first and (s[2] is None or s[2] >= first)]
    added = [s for s in stays if s[1] >= first]
    yield "opening", len(at_start)
    yield "added", len(added)
    yield "removed", sum(s[2] is not None and first <= s[2] <= last for s in stays)
    yield "distinct", len({s[0] for s in at_start + added})
