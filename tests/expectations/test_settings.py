"""What is said of a site file, a recipient's contract or a table's contract that cannot be used: before any night."""

import random
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from clvt.checks import checks
from connectors.store.paths import Home
from expectations.contracts import CONTRACTS, contract, parse, tables
from expectations.recipients import RECIPIENTS, RecipientError, broken, parse_all, unmet
from expectations.recipients import load as load_recipients
from expectations.settings import Unusable
from expectations.site import DEFAULT, SiteError, load
from night.run import Run

PARTNER = """
title: Riverside Youth Trust
purpose: Offer mentoring to children on the tracker.
legal_basis: DPA 2018 s.35
agreement: {reference: ISA-RYT-1, valid_from: 2022-01-01, valid_to: 2022-12-31}
marking: OFFICIAL-SENSITIVE
population: {where: everywhere}
fields: {given_names: initial, surname: exact}
"""


def said(home: Path, name: str) -> list[str]:
    """What `clvt check` says of one thing, in a home without a single connection."""
    return dict(checks(Run(date(2022, 6, 1), Home(home)))).get(name, [])


SITE = [
    ("meeting: {weekday: Tue, week_of_month: 1}", "meeting.weekday must be one of Monday, Tuesday, Wednesday"),
    ("meeting: {weekday: Tusday, week_of_month: 1}", "meeting.weekday must be one of Monday"),
    ("meeting: {dates: [2022-07-12]}", "meeting.weekday is missing; line 1: meeting.week_of_month is missing"),
    ("meeting: {weekday: Tuesday, week_of_month: 7}", "meeting.week_of_month must be 4 or less"),
    ("meeting: Tuesday", "meeting must be a block of settings"),
    ("force_code: 01", "force_code must be text: write it in quotes"),
    ('force_code: "ZZ"', 'force_code must be two digits in quotes, such as "05"'),
    ("contact: {role: Sergeant}", "contact.email is missing; line 1: contact.phone is missing"),
    ("contact: {role: S, email: s@x.uk, phone: 101}", "contact.phone must be text: write it in quotes"),
    ("reports_per_night: many", "reports_per_night must be a number"),
    ("sca_action_days: soon", "sca_action_days must be a whole number"),
    ("outbox_days: -1", "outbox_days must be 0 or more"),
    ("policing_areas: [Charnwood]", "policing_areas must be a block of settings"),
    (
        "policing_areas: {Charnwood: LEICESTERHIRE}",
        "policing_areas.Charnwood names LEICESTERHIRE, which is none of local_authorities (CITY, COUNTY)",
    ),
    ("home_areas: {NG1: City Centrel}", "home_areas.NG1 names City Centrel, which is none of policing_areas"),
    ("local_authorities: {RUTLAND: {nmae: Rutland}}", "local_authorities.RUTLAND.name is missing"),
    ("local_authorities: {RUTLAND: {nmae: Rutland}}", "there is no setting local_authorities.RUTLAND.nmae"),
    ("markings: [OFICIAL]", "markings.1 must be one of OFFICIAL, OFFICIAL-SENSITIVE"),
    ("markings: []", "markings needs at least 1 entry"),
    ("timezone: Europe/Nottingham", "timezone must be the name of a time zone such as Europe/London"),
    ('leap_day_birthday: "02-29"', "leap_day_birthday must be one of 03-01, 02-28"),
    ("ages_out_by_itself: [SURE]", "ages_out_by_itself.1 must be one of VERIFIED, STATED, ESTIMATED, UNKNOWN"),
    ("grades_that_do_not_propose: {3X5X2: '(('}", "grades_that_do_not_propose.3X5X2 must be a regular expression"),
    ("originator_approvals: [{report: 31/2022/1}]", "originator_approvals.1.version is missing"),
    ("brakes: {endings: {least: 1}}", "brakes.endings.share is missing; line 1: brakes.endings.times is missing"),
    ("brakes: {endngs: {}}", "there is no setting brakes.endngs; known are children_leaving, children_taken_off"),
    ("source_timezone: Nottingham", "source_timezone must be the name of a time zone such as Europe/London"),
    ("confirmed_by_another: perhaps", "confirmed_by_another must be true or false"),
    ("forcename: Leicestershire Police", "there is no setting forcename; perhaps force_name is meant"),
    ("authorities_listed: []", "there is no setting authorities_listed"),
    ("flag: A\nflag: B", "flag stands twice"),
    ("- flag", "there have to be settings, each as `name: value` on a line of its own"),
    ("flag: [", "this is no YAML in line 2"),
]


@pytest.mark.parametrize(("text", "sentence"), SITE)
def test_a_site_file_that_cannot_be_used_is_told_by_check_with_its_key(
    tmp_path: Path, text: str, sentence: str
) -> None:
    (tmp_path / "site.yml").write_text(text + "\n", encoding="utf-8")
    (found,) = said(tmp_path, "site")
    assert found.startswith(f"{tmp_path / 'site.yml'}: ")
    assert sentence in found


MISFITS = [
    (
        "local_authorities: {CITY: {name: Leicester}, COUNTY: {name: Nottinghamshire}}",
        "line 1: local_authorities.CITY is Leicester, which lies in the area of force 33 (Leicestershire)",
    ),
    (
        "local_authorities: {CITY: {name: Sherwood}, COUNTY: {name: Nottinghamshire}}",
        "line 1: local_authorities.CITY is none of the national list by its name: give its code there as `ons`",
    ),
    (
        "local_authorities:\n  CITY: {name: Nottingham}\n  COUNTY: {name: Nottinghamshire, panel: MACE}",
        "local_authorities.COUNTY.panel: no recipient has settings.panel MACE",
    ),
    (
        "recipients: [pnd]",
        "local_authorities.CITY: no recipient with exporter mash has population.where.authority CITY",
    ),
    ('contact: {role: "?", email: a, phone: b}', "line 1: contact.role is still a question mark"),
    ("policing_areas: {City North: CITY, Elsewhere: []}", "line 1: policing_areas.Elsewhere names no authority"),
]


@pytest.mark.parametrize(("text", "sentence"), MISFITS)
def test_what_is_right_in_itself_and_does_not_fit_the_rest_is_told_by_check(
    tmp_path: Path, text: str, sentence: str
) -> None:
    (tmp_path / "site.yml").write_text(text + "\n", encoding="utf-8")
    found = said(tmp_path, "site")
    assert any(one.startswith(f"{tmp_path / 'site.yml'}: {sentence}") for one in found), found


def test_a_force_takes_over_no_place_of_the_example(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text('flag: X\nforce_code: "33"\npanels: []\n', encoding="utf-8")
    (found,) = said(tmp_path, "site")
    assert "line 2: the force is 33, and it lacks force_name, contact, meeting, local_authorities" in found
    assert found.endswith("which would be those of force 31, the example: give the force's own.")


def test_a_recipient_that_the_product_does_not_have_is_told(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("recipients: [pnd, bcu]\n", encoding="utf-8")
    (found,) = said(tmp_path, "bcu")
    assert found.startswith(
        "The site file's recipients names bcu, and the product has none of that name; it has barnardos"
    )


def test_of_the_products_recipients_a_home_has_those_that_its_site_lists_and_what_they_say_otherwise(
    tmp_path: Path,
) -> None:
    (tmp_path / "sca.yml").write_text("inherits: sca\nfields: {aliases: no}\nsettings: {form: {region: Rutland}}\n")
    found = load_recipients(tmp_path, ("pnd",))
    assert sorted(found) == ["pnd", "sca"]
    given = load_recipients()["sca"]
    assert set(given.fields) - set(found["sca"].fields) == {"aliases"}
    assert found["sca"].settings["form"] == {"location": "england", "region": "Rutland"}


def test_a_site_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_bytes("force_name: Heddlu Gwynédd".encode("latin-1"))
    with pytest.raises(SiteError, match="no text in UTF-8"):
        load(tmp_path / "site.yml")


@pytest.mark.parametrize("text", ["", "# force_name: as given\n"])
def test_a_site_file_that_sets_nothing_changes_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "site.yml").write_text(text, encoding="utf-8")
    assert load(tmp_path / "site.yml") == load()


RECIPIENT = [
    (
        "population: {where: {local_authority: LIECESTER}}",
        "population.where.local_authority is LIECESTER, and",
    ),
    ("population: {where: {panel: MACE}}", "population.where.panel is MACE, and the site knows CCEP, SYVP"),
    ("population: {where: {policing_area: Charnwood}}", "population.where.policing_area is Charnwood, and the site"),
    ("population: {where: {local_authority: [CITY, 7]}}", "population.where.local_authority"),
    ("population: {where: {borough: Camden}}", "population.where.borough must be one of local_authority, panel"),
    ("population: {where: {panel: []}}", "population.where.panel is empty: nobody would be told of"),
    ("population: {of: ratified}", "population.where is missing: name whose children it hears of, or write everywhere"),
    (
        "population: {where: {local_authority: CITY, policing_area: Newark}}",
        "no child has local_authority CITY and policing_area Newark together: nobody would be told of",
    ),
    ("inherits: hospital", "inherits names hospital; what there is are "),
    ("settings: {panel: MACE}", "settings.panel is MACE, and the site has the panels CCEP, NSD, SYVP"),
    ("population: {of: everyone}", "population.of must be one of identified, ratified"),
    ("population: {required: [mood]}", "population.required.1 names mood, and there is no field mood"),
    ("exporter: hospital", "there is no exporter hospital; known are"),
    ("formats: [docx]", "docx is no format of tracker_share"),
    ("delivery: {encryption: pgp}", "delivery.encryption must be one of openpgp, plain"),
    ("delivery: {fingerprint: ABCD}", "delivery.fingerprint must be the 40 hexadecimal digits"),
    ("delivery: {window_from: early}", "delivery.window_from must be a time such as 18:30"),
    ("delivery: sftp", "delivery must be a block of settings"),
    ("marking: OFICIAL", "marking must be one of OFFICIAL, OFFICIAL-SENSITIVE"),
    ("release: {handling: [Q]}", "release.handling.1 must be one of P, C, 1, 2, 3, 4, 5"),
    ("release: {sources: [intel]}", "release.sources.1 must be one of intelligence, "),
    ("schedule: {every: fortnight}", "schedule.every must be one of nightly, weekly, before_meeting, after_meeting"),
    ("schedule: {every: weekly, weekday: Mo}", "schedule.weekday must be one of Monday"),
    ("agreement: {reference: A, valid_from: soon, valid_to: 2023-01-01}", "agreement.valid_from must be a date"),
    (
        "agreement: {reference: A, valid_from: 2023-01-01, valid_to: 2022-01-01}",
        "agreement.valid_to is before agreement.valid_from",
    ),
    ("fields: [surname]", "fields must be a block of settings"),
    ("fields: {surname: loud}", "field surname cannot be coarsened to loud"),
    ("forbidden: [secrets]", "forbidden.1 names secrets, and there is no field secrets"),
    ("enabled: false", "there is no setting enabled"),
    ("name: other", "there is no setting name"),
    ("version: 1.0", "version must be text: write it in quotes"),
    ("each: [a, b]", "each must be a block"),
    ("file: '{recipient'", "file must use each of date, part, recipient, sequence"),
]


@pytest.mark.parametrize(("line", "sentence"), RECIPIENT)
def test_a_recipient_file_that_cannot_be_used_is_told_by_check_with_its_key_and_spoils_no_other(
    tmp_path: Path, line: str, sentence: str
) -> None:
    (tmp_path / "recipients").mkdir()
    key = line.split(":")[0]
    kept = [one for one in PARTNER.splitlines() if not one.startswith(f"{key}:")]
    (tmp_path / "recipients" / "riverside.yml").write_text("\n".join([*kept, line]), encoding="utf-8")
    (tmp_path / "recipients" / "hillside.yml").write_text(PARTNER, encoding="utf-8")
    found = said(tmp_path, "riverside")
    assert sentence in found[0]
    assert found[0].startswith("Contract riverside: ")
    assert found[0].endswith(".")
    assert not any(one.startswith("Contract") for one in said(tmp_path, "hillside"))


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n"])
def test_an_empty_recipient_file_is_told_and_the_others_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "mash_city.yml").write_text(text, encoding="utf-8")
    (tmp_path / "hillside.yml").write_text(PARTNER, encoding="utf-8")
    sound, refused = load_recipients(tmp_path), broken(tmp_path)
    assert refused["mash_city"] == "Contract mash_city: the file is empty: write a contract, or remove the file."
    assert "hillside" in sound
    assert "mash_city" not in sound


def test_of_a_recipient_given_by_the_product_nothing_is_said_where_the_site_has_its_places() -> None:
    assert broken() == {}
    assert [sentence for one in load_recipients().values() for sentence in unmet(one, load())] == []


TABLE = "table: thing\nquestion: 'Which?'\nkey: [thing_id]\ncolumns:\n  thing_id: {required: true}\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TABLE + "  size: {type: big}\n", "size.type must be one of string, integer"),
        (TABLE + "  size: {pattern: '(('}\n", "size.pattern must be a regular expression"),
        (TABLE + "  size: {requird: true}\n", "there is no setting size.requird"),
        (TABLE + "  size: {values: large}\n", "size.values must be a list such as [A, B]"),
        (TABLE + "  size: {severity: grave}\n", "size.severity must be one of blocking, warning"),
        (TABLE + "  size: large\n", "size must be a block of settings"),
        (TABLE + "collumns: {}\n", "there is no setting collumns; perhaps columns is meant"),
        ("table: thing\nkey: [a]\ncolumns: {}\n", "question is missing"),
    ],
)
def test_a_table_contract_that_cannot_be_used_is_told_with_the_column_and_its_key(text: str, sentence: str) -> None:
    with pytest.raises(Unusable) as refused:
        parse(text)
    assert sentence in str(refused.value)


def test_every_table_contract_is_read() -> None:
    assert all(contract(name).table == name for name in tables())


# ── damaged files: each is read as something, or told; none crashes ──────────────────────────────────────────────────

DAMAGES = 250
NOTHING_TOLD = "has a value that is not possible"


def damaged(files: list[Path], seed: str) -> Iterator[tuple[str, str]]:
    """The name and the text of files that were damaged."""
    return ((path.stem, text) for path, text in damages_of(files, seed, DAMAGES))


def damages_of(files: list[Path], seed: str, count: int) -> Iterator[tuple[Path, str]]:
    """Files with a line gone, a value made another, a colon lost, letters swapped: always the same ones."""
    chance = random.Random(seed)
    values = ["", "null", "[]", "{}", "7", "-1", "true", "x: y", "'", "2022-13-45", "[[1]]", "\t", "&a *a", "1e400"]
    for _ in range(count):
        path = chance.choice(files)
        lines = path.read_text(encoding="utf-8").splitlines()
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(lines))
            line, kind = lines[at], chance.randrange(5)
            if kind == 0:
                lines[at] = ""
            elif kind == 1:
                lines[at] = f"{line.partition(':')[0]}: {chance.choice(values)}"
            elif kind == 2:
                lines[at] = line.replace(":", "", 1)
            elif kind == 3 and line:
                place = chance.randrange(len(line))
                lines[at] = line[:place] + chance.choice("{}[]:'\"#x\x00\ufeff") + line[place:]
            else:
                lines[at] = line[: len(line) // 2]
        yield path, "\n".join(lines)


def refusals(read_one: Callable[[str, str], object], texts: Iterator[tuple[str, str]], error: type) -> list[str]:
    """What is said of those of the texts that cannot be used; anything but the error is a crash."""
    found = []
    for name, text in texts:
        try:
            read_one(name, text)
        except error as refusal:
            found.append(str(refusal))
    return found


def written(place: Path, text: str) -> Path:
    place.write_text(text, encoding="utf-8")
    return place


def test_a_damaged_site_file_is_told_or_read_and_never_crashes(tmp_path: Path) -> None:
    place = tmp_path / "site.yml"
    found = refusals(lambda _, text: load(written(place, text)), damaged([DEFAULT], "site"), SiteError)
    assert len(found) > DAMAGES // 4
    assert [one for one in found if not one.startswith(f"{place}: ") or NOTHING_TOLD in one] == []


def test_a_damaged_recipient_file_is_told_or_read_and_never_crashes() -> None:
    found = refusals(parse_all, damaged(sorted(RECIPIENTS.glob("*.yml")), "recipients"), RecipientError)
    assert len(found) > DAMAGES // 4
    assert [one for one in found if not one.startswith("Contract ") or NOTHING_TOLD in one] == []


def test_a_damaged_table_contract_is_told_or_read_and_never_crashes() -> None:
    found = refusals(lambda _, text: parse(text), damaged(sorted(CONTRACTS.glob("*.yml")), "tables"), Unusable)
    assert len(found) > DAMAGES // 4
    assert [one for one in found if NOTHING_TOLD in one] == []
