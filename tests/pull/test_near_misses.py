"""pull: what differs from the agreed value in case and spaces is taken; what is nearly it is told and asked again."""

from pathlib import Path

import pytest

from tests.pull.force import KEYS, Force, mentions, outside, until_normalised

REF, CHILD = KEYS["report_ref"], f"intel:{KEYS['report_ref']}#1"
FIRST, SECOND, THIRD = "2022-03-02", "2022-03-03", "2022-03-04"


@pytest.fixture
def force(tmp_path: Path) -> Force:
    return Force(tmp_path / "force")


@pytest.mark.parametrize(
    "given",
    [
        {"status": "AUTHORISED" + 7 * " "},
        {"status": "Authorised"},
        {"status": "\tauthorised "},
        {"protective_marking": "OFFICIAL            "},
        {"protective_marking": "official-sensitive"},
        {"flags": "county lines"},
        {"flags": "DRUGS | County Lines   "},
        {"flags": "COUNTY LINES|"},
        {"flags": "COUNTY\u00a0LINES|WEAPONS"},
        {"grade": "2bp "},
        {"grade_scheme": "3x5x2"},
        {"source_force": "31 "},
        {"intelligence_date": "2022-03-01 00:00:00"},
        {"intelligence_date": "2022-03-01T14:25:00"},
        {"intelligence_date": "2022-03-01T00:00:00+00:00"},
        {"updated_at": " 2022-03-01T10:00:00+00:00 "},
        {"version": " 1"},
    ],
)
def test_case_padding_and_forms_of_a_day_change_nothing(force: Force, given: dict[str, str]) -> None:
    version = given.pop("version", None)
    force.report(**given)
    if version:
        force.change(f"UPDATE report_subject SET version = '{version}'")
    run = until_normalised(force.night(FIRST))
    assert (mentions(run), outside(run)) == ({CHILD}, set())


@pytest.mark.parametrize(
    ("column", "value", "code", "shape"),
    [
        ("status", "AUTHORIZED", "STATUS_UNKNOWN", "AAAAAAAAAA"),
        ("status", "Approved 2", "STATUS_UNKNOWN", "Aaaaaaaa 9"),
        ("status", "", "STATUS_UNKNOWN", "no status"),
        ("protective_marking", "OFFICIAL - SENSITIVE", "MARKING_UNKNOWN", "AAAAAAAA - AAAAAAAAA"),
        ("protective_marking", "OFFICIAL SENSITIVE", "MARKING_UNKNOWN", "AAAAAAAA AAAAAAAAA"),
        ("protective_marking", "O/S", "MARKING_UNKNOWN", "A/A"),
        ("flags", "COUNTY-LINES", "FLAG_NOT_AGREED", "AAAAAA-AAAAA"),
        ("flags", "COUNTYLINES|DRUGS", "FLAG_NOT_AGREED", "AAAAAAAAAAA"),
        ("flags", "DRUGS;COUNTY LINES", "FLAG_NOT_AGREED", "AAAAA;AAAAAA AAAAA"),
        ("flags", "County Line", "FLAG_NOT_AGREED", "Aaaaaa Aaaa"),
    ],
)
def test_a_value_near_the_agreed_one_is_told_with_its_shape_and_comes_in_once_it_is_mended_in_its_place(
    force: Force, column: str, value: str, code: str, shape: str
) -> None:
    agreed = {"status": "AUTHORISED", "protective_marking": "OFFICIAL", "flags": "COUNTY LINES"}[column]
    force.report("31/2022/000009")
    force.report(**{column: value})
    for night in (FIRST, SECOND):
        run = until_normalised(force.night(night))
        assert mentions(run) == {"intel:31/2022/000009#1"}
        assert outside(run) == {(REF, code)}, "told every night, until it is mended"
        (row,) = [row for row in run.rows("land", "landed_refusal") if row["reason_code"] == code]
        assert shape in row["reason"]
        assert value not in row["reason"] or not value
    force.change(f"UPDATE intelligence_report SET {column} = '{agreed}' WHERE report_ref = '{REF}'")
    mended = until_normalised(force.night(THIRD))
    assert (mentions(mended), outside(mended)) == ({CHILD, "intel:31/2022/000009#1"}, set())


def test_a_slip_within_the_flag_is_told_until_it_is_mended(force: Force) -> None:
    force.report("31/2022/000009")
    until_normalised(force.night(FIRST))
    force.report(flags="CUONTY LINES|DRUGS", updated_at="2022-03-02T10:00:00+00:00")
    for night in (SECOND, "2022-05-03"):
        assert outside(until_normalised(force.night(night))) == {(REF, "FLAG_NOT_AGREED")}
    force.change("UPDATE intelligence_report SET flags = 'COUNTY LINES'")
    assert outside(until_normalised(force.night("2022-05-04"))) == set()


def test_a_slip_of_any_age_is_told_on_a_first_night(force: Force) -> None:
    force.report(flags="COUNTY LNIES", updated_at="2021-01-01T10:00:00+00:00")
    assert outside(until_normalised(force.night(FIRST))) == {(REF, "FLAG_NOT_AGREED")}


def test_flags_of_other_meanings_are_no_near_misses(force: Force) -> None:
    force.report(flags="ONLINE ABUSE|COUNTERFEIT")
    force.report("31/2022/000009", flags="COURT LIAISON")
    run = until_normalised(force.night(FIRST))
    assert (mentions(run), outside(run)) == (set(), set())


def test_a_version_whose_flag_is_only_nearly_there_ends_nothing(force: Force) -> None:
    force.report()
    until_normalised(force.night(FIRST))
    force.report(version="2", flags="COUNTY-LINES")
    run = until_normalised(force.night(SECOND))
    assert (mentions(run), outside(run)) == ({CHILD}, {(REF, "FLAG_NOT_AGREED")})


def test_a_marking_mended_in_its_place_brings_a_withdrawn_report_back(force: Force) -> None:
    force.report()
    until_normalised(force.night(FIRST))
    force.report(version="2", protective_marking="Official (Sensitive)")
    raised = until_normalised(force.night(SECOND))
    assert (mentions(raised), outside(raised)) == (set(), {(REF, "MARKING_UNKNOWN")})
    force.change("UPDATE intelligence_report SET protective_marking = 'OFFICIAL' WHERE version = 2")
    mended = until_normalised(force.night(THIRD))
    assert (mentions(mended), outside(mended)) == ({CHILD}, set())


@pytest.mark.parametrize(
    ("table", "padded"), [("intelligence_report", True), ("report_subject", True), ("report_subject", False)]
)
def test_a_reference_padded_in_one_table_or_in_both_is_one_reference(force: Force, table: str, padded: bool) -> None:
    force.report()
    force.change(f"UPDATE {table} SET report_ref = report_ref || '      '")
    if not padded:
        force.change("UPDATE intelligence_report SET report_ref = report_ref || '      '")
    run = until_normalised(force.night(FIRST))
    assert (mentions(run), outside(run)) == ({CHILD}, set())


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("role", "VICTIM", "SUBJECT_ROLE_UNKNOWN"),
        ("surname", b"M\xfcnster", "VALUE_NOT_UTF8"),
        ("date_of_birth", "May 2008", None),
        ("postcode", "NG1", None),
    ],
)
def test_a_value_that_could_not_be_read_is_read_once_it_is_mended_without_a_new_version(
    force: Force, column: str, value: object, code: str | None
) -> None:
    force.report(subjects=2)
    with force.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE report_subject SET {column} = ? WHERE subject_no = 2", (value,))
    until_normalised(force.night(FIRST))
    run = until_normalised(force.night(SECOND))
    assert outside(run) == ({(f"{REF}#2", code)} if code else set())
    good = {"role": "CHILD", "surname": "Marlowe", "date_of_birth": "2008-06-07", "postcode": "NG1 5AA"}[column]
    force.change(f"UPDATE report_subject SET {column} = '{good}' WHERE subject_no = 2")
    mended = until_normalised(force.night(THIRD))
    assert outside(mended) == set()
    (child,) = [row for row in mended.rows("normalise", "mention") if row["mention_key"].endswith("#2")]
    assert (child["warnings"] or [], child["withdrawn"]) == ([], False)


def test_what_stands_outside_unmended_is_looked_at_and_not_landed_again(force: Force) -> None:
    force.report(grade="9ZZ")
    assert until_normalised(force.night(FIRST)).rows("pull", "landed_report") != []
    second = until_normalised(force.night(SECOND))
    assert second.rows("pull", "landed_report") == []
    assert outside(second) == {(REF, "GRADE_UNREADABLE")}


def test_local_time_without_an_offset_is_read_where_the_site_says_so(force: Force) -> None:
    force.report(updated_at="2022-03-01 23:30:00", created_at="2022-03-01 09:00:00")
    assert outside(until_normalised(force.night(FIRST))) == {(REF, "STAMP_UNREADABLE")}
    (force.home.root / "site.yml").write_text("source_timezone: Europe/London\n")
    told = Force(force.folder.parent / "told")
    told.report(updated_at="2022-07-01 23:30:00", created_at="2022-07-01 09:00:00")
    told.home.root.mkdir()
    (told.home.root / "site.yml").write_text("source_timezone: Europe/London\n")
    run = until_normalised(told.night("2022-07-02"))
    assert (mentions(run), outside(run)) == ({CHILD}, set())


def test_two_rows_of_one_key_are_told_and_the_first_is_taken(force: Force) -> None:
    force.report()
    force.report()
    run = until_normalised(force.night(FIRST))
    assert mentions(run) == {CHILD}
    assert (REF, "KEY_TWICE") in outside(run)


def test_a_report_that_names_nobody_is_told_until_its_people_come(force: Force) -> None:
    force.report(subjects=0)
    assert outside(until_normalised(force.night(FIRST))) == {(REF, "REPORT_WITHOUT_SUBJECTS")}
    force.change(f"INSERT INTO report_subject (report_ref, version, subject_no, role) VALUES ('{REF}', 1, 1, 'CHILD')")
    run = until_normalised(force.night(SECOND))
    assert (mentions(run), outside(run)) == ({CHILD}, set())


@pytest.mark.parametrize("ref", ["Robin Canarywharf 05/05/2008", "31/2022/Canarywharf", "robin.canarywharf@2008"])
def test_a_key_that_looks_like_a_person_is_refused_and_shown_nowhere(force: Force, ref: str) -> None:
    force.report()
    force.report(ref)
    run = until_normalised(force.night(FIRST))
    assert mentions(run) == {CHILD}
    assert [code for _, code in outside(run)] == ["KEY_NOT_AGREED"]
    everything = b"".join(path.read_bytes() for path in force.home.root.rglob("*") if path.is_file())
    assert ref.encode() not in everything
