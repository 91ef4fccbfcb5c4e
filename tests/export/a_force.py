"""A small force of invented people, as the rows that export reads."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from expectations import recipients as contracts
from expectations.contracts import contract
from expectations.recipients import Recipient
from expectations.site import Site
from expectations.site import load as load_site
from transforms.export.drops import Earlier, Outcome, drops
from transforms.reconcile.routes import route_rows
from transforms.tables import Tables

TONIGHT = date(2022, 6, 15)
SITE: Site = load_site()
CONTRACTS = contracts.load()
FACTS = (
    *("given_names", "surname", "date_of_birth", "gender", "ethnicity", "address", "postcode"),
    *("local_authority", "placing_authority", "policing_area", "telephone", "pnc_id", "school"),
)
SAID_IN = {"policing_area": "home_area"}  # of a child it is where the child lives; of a mention, where the event was


def rows_of(table: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows in the contract's schema: what they do not name is None."""
    return contract(table).table_of(list(rows)).to_pylist()


def mention(key: str = "intel:31/2022/000001#1", **given: Any) -> dict[str, Any]:
    """A mention of a boy by authorised intelligence, or what is said to be different of it."""
    kind, rest = key.split(":", 1)
    source = {"intel": "intelligence", "opening": "opening", "missing": "missing_episodes"}
    source |= {"btp": "btp_reports", "panel": "panel_outcomes", "sca": "sca_referrals"}
    usual = {
        "mention_key": key,
        "source": source[kind],
        "record_ref": rest.split("#")[0],
        "version": 1,
        "stamp": datetime(2022, 5, 1, tzinfo=UTC),
        "recorded_on": date(2022, 5, 1),
        "first_landed_on": date(2022, 5, 2),
        "landed_on": date(2022, 5, 2),
        "withdrawn": False,
        "role": "CHILD",
        "involvement": "LINKED" if kind == "intel" else None,
        "given_names": "Kai",
        "surname": "Ashby",
        "date_of_birth": date(2007, 3, 9),
        "dob_precision": "DAY",
        "dob_status": "VERIFIED",
        "gender": "Male",
        "local_authority": "CITY",
        "home_area": "City North",
        "policing_area": "City North",
    }
    return rows_of("mention", {**usual, **given})[0]


def report(ref: str = "31/2022/000001", **given: Any) -> dict[str, Any]:
    """A report graded 2BP, or what is said to be different of it."""
    usual = {
        "report_ref": ref,
        "version": 1,
        "source_force": "31",
        "intelligence_date": date(2022, 5, 1),
        "created_at": datetime(2022, 5, 1, tzinfo=UTC),
        "updated_at": datetime(2022, 5, 1, tzinfo=UTC),
        "protective_marking": "OFFICIAL-SENSITIVE",
        "grade_scheme": "3X5X2",
        "grade": "2BP",
        "handling": "P",
        "landed_on": date(2022, 5, 2),
    }
    return rows_of("report", {**usual, **given})[0]


@dataclass
class Person:
    """A child of the tracker and their mentions; `given` is what is different of the child's row."""

    person_id: str
    mentions: list[dict[str, Any]] = field(default_factory=lambda: [mention()])
    given: dict[str, Any] = field(default_factory=dict)

    def row(self, as_of: date) -> dict[str, Any]:
        standing = [one for one in self.mentions if not one["withdrawn"]]
        values = {name: _last(standing, SAID_IN.get(name, name)) for name in FACTS}
        born = self.given.get("date_of_birth", values["date_of_birth"])
        usual = {
            **values,
            "person_id": self.person_id,
            "state": "OPEN",
            "status": "OPEN",
            "identified_on": date(2022, 5, 2),
            "added_on": date(2022, 6, 7),
            "dob_status": standing[-1]["dob_status"] if standing and born else "UNKNOWN",
            "age": _age(born, as_of) if born else None,
            "attains_18_on": born.replace(year=born.year + 18) if born else None,
            "age_presumed": born is None,
            "panel": {"CITY": "CCEP", "COUNTY": "SYVP"}.get(values["local_authority"] or ""),
            "data_subject_category": "VICTIM_OR_MAY_BE",
            "restricted": False,
            "disputed": False,
            "report_count": 1,
            "mention_keys": [one["mention_key"] for one in self.mentions],
        }
        return rows_of("child", {**usual, **self.given})[0]

    def facts(self, as_of: date) -> list[dict[str, Any]]:
        child = self.row(as_of)
        return rows_of(
            "fact",
            *(
                {
                    "person_id": self.person_id,
                    "field": name,
                    "value": str(child[name]),
                    "status": child["dob_status"] if name == "date_of_birth" else "STATED",
                    "supporting_mention_keys": [
                        m["mention_key"] for m in self.mentions if m[SAID_IN.get(name, name)] == child[name]
                    ],
                }
                for name in FACTS
                if child[name] is not None
            ),
        )


def _last(mentions: list[dict[str, Any]], column: str) -> Any:
    return next((m[column] for m in reversed(mentions) if m[column] is not None), None)


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def tables_of(
    *people: Person, as_of: date = TONIGHT, reports: list[dict[str, Any]] | None = None, **tables: Any
) -> Tables:
    """What the night knows of these people; every report they need is a plain one unless it is given."""
    given = {row["report_ref"]: row for row in reports or []}
    mentions = [one for person in people for one in person.mentions] + tables.pop("mentions", [])
    refs = sorted({one["record_ref"] for one in mentions if one["source"] == "intelligence"})
    children = [person.row(as_of) for person in people]
    tables.setdefault("route", routes_of(children))
    return Tables(
        as_of=as_of,
        site=SITE,
        child=children,
        fact=[row for person in people for row in person.facts(as_of)],
        mention=mentions,
        report=[given.get(ref) or report(ref) for ref in refs],
        **tables,
    )


def routes_of(children: list[dict[str, Any]], **seen: list[str]) -> list[dict[str, Any]]:
    """Who has to hear of children who live and were placed where their rows say; `seen` are areas by person_id."""
    kinds = {"HOME_AUTHORITY": "local_authority", "PLACING_AUTHORITY": "placing_authority"}
    places = [
        {"person_id": child["person_id"], "kind": kind, "value": child[name]}
        for child in children
        for kind, name in kinds.items()
        if child[name]
    ]
    homes = [
        (row["person_id"], SITE.places.authority(row["value"])) for row in places if row["kind"] == "HOME_AUTHORITY"
    ]
    places += [{"person_id": p, "kind": "HOME_FORCE", "value": home.force} for p, home in homes if home and home.force]
    places += [{"person_id": p, "kind": "SEEN_AREA", "value": area} for p, areas in seen.items() for area in areas]
    return rows_of("route", *route_rows(SITE, children, places))


def night(state: Tables, *names: str, earlier: Earlier | None = None, full: tuple[str, ...] = ()) -> Outcome:
    """The export of a night for the recipients named."""
    wanted: dict[str, Recipient] = {name: CONTRACTS[name] for name in names}
    return drops(state, wanted, earlier or Earlier(), frozenset(full))


def after(outcome: Outcome, day: date) -> Earlier:
    """What the next night finds of a night's export."""
    return Earlier(night=day, holding=outcome.holding, sequence=outcome.sequence)
