"""What the tracker says of one child: its row, column by column."""

from datetime import date

from tests.reconcile.rows import SITE, decision, mention, next_night, opening, report, row, tables_of
from transforms.reconcile import reconcile

M, N, RAIL = "intel:r1#1", "intel:r2#1", "btp:B1"
NUMBERED = ((3, "P-C"), (2, "P-B"))
RATIFIED = decision(1, "RATIFY", M, "2022-02-01", value="OPEN")


def child(mentions: list, decisions: list | None = None, as_of: str = "2022-06-01", **tables: list) -> dict:
    return reconcile(tables_of(as_of, mentions, decision=decisions or [], **tables)).child[0]


def test_a_child_on_the_tracker_has_every_column() -> None:
    found = child(
        [
            mention(M, "2022-01-10", born="2008-05-05", line_ref="L-2", alias="Bobbin", local_authority="CITY"),
            mention(N, "2022-03-10", born="2008-05-05", line_ref="L-1", involvement="INVOLVED", local_authority="CITY"),
            mention(RAIL, "2022-04-10", born="2008-05-05", involvement=None, local_authority="CITY"),
        ],
        [RATIFIED],
    )
    expected = {
        "person_id": "P-ONE",
        "tracker_id": "CLVT-000001",
        "state": "OPEN",
        "status": "OPEN",
        "identified_on": date(2022, 1, 10),
        "proposed_on": None,
        "added_on": date(2022, 2, 1),
        "removed_on": None,
        "removal_reason": None,
        "declined_on": None,
        "given_names": "Robin",
        "surname": "Example",
        "aliases": ["Bobbin"],
        "date_of_birth": date(2008, 5, 5),
        "dob_status": "VERIFIED",
        "birth_year": 2008,
        "age": 14,
        "attains_18_on": date(2026, 5, 5),
        "age_presumed": False,
        "local_authority": "CITY",
        "panel": "CCEP",
        "involvement": "INVOLVED",
        "line_refs": ["L-1", "L-2"],
        "report_count": 2,
        "last_seen_on": date(2022, 4, 9),
        "mention_keys": [RAIL, M, N],
    }
    assert {name: found[name] for name in expected} == expected


def test_a_line_counts_where_the_record_names_the_child_as_one() -> None:
    other = mention(N, line_ref="L-1", role="ASSOCIATE")
    assert child([mention(M, line_ref=None), other])["line_refs"] == []


def test_what_was_withdrawn_supports_nothing() -> None:
    gone = mention(N, "2022-03-10", line_ref="L-1", alias="Bobbin", involvement="INVOLVED", withdrawn=True)
    row = child([mention(M), gone])
    assert (row["line_refs"], row["aliases"], row["involvement"], row["report_count"]) == ([], [], "LINKED", 1)
    assert row["last_seen_on"] == date(2022, 1, 9)
    assert row["mention_keys"] == [M, N]


def test_of_an_authority_that_is_not_known_no_panel_is() -> None:
    assert child([mention(M, local_authority=None)])["panel"] is None
    assert child([mention(M, local_authority="COUNTY")])["panel"] == "SYVP"


def test_a_child_was_identified_by_the_first_record_that_does_or_by_the_entry_taken_over() -> None:
    two = [mention(N, "2022-03-10"), mention(M, "2022-02-10")]
    assert child(two)["identified_on"] == date(2022, 2, 10)
    weak = [report("r1", "3AP"), report("r2", "2BP")]
    assert child(two, report=weak)["identified_on"] == date(2022, 3, 10)
    taken_over = mention("opening:P1", "2022-01-01", involvement=None)
    entry = [opening("P1", "2021-10-12")]
    assert child([taken_over, *two], opening_entry=entry)["identified_on"] == date(2021, 10, 12)
    assert child([mention(RAIL, involvement=None)])["identified_on"] is None


def test_the_days_of_identification_and_proposal_are_kept_though_the_records_go() -> None:
    first = tables_of("2022-02-01", [mention(M, "2022-01-10"), mention(RAIL, "2022-01-05", involvement=None)])
    before = reconcile(first)
    assert (before.child[0]["identified_on"], before.child[0]["proposed_on"]) == (date(2022, 1, 10), date(2022, 1, 10))
    gone = [mention(M, "2022-01-10", withdrawn=True), mention(RAIL, "2022-01-05", involvement=None)]
    row = reconcile(next_night(first, before, "2022-02-02", mention=gone)).child[0]
    assert (row["state"], row["identified_on"], row["proposed_on"]) == ("HELD", date(2022, 1, 10), date(2022, 1, 10))


def test_tracker_ids_are_given_in_the_order_of_the_first_stay_then_of_the_person() -> None:
    keys = {"P-C": "intel:r1#1", "P-B": "intel:r2#1", "P-A": "intel:r3#1"}
    mentions = [mention(key, born="2008-05-05") for key in keys.values()]
    days = {"P-C": "2022-02-01", "P-B": "2022-03-01", "P-A": "2022-03-01"}
    joined = [
        decision(number, "RATIFY", keys[person], on, value="OPEN") for number, (person, on) in enumerate(days.items())
    ]
    moved = decision(8, "REMOVE", keys["P-C"], "2022-04-05", reason_code="MOVED_AREA")
    back = decision(9, "REOPEN", keys["P-C"], "2022-05-03")
    persons = {key: person for person, key in keys.items()}
    result = reconcile(tables_of("2022-06-01", mentions, persons, decision=[*joined, moved, back]))
    assert [(row["person_id"], row["tracker_id"], row["given_on"]) for row in result.tracker_id] == [
        ("P-C", "CLVT-000001", date(2022, 6, 1)),
        ("P-A", "CLVT-000002", date(2022, 6, 1)),
        ("P-B", "CLVT-000003", date(2022, 6, 1)),
    ]


def test_a_number_once_given_is_kept_and_the_next_one_follows() -> None:
    first = tables_of("2022-02-02", [mention(M, born="2008-05-05")], decision=[RATIFIED])
    before = reconcile(first)
    both = [mention(M, born="2008-05-05"), mention(N, born="2009-05-05")]
    people = [{"mention_key": M, "person_id": "P-ONE"}, {"mention_key": N, "person_id": "P-ANOTHER"}]
    decisions = [RATIFIED, decision(2, "RATIFY", N, "2022-02-02", value="OPEN")]
    result = reconcile(next_night(first, before, "2022-02-03", mention=both, person=people, decision=decisions))
    assert {row["person_id"]: row["tracker_id"] for row in result.tracker_id} == {
        "P-ONE": "CLVT-000001",
        "P-ANOTHER": "CLVT-000002",
    }


def test_a_child_whose_own_id_has_no_number_goes_on_with_the_oldest_of_those_that_went_into_it() -> None:
    given = [{"tracker_id": f"CLVT-00000{n}", "person_id": gone, "given_on": date(2022, 2, 1)} for n, gone in NUMBERED]
    redirects = [row("person_id", person_id=gone, merged_into="P-ONE") for _, gone in NUMBERED]
    night = tables_of("2022-06-01", [mention(M)], decision=[RATIFIED], tracker_id_before=given, person_id=redirects)
    assert reconcile(night).child[0]["tracker_id"] == "CLVT-000002"


def test_the_year_of_birth_is_that_of_the_date_that_stands_and_not_the_one_that_most_records_give() -> None:
    decided = decision(2, "SET_DOB", M, "2022-03-01", value="2007-05-05", reason_code="VERIFIED")
    assert child([mention(M, born="2008-05-05")], [decided])["birth_year"] == 2007


def test_the_themes_are_those_of_the_flags_of_standing_reports_that_name_the_child() -> None:
    flag, theme = next(iter(SITE.theme_of.items()))
    flagged = [report("r1", flags=[flag.upper(), "no flag of the site"]), report("r2")]
    named = [mention(M), mention(N), mention(RAIL)]
    assert child(named, report=flagged)["themes"] == [theme]
    assert child([named[0] | {"withdrawn": True}, *named[1:]], report=flagged)["themes"] == []
    assert child([named[1]], report=flagged)["themes"] == []


def test_a_child_of_whose_birth_nothing_is_known_says_so_and_one_with_a_year_has_an_estimate() -> None:
    assert child([mention(M)])["dob_status"] == "UNKNOWN"
    assert child([mention(M, birth_year=2008)])["dob_status"] == "ESTIMATED"


def test_a_fact_names_its_child() -> None:
    facts = reconcile(tables_of("2022-06-01", [mention(M, born="2008-05-05")])).fact
    assert {row["person_id"] for row in facts} == {"P-ONE"}


def test_a_stay_names_the_child_by_both_ids() -> None:
    (stay,) = reconcile(tables_of("2022-06-01", [mention(M, born="2008-05-05")], decision=[RATIFIED])).spell
    assert (stay["person_id"], stay["tracker_id"], stay["number"]) == ("P-ONE", "CLVT-000001", 1)
