"""Invented forces whose truth is known, made to be hard to link.

Households with brothers, sisters and twins; cousins with one name, some in one home; children's homes with one
postcode; nicknames, typing errors, exchanged names, days and months; half dates and missing fields. A seed gives the
same force.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from string import ascii_lowercase

from expectations.plain import Row
from transforms.link.model.names import births, national_share
from transforms.normalise.identifiers import check_letter
from transforms.normalise.names import NICKNAMES


@dataclass(frozen=True)
class Habits:
    """How often records are written with or without something; what is not named here is the same everywhere."""

    nickname: float
    typing_error: float
    year_alone: float
    no_birth: float
    home: float
    no_name: float
    nominal: float = 0.0
    telephone: float = 0.3
    pnc: float = 0.4
    postcode_alone: float = 0.2


HABITS = {
    "force": Habits(0.12, 0.05, 0.05, 0.12, 0.7, 0.004, nominal=0.6, pnc=0.6),
    "households": Habits(0.12, 0.05, 0.04, 0.08, 0.6, 0.01),
    "sparse": Habits(0.15, 0.07, 0.08, 0.20, 0.35, 0.02, telephone=0.15, pnc=0.15, postcode_alone=0.6),
}
# The same with the commonest names each as common as any other.
EVEN_NAMES = {f"{kind}, even names": kind for kind in ("households", "sparse")}
MENTIONS_A_PERSON = 4
STREET_NAMES = ("Elder", "Oak", "Rowan", "Kestrel", "Orchard", "Bramble", "Violet", "Willow", "Gorse", "Cedar", "Alder")
STREET_KINDS = ("Road", "Street", "Close", "Avenue", "Drive", "Walk", "Court", "Gardens")
STREETS = [f"{name} {kind}" for name in STREET_NAMES for kind in STREET_KINDS]
ALIASES = ("Tiny", "Ghost", "Remy", "Spud", "Jigga", "Squeaks", "Ferret", "Dex", "Skep", "Ace", "Biggs")
ENDINGS = ("ley", "ton", "wood", "worth", "ham", "field", "by", "man", "shaw", "gate")
UNIT = "ABDEFGHJLNPQRSTUWXYZ"
EVEN = 400  # of the commonest names, where each is as common as any other


@dataclass
class Person:
    """One invented person, and what records may say of them."""

    name: str
    given: str
    surname: str
    gender: str
    born: date
    homes: list[tuple[str, str]]
    middle: str
    alias: str
    telephones: list[str]
    pnc: str
    nominals: list[str]


@dataclass
class Force:
    """Persons and the mentions of them, from one seed."""

    seed: int
    even_names: bool = False
    persons: list[Person] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        girls, boys = ({name: born[sex] for name, born in births().items()} for sex in (0, 1))
        listed = {"surname": national_share("surname"), "Female": girls, "Male": boys}
        self.drawn = {kind: _drawn(names, self.even_names) for kind, names in listed.items()}
        self.nicknames = _nicknames()

    def populate(self, persons: int) -> None:
        """Households, children's homes and people by themselves, until there are so many."""
        while len(self.persons) < persons:
            kind = self.random.random()
            if kind < 0.75:
                self._household()
            elif kind < 0.77:
                home = self._home()
                for _ in range(self.random.randrange(4, 10)):
                    self._person(home=home)
            else:
                self._person(adult=self.random.random() < 0.3)

    def mentions(self, count: int, habits: Habits) -> Iterator[Row]:
        """So many mentions, some people in many, most in few."""
        left = count
        while left:
            person = self.random.choice(self.persons)
            for _ in range(min(left, 1 + int(self.random.expovariate(1 / MENTIONS_A_PERSON)))):
                yield self._mention(person, habits)
                left -= 1

    def _household(self) -> None:
        home, surname = self._home(), self._surname()
        eldest = self._person(surname=surname, home=home)
        names = {eldest.given}
        for _ in range(self.random.choices([0, 1, 2, 3], [4, 3, 2, 1])[0]):
            gender = self.random.choice(["Male", "Female"])
            given = self._name(gender)
            while self._alike(given, names):
                given = self._name(gender)
            names.add(given)
            twin = self.random.random() < 0.15
            self._person(surname=surname, given=given, gender=gender, home=home, born=eldest.born if twin else None)
        if self.random.random() < 0.06:
            cousins_home = home if self.random.random() < 0.2 else self._home()
            self._person(surname=surname, given=eldest.given, gender=eldest.gender, home=cousins_home)

    def _person(
        self,
        surname: str = "",
        given: str = "",
        gender: str = "",
        home: tuple[str, str] | None = None,
        born: date | None = None,
        adult: bool = False,
    ) -> Person:
        pick = self.random
        gender = gender or pick.choices(["Male", "Female"], [7, 3])[0]
        first_year, years = (1970, 33) if adult else (2003, 10)
        person = Person(
            name=f"P{len(self.persons):07d}",
            given=given or self._name(gender),
            surname=surname or self._surname(),
            gender=gender,
            born=born or date(first_year, 1, 1) + timedelta(days=pick.randrange(years * 365)),
            homes=[home or self._home()] + ([self._home()] if pick.random() < 0.3 else []),
            middle=self._name(gender) if pick.random() < 0.25 else "",
            alias=pick.choice(ALIASES) if pick.random() < 0.25 else "",
            telephones=[f"07700 9{pick.randrange(100000):05d}" for _ in range(pick.randrange(3))],
            pnc=self._pnc() if pick.random() < 0.3 else "",
            nominals=[],
        )
        person.nominals = [f"N{person.name[1:]}{n}" for n in range(pick.choices([1, 2, 3], [6, 3, 1])[0])]
        self.persons.append(person)
        return person

    def _mention(self, person: Person, habits: Habits) -> Row:
        pick = self.random

        def sometimes(share: float, value: str) -> str:
            return value if pick.random() < share else ""

        given, surname = self._written_name(person, habits)
        born, status = self._written_birth(person.born, habits)
        often_home = pick.random() < 0.6
        address, postcode = person.homes[0] if often_home else person.homes[-1]
        at_home = pick.random() < habits.home
        return {
            "person": person.name,
            "given_names": sometimes(1 - habits.no_name, given),
            "surname": sometimes(1 - habits.no_name, surname),
            "alias": sometimes(0.5, person.alias),
            "date_of_birth": born,
            "dob_status": status,
            "gender": sometimes(0.93, person.gender),
            "address": sometimes(1 - habits.postcode_alone, address) if at_home else "",
            "postcode": postcode if at_home else "",
            "telephone": sometimes(habits.telephone, pick.choice(person.telephones)) if person.telephones else "",
            "pnc_id": sometimes(habits.pnc, person.pnc),
            "source_person_id": sometimes(habits.nominal, pick.choice(person.nominals)),
        }

    def _written_name(self, person: Person, habits: Habits) -> tuple[str, str]:
        pick = self.random
        given, surname = person.given, person.surname
        if given in self.nicknames and pick.random() < habits.nickname:
            given = pick.choice(self.nicknames[given])
        given = self._mistyped(given) if pick.random() < habits.typing_error else given
        surname = self._mistyped(surname) if pick.random() < habits.typing_error else surname
        if person.middle and pick.random() < 0.4:
            given = f"{given} {person.middle}"
        if " " in surname and pick.random() < 0.3:
            surname = pick.choice(surname.split())
        if pick.random() < 0.01:
            given, surname = surname, given
        return given.title(), surname.title()

    def _written_birth(self, born: date, habits: Habits) -> tuple[str, str]:
        pick = self.random
        if pick.random() < habits.no_birth:
            return pick.choice(["", "", "1900-01-01"]), "UNKNOWN"
        if pick.random() < habits.year_alone:
            return str(born.year), "ESTIMATED"
        if pick.random() < 0.6:
            return born.isoformat(), "VERIFIED"
        error = pick.random()
        if error < 0.06 and born.day <= 12:
            return f"{born.year}-{born.day:02d}-{born.month:02d}", "STATED"
        if error < 0.13:
            return f"{born.year + pick.choice([-1, 1])}-{born.month:02d}-{min(born.day, 28):02d}", "STATED"
        if error < 0.17:
            return f"{born.year}-{born.month:02d}-{pick.randrange(1, 29):02d}", "STATED"
        return born.isoformat(), "STATED"

    def _mistyped(self, word: str) -> str:
        if len(word) < 4:
            return word
        at, kind = self.random.randrange(len(word) - 1), self.random.randrange(4)
        if kind == 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        replacement = ("", word[at] * 2, self.random.choice(ascii_lowercase))[kind - 1]
        return word[:at] + replacement + word[at + 1 :]

    def _surname(self) -> str:
        name, kind = self._name("surname"), self.random.random()
        if kind < 0.12:
            return f"{name} {self._name('surname')}"
        return name[: self.random.randrange(2, 5)] + self.random.choice(ENDINGS) if kind < 0.34 else name

    def _name(self, kind: str) -> str:
        """A surname, or the given name of a gender, as often as the country bears it."""
        names, up_to = self.drawn[kind]
        return self.random.choices(names, cum_weights=up_to)[0]

    def _alike(self, name: str, names: set[str]) -> bool:
        return any(name == n or name in self.nicknames.get(n, ()) or n in self.nicknames.get(name, ()) for n in names)

    def _home(self) -> tuple[str, str]:
        pick = self.random
        inward = f"{pick.randrange(1, 10)}{pick.choice(UNIT)}{pick.choice(UNIT)}"
        return f"{pick.randrange(1, 150)} {pick.choice(STREETS)}", f"NG{pick.randrange(1, 25)} {inward}"

    def _pnc(self) -> str:
        year, serial = self.random.randrange(2014, 2023), self.random.randrange(10**7)
        return f"{year}/{serial:07d}{check_letter(str(year)[2:], f'{serial:07d}')}"


def force(kind: str, mentions: int, seed: int) -> list[Row]:
    """So many mentions of a kind of force, each with its `key` and true `person`, in random order.

    `kind` is a key of HABITS or of EVEN_NAMES.
    """
    made = Force(seed, even_names=kind in EVEN_NAMES)
    made.populate(max(1, mentions // MENTIONS_A_PERSON))
    rows = list(made.mentions(mentions, HABITS[EVEN_NAMES.get(kind, kind)]))
    made.random.shuffle(rows)
    return [{"key": f"intel:31/2022/{number:07d}#1", **row} for number, row in enumerate(rows)]


def _drawn(names: Mapping[str, float], even: bool) -> tuple[list[str], list[float]]:
    """Names with their cumulative weights."""
    common = sorted(names, key=lambda name: (-names[name], name))
    if even:
        return common[:EVEN], list(accumulate([1.0] * EVEN))
    return common, list(accumulate(float(names[name]) for name in common))


def _nicknames() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with Path(NICKNAMES).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found.setdefault(row["root"], []).append(row["name"])
    return found
