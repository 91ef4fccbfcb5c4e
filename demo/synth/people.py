"""Who lives in the invented force: children, those who look like them, and adults?

Twins share everything but a given name, siblings a home, cousins a surname, and the children of a children's home an
address with nobody of their own. They are what makes linking people hard.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from expectations.site import Site

PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
ETHNICITIES = ("W1", "W1", "W1", "W2", "W9", "M1", "M3", "M9", "A1", "A2", "A9", "B1", "B2", "B9", "O9", "NS")
INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@cache
def names() -> dict[str, Any]:
    """The lists of invented names and places."""
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "names.yml").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Home:
    """Where somebody lives."""

    address: str
    postcode: str
    authority: str
    area: str


@dataclass(frozen=True)
class Person:
    """One invented person, as they truly are."""

    key: str
    given: str
    second: str
    surname: str
    alias: str
    born: date
    born_status: str
    gender: str
    ethnicity: str
    home: Home
    telephone: str
    pnc_id: str
    school: str
    nominals: tuple[str, ...]

    def turns_18(self) -> date:
        """The 18th birthday; 1 March for those born on 29 February, where the year has none."""
        try:
            return self.born.replace(year=self.born.year + 18)
        except ValueError:
            return date(self.born.year + 18, 3, 1)


def homes_of(site: Site) -> list[tuple[str, str]]:
    """(area, authority): each neighbourhood area of a site with each of its authorities."""
    given = [(area, (one,) if isinstance(one, str) else one) for area, one in site.policing_areas.items()]
    found = [(area, site.places.authority(name)) for area, named in given for name in named]
    return [(area, authority.code) for area, authority in found if authority]


class Population:
    """Makes people, each with a key of their own, from one random source."""

    def __init__(self, random: Random, site: Site, no_birthday_on: date) -> None:
        self.random = random
        self.no_birthday_on = no_birthday_on
        self.places = sorted(homes_of(site))
        self._site = site
        self.made: list[Person] = []
        self._named: set[tuple[str, date]] = set()
        self._nominal = 100_000

    def child(self, born: date, **known: Any) -> Person:
        """A child born on a day."""
        return self._add(born, known, school=f"{self.random.choice(names()['streets'])} Academy")

    def adult(self, on: date) -> Person:
        """An adult of 19 to 50 on a day."""
        return self._add(on - timedelta(days=self.random.randint(19 * 366, 50 * 365)), {}, school="")

    def like(self, other: Person, born: date, kind: str) -> Person:
        """Somebody close to another child: TWIN, SIBLING, COUSIN or HOUSEMATE."""
        shared: dict[str, dict[str, Any]] = {
            "TWIN": {"surname": other.surname, "home": other.home, "ethnicity": other.ethnicity},
            "SIBLING": {"surname": other.surname, "home": other.home, "ethnicity": other.ethnicity},
            "COUSIN": {"surname": other.surname, "given": other.given, "gender": other.gender},
            "HOUSEMATE": {"home": other.home},
        }
        return self.child(other.born if kind == "TWIN" else born, **shared[kind])

    def home(self) -> Home:
        """An address in one of the force's areas."""
        random = self.random
        street = f"{random.choice(names()['streets'])} {random.choice(list(names()['street_kinds']))}"
        inward = f"{random.randint(1, 9)}{random.choice(INWARD_LETTERS)}{random.choice(INWARD_LETTERS)}"
        area, authority = random.choice(self.places)
        return Home(f"{random.randint(1, 140)} {street}", f"{self._outward(area)} {inward}", authority, area)

    def _outward(self, area: str) -> str:
        """An outward code of the area, where the site says which are, else of the force's own part of the country."""
        given = sorted(start for start, named in self._site.home_areas.items() if named == area and " " not in start)
        if given:
            return self.random.choice(given)
        return f"{names()['postcodes'].get(self._site.force_code, 'NG')}{self.random.randint(1, 25)}"

    def _add(self, born: date, known: dict[str, Any], school: str) -> Person:
        random = self.random
        if (born.month, born.day) == (self.no_birthday_on.month, self.no_birthday_on.day):
            born -= timedelta(days=2)
        gender = known.get("gender") or ("Female" if random.random() < 0.2 else "Male")
        given_names = sorted(names()[gender.lower()])
        given = known.get("given") or random.choice([name for name in given_names if (name, born) not in self._named])
        self._named.add((given, born))
        person = Person(
            key=f"P{len(self.made):04d}",
            given=given,
            second=random.choice([name for name in given_names if name != given]) if random.random() < 0.3 else "",
            surname=random.choice(names()["surnames"]),
            alias=random.choice(names()["aliases"]) if random.random() < 0.35 else "",
            born=born,
            born_status="VERIFIED",
            gender=gender,
            ethnicity=random.choice(ETHNICITIES),
            home=self.home(),
            telephone=f"+447700900{random.randint(0, 999):03d}" if random.random() < 0.6 else "",
            pnc_id=self._pnc_id(born) if random.random() < 0.35 else "",
            school=school,
            nominals=tuple(self._next_nominal() for _ in range(random.choice((0, 1, 1, 1, 2, 3)))),
        )
        person = replace(person, **{name: value for name, value in known.items() if name not in ("given", "gender")})
        self.made.append(person)
        return person

    def _next_nominal(self) -> str:
        self._nominal += self.random.randint(1, 40)
        return f"N{self._nominal}"

    def _pnc_id(self, born: date) -> str:
        year, serial = born.year + self.random.randint(11, 13), self.random.randint(1_000_000, 9_999_999)
        return f"{year}/{serial}{PNC_LETTERS[int(f'{year % 100:02d}{serial}') % 23]}"
