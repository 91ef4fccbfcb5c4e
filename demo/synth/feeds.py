"""What do partners send of the invented children?

Missing episodes (some still missing in a first file and back in a later one), British Transport Police reports, SCA
referrals and their decisions, panel outcomes. A file is named for the morning after what it tells of.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo.synth.calendar import Calendar
from demo.synth.lives import Life
from demo.synth.people import Person, names
from demo.synth.writing import PERSON_COLUMNS, hastily

Record = dict[str, object]

OTHER_FORCES = ("01", "20", "33", "32")
ACTIONS = ("Mentor", "Disruption visit", "Strategy meeting", "Family support", "Education placement")
AGENCIES = ("Social Care", "Police", "Youth Justice", "Voluntary sector", "CAMHS")


@dataclass
class Inbox:
    """Records by feed and date of file, and the label of each mention."""

    calendar: Calendar
    random: Random
    files: dict[tuple[str, date], list[Record]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[str, str] = field(default_factory=dict)

    def put(self, feed: str, named_for: date, record: Record) -> None:
        """A record in the file of a day, unless that day is not reached."""
        if named_for <= self.calendar.end:
            self.files[feed, named_for].append(record)

    def missing(self, number: int, life: Life, day: date) -> None:
        """A missing episode; one in three is sent before the child is back, and again afterwards."""
        person, random = life.person, self.random
        ref = f"MFH-{number:05d}"
        gone = self.calendar.some_time(day, random)
        back = gone + timedelta(hours=random.randint(5, 50))
        record: Record = {
            "episode_ref": ref,
            "source_person_id": random.choice(person.nominals) if person.nominals else "",
            **_person(person, day, random),
            "missing_from": gone.isoformat(),
            "returned_at": back.isoformat(),
            "found_place": random.choice(names()["places"]),
            "found_force": random.choice(self._finders()),
            "risk": random.choice(("HIGH", "MEDIUM")),
        }
        first = day + timedelta(days=1)
        after = back.date() + timedelta(days=1)
        if random.random() < 0.33 and first < after:
            self.put("missing_episodes", first, record | {"returned_at": "", "found_place": "", "found_force": ""})
        else:
            first = after
        self.put("missing_episodes", after, record)
        self._label(f"missing:{ref}", person, first)

    def btp(self, number: int, life: Life, day: date) -> None:
        """A report of the British Transport Police; the first one came garbled and is sent again."""
        ref = f"BTP-{number:05d}"
        record: Record = {
            "report_ref": ref,
            "reported_at": self.calendar.some_time(day, self.random).isoformat(),
            "station": f"{self.random.choice(names()['streets'])} station",
            "journey": f"{self._town()} to {self.random.choice(names()['streets'])}",
            **_person(life.person, day, self.random),
            "grade": "2BP",
            "circumstances": "Found travelling without a ticket",
        }
        named_for = day + timedelta(days=1)
        if number == 1 and named_for + timedelta(days=2) <= self.calendar.end:
            self.put("btp_reports", named_for, record | {"reported_at": "this morning"})
            named_for += timedelta(days=2)
        self.put("btp_reports", named_for, record)
        self._label(f"btp:{ref}", life.person, named_for)

    def sca(self, number: int, life: Life, day: date) -> None:
        """A referral to the Single Competent Authority; one in three comes again with its decision."""
        ref = f"NRM-{number:06d}"
        record: Record = {
            "referral_ref": ref,
            "received_at": self.calendar.some_time(day, self.random).isoformat(),
            "kind": "REFERRAL",
            "first_responder": self.calendar.site.force_name,
            "exploitation_types": ["forced-to-commit-crime"],
            **_person(life.person, day, self.random),
        }
        self.put("sca_referrals", day + timedelta(days=1), record)
        self._label(f"sca:{ref}", life.person, day + timedelta(days=1))
        if number % 3 == 0:
            decided = day + timedelta(days=self.random.randint(20, 60))
            later = {"kind": "DECISION", "decision": "Positive reasonable grounds"}
            self.put("sca_referrals", decided, record | later)

    def panel(self, number: int, life: Life, day: date) -> None:
        """What a panel agreed for a child on the tracker."""
        person, random = life.person, self.random
        ref = f"PAN-{number:05d}"
        is_closed = random.random() < 0.4
        record: Record = {
            "outcome_ref": ref,
            "panel": self.calendar.site.local_authorities[person.home.authority].panel,
            "held_on": day.isoformat(),
            **_person(person, day, random),
            "action": random.choice(ACTIONS),
            "owner_agency": random.choice(AGENCIES),
            "due_on": (day + timedelta(days=28)).isoformat(),
            "power_used": random.choice(("", "", "Civil order", "Child abduction warning notice")),
            "commissioned_support": random.choice(("", "", "Sports mentoring")),
            "commissioned_cost": random.choice(("", "450.00")),
            "outcome": random.choice(("Engaged", "Not engaged")) if is_closed else "",
            "closed_on": (day + timedelta(days=20)).isoformat() if is_closed else "",
        }
        self.put("panel_outcomes", day + timedelta(days=1), record)
        self._label(f"panel:{ref}", person, day + timedelta(days=1))

    def _finders(self) -> tuple[str, ...]:
        """Forces that find a missing child: the own one in two of five cases."""
        own = self.calendar.site.force_code
        return (own, own, *[code for code in OTHER_FORCES if code != own][:3])

    def _town(self) -> str:
        """The first of the force's authorities, as the country calls it."""
        site = self.calendar.site
        return site.nation.name(site.places.all[0].ons) if site.local_authorities else site.force_name

    def _label(self, mention_key: str, person: Person, named_for: date) -> None:
        if named_for <= self.calendar.end:
            self.labels[mention_key] = person.key


def fill(lives: list[Life], reports: int, inbox: Inbox) -> None:
    """Feeds in the measure of the number of reports."""
    if not lives:
        return
    for kind, share in ((inbox.missing, 0.09), (inbox.btp, 0.023), (inbox.sca, 0.02)):
        for number in range(1, max(2, round(reports * share)) + 1):
            life = inbox.random.choice(lives)
            kind(number, life, _day_of(life, inbox))
    number = 0
    for day in (day for day in inbox.calendar.days() if day.weekday() == 3 and 15 <= day.day <= 21):
        for life in lives:
            if life.is_on(day) and day < life.person.turns_18() and inbox.random.random() < 0.25:
                number += 1
                if inbox.calendar.site.local_authorities[life.person.home.authority].panel:
                    inbox.panel(number, life, day)


def _day_of(life: Life, inbox: Inbox) -> date:
    first = max(life.first_seen, inbox.calendar.start)
    return first + timedelta(days=inbox.random.randint(0, max(0, (life.last_seen - first).days)))


def _person(person: Person, on: date, random: Random) -> Record:
    written = hastily(person, on, random)
    return {name: written[name] for name in PERSON_COLUMNS}
