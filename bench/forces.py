"""Does every child of another force reach the right authority, and none a wrong one?

    python -m bench.forces [--nights 56] [--children 40] [--seed 1] [--force Leicestershire] [--out DIR]

Sets each force up as docs/first-night.md says, invents children in its places, replays its nights, and holds all that
left against the truth that the invented force has beside it. Exit 1 where anybody was told wrongly, or in silence not.
"""

import argparse
import csv
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from clvt.adopt import adopt
from clvt.replay import endpoint, read_labels, replay, sources
from connectors.store.paths import Home
from demo.synth import make_force
from expectations.recipients import Recipient, values
from expectations.site import Site, load
from night.report import needing_people
from night.routes import routes
from night.run import Run
from transforms.export.holdings import DISCLOSING
from transforms.report.questions import answerable

ADOPTED: Mapping[str, Mapping[str, list[str]]] = {  # the answers to `clvt adopt`
    "Leicestershire": {
        "meeting": ["Wednesday 2"],
        "area": ["City West=Leicester", "Charnwood=Leicestershire", "Melton=Leicestershire,Rutland"],
        "panel": ["MACE=Leicester", "LCEP=Leicestershire,Rutland"],
    },
    "Metropolitan Police": {
        "meeting": ["Thursday 3"],
        "area": [
            "Central East=Hackney,Tower Hamlets",
            "Central North=Camden,Islington",
            "Central South=Lambeth,Southwark",
            "Central West=Hammersmith and Fulham,Kensington and Chelsea,Westminster",
            "East Area=Barking and Dagenham,Havering,Redbridge",
            "North Area=Enfield,Haringey",
            "North East=Newham,Waltham Forest",
            "North West=Barnet,Brent,Harrow",
            "South Area=Bromley,Croydon,Sutton",
            "South East=Bexley,Greenwich,Lewisham",
            "South West=Kingston upon Thames,Merton,Richmond upon Thames,Wandsworth",
            "West Area=Ealing,Hillingdon,Hounslow",
        ],
        "panel": ["MACE Lambeth=Lambeth", "MACE Croydon=Croydon"],
    },
    "Dyfed-Powys": {
        "area": ["Llanelli=Carmarthenshire", "Aberystwyth=Ceredigion", "Haverfordwest=Pembrokeshire", "Newtown=Powys"],
        "panel": ["MACE Powys=Powys"],
    },
}
FIRST = date(2022, 3, 1)
BEFORE, AFTER = timedelta(days=150), timedelta(days=30)
SAYS_WHO_HEARS = ("authority", "route_action", "unheard_action")  # kinds of questions and tasks


@dataclass(frozen=True)
class Made:
    """A force that was set up and invented: its home, and the folder of what it gives, with the truth."""

    home: Home
    scenario: Path

    @property
    def site(self) -> Site:
        """The force's settings."""
        return load(self.home.root / "site.yml")


@dataclass
class Comparison:
    """Of the children identified by the last night how many their own authority heard of, and why not the others.

    `wrong` are records that reached a place in which the child does not live, of any night; `silent` those of whom the
    own authority heard nothing, and no question or task says so.
    """

    children: int = 0
    right: int = 0
    disclosures: int = 0
    wrong: list[str] = field(default_factory=list)
    not_heard: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)


def made(folder: Path, force: str, *, children: int, nights: int, seed: int) -> Made:
    """Set a force up and invent its children, so that there is something before the first of its nights and after."""
    home, scenario = Home(folder / "home"), folder / "invented"
    adopt(home, {"force": [force], **ADOPTED[force]})
    site = load(home.root / "site.yml")
    end = FIRST + timedelta(days=nights) + AFTER
    make_force(scenario, seed=seed, children=children, start=FIRST - BEFORE, end=end, site=site)
    return Made(home, scenario)


def lived(force: Made, nights: int) -> Run:
    """Run so many nights; returns the last one."""
    last = FIRST + timedelta(days=nights - 1)
    replay(force.home, force.scenario, FIRST, last, None, deliver=False)
    return Run(last, force.home, partial(endpoint, sources(force.scenario)))


def compared(force: Made, last: Run) -> Comparison:
    """All that left up to the last night beside where the children truly live."""
    found, truth = Comparison(), Truth.read(force)
    for night in force.home.nights():
        for recipient, keys in _told(replace(last, as_of=night)):
            found.disclosures += 1
            child = truth.child(keys)
            if not truth.is_for(recipient, child):
                found.wrong.append(f"{night}: {child} to {recipient.name}")
    asked = {row["person_id"] for row in answerable(needing_people(last)) if row["kind"] in SAYS_WHO_HEARS}
    homes = defaultdict(list)
    for route in routes(last):
        if route["role"] == "HOME":
            homes[truth.child(route["mention_keys"])].append(route)
    found.children = len(homes)
    for child, rows in homes.items():
        if any(row["state"] == "SENT" and row["authority"] == truth.ons(child) for row in rows):
            found.right += 1
        else:
            found.not_heard[rows[0]["why"]] += 1
            found.silent += [child for row in rows if row["person_id"] not in asked]
    return found


@dataclass(frozen=True)
class Truth:
    """Who each mention truly is, and where everybody lives."""

    site: Site
    labels: Mapping[str, str]
    homes: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, force: Made) -> "Truth":
        """What the invented force has beside it."""
        with (force.scenario / "truth_homes.csv").open(encoding="utf-8", newline="") as lines:
            homes = {row["person"]: row for row in csv.DictReader(lines)}
        return cls(force.site, read_labels(force.scenario / "labels.csv"), homes)

    def child(self, keys: Iterable[str]) -> str:
        """The one whom these mentions name; where they name several, all of them, who live nowhere."""
        return "+".join(sorted({self.labels[key] for key in keys if key in self.labels}))

    def ons(self, child: str) -> str:
        """The authority in which a child lives, by the national list."""
        found = self.site.places.authority(self.homes.get(child, {}).get("local_authority"))
        return found.ons if found else ""

    def is_for(self, recipient: Recipient, child: str) -> bool:
        """True where a contract is for the place in which a child lives."""
        home = self.homes.get(child, {})
        authority = home.get("local_authority", "")
        panel = self.site.local_authorities[authority].panel if authority else ""
        lives = {**home, "authority": authority, "panel": panel}
        return all(lives.get(key) in values(given) for key, given in recipient.population.where.items())


def _told(run: Run) -> Iterator[tuple[Recipient, set[str]]]:
    """Each record that a night told a recipient that is for a place, as the mentions of its child."""
    contracts, keys = run.contracts(), defaultdict(set)
    for row in run.rows("link", "person"):
        keys[row["person_id"]].add(row["mention_key"])
    for row in run.rows("export", "disclosure"):
        recipient = contracts[row["recipient"]]
        if row["operation"] in DISCLOSING and recipient.population.where:
            yield recipient, keys[row["person_id"]]


def show(name: str, found: Comparison) -> None:
    """Print one force's figures."""
    print(f"{name}: {found.children} children identified, {found.right} heard of by their own authority; ", end="")
    print(f"{found.disclosures} records told by place, {len(found.wrong)} wrong, {len(found.silent)} silent")
    for why, count in found.not_heard.most_common():
        print(f"  {count:3} not heard: {why}")
    for one in (*found.wrong, *found.silent):
        print(f"      {one}")


def main() -> int:
    """Set up each force, run its nights, print what was right and wrong."""
    parser = argparse.ArgumentParser(
        prog="bench.forces", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--nights", type=int, default=56)
    parser.add_argument("--children", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--force", choices=list(ADOPTED), action="append")
    parser.add_argument("--out", type=Path, help="keep the homes there")
    chosen = parser.parse_args()
    bad = False
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen.force or ADOPTED:
            folder = (chosen.out or Path(scratch)) / name.replace(" ", "_").lower()
            force = made(folder, name, children=chosen.children, nights=chosen.nights, seed=chosen.seed)
            found = compared(force, lived(force, chosen.nights))
            show(f"{name}, {chosen.nights} nights, seed {chosen.seed}", found)
            bad |= bool(found.wrong or found.silent)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
