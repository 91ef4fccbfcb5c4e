"""A referral that a front door can act on: what is new, how urgent, who was asked, and nothing that nobody said."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.export.a_force import TONIGHT, Person, after, mention, night, rows_of, tables_of
from transforms.export.records import record_ref

HOME = {"address": "1 Elm Road", "postcode": "NG5 1AA"}
CHILD_1, CHILD_2, CHILD_3 = (record_ref("31", person) for person in ("P-1", "P-2", "P-3"))
LATER = TONIGHT + timedelta(days=1)


def file_of(outcome, name, ending):
    (content,) = [text for file, text in outcome.files.items() if file.startswith(f"{name}/") and ending in file]
    return content


def told(outcome, name="mash_city", part="notices_of_concern"):
    """Records of a JSON file by their reference."""
    (content,) = [
        text for file, text in outcome.files.items() if file.startswith(f"{name}/") and f"{part}.json" in file
    ]
    return {record["record_ref"]: record for record in json.loads(content)["records"]}


def page(outcome, name="mash_city"):
    (content,) = [
        text for file, text in outcome.files.items() if file.startswith(f"{name}/") and "concern.html" in file
    ]
    return content.decode()


def child(number=1, **given):
    person = f"P-{number}"
    mentioned = mention(f"intel:31/2022/00000{number}#1", **given.pop("said", {}))
    return Person(person, [mentioned, *given.pop("more", ())], given)


def one(person, **tables):
    return told(night(tables_of(person, **tables), "mash_city"))[record_ref("31", person.person_id)]


def test_the_officers_words_stand_in_the_referral_with_their_day():
    words = {"concern": "Afraid of two men outside the school.", "concern_urgency": "IMMEDIATE", "concern_on": TONIGHT}
    record = one(child(**words))
    assert record["concern"]["concern"] == words["concern"]
    assert (record["referral"]["urgency"], record["referral"]["words"]) == ("IMMEDIATE", None)


def test_without_them_the_referral_goes_and_says_that_they_follow():
    assert "follow" in one(child())["referral"]["words"]


def test_nobody_else_gets_the_words_unless_the_contract_names_them():
    others = ("barnardos", "pnd", "btp", "ccep", "share_city", "sca")
    outcome = night(tables_of(child(concern="Afraid of two men.")), "mash_city", *others, full=("ccep", "share_city"))
    with_words = {name.split("/")[0] for name, content in outcome.files.items() if b"two men" in content}
    assert with_words == {"mash_city", "barnardos"}


@pytest.mark.parametrize(
    ("given", "consent", "parents"),
    [
        ({"consent": "REFUSED", "parents": "INFORMED"}, "REFUSED", "INFORMED"),
        ({}, "Not recorded: ask the team before you speak to the family.", None),
    ],
)
def test_consent_is_what_an_officer_recorded_for_this_child_and_never_a_sentence_for_all(given, consent, parents):
    referral = one(child(**given))["referral"]
    assert (referral["consent"], referral["parents"]) == (consent, parents or consent)


def test_what_happened_stands_by_day_with_kinds_areas_and_grades_and_without_a_text():
    episode = {"mention_key": "missing:M-1", "missing_from": datetime(2022, 6, 1, 20, tzinfo=UTC), "risk": "HIGH"}
    rail = {"mention_key": "btp:B-1", "reported_at": datetime(2022, 6, 2, 9, tzinfo=UTC), "station": "Derby",
            "grade": "2BP", "circumstances": "In the last carriage"}  # fmt: skip
    more = [mention("missing:M-1", recorded_on=date(2022, 6, 1), policing_area=None),
            mention("btp:B-1", recorded_on=date(2022, 6, 2), policing_area=None, grade="2BP")]  # fmt: skip
    record = one(child(more=more), missing_episode=rows_of("missing_episode", episode),
                 btp_report=rows_of("btp_report", rail))  # fmt: skip
    happened = [tuple(event.values()) for event in record["concern"]["chronology"]]
    assert happened == [
        ("2022-05-01", "REPORTED", "City North", "3X5X2 2BP"),
        ("2022-06-01", "MISSING", None, None),
        ("2022-06-02", "ON_THE_RAILWAY", None, "2BP"),
    ]
    now = record["whereabouts"]["missing_now"]
    assert (now["since"], now["risk"], now["last_recorded"]["kind"]) == (
        "2022-06-01T21:00:00+01:00", "HIGH", "ON_THE_RAILWAY",
    )  # fmt: skip
    assert "Derby" not in str(record)


def test_children_of_one_home_are_told_as_one_household():
    brother = child(2, said={"given_names": "Ben", **HOME})
    other = child(3, said={"surname": "Moss", **HOME})
    away = child(4, said={"surname": "Ashby", "address": "2 Elm Road", "postcode": "NG5 1AA"})
    state = tables_of(child(1, said=HOME), brother, other, away)
    household = told(night(state, "mash_city"))[CHILD_1]["household"]["household"]
    assert household == sorted(
        [
            {"ref": CHILD_2, "same_surname": True},
            {"ref": CHILD_3, "same_surname": False},
        ],
        key=lambda item: item["ref"],
    )


def test_a_child_who_was_taken_over_is_a_baseline_in_the_first_file_and_a_new_child_is_a_referral():
    old = Person("P-1", [mention("opening:7")])
    state = tables_of(old, child(2))
    outcome = night(state, "mash_city")
    kinds = {ref: record["referral"]["kind"] for ref, record in told(outcome).items()}
    assert kinds == {CHILD_1: "BASELINE", CHILD_2: "REFERRAL"}
    later = tables_of(old, child(2), Person("P-3", [mention("opening:8")]), as_of=LATER)
    more = told(night(later, "mash_city", earlier=after(outcome, TONIGHT)))
    assert more[CHILD_3]["referral"]["kind"] == "REFERRAL"


def test_an_update_says_in_a_sentence_what_changed():
    before = night(tables_of(child(said=HOME)), "mash_city")
    moved = child(said=HOME | {"address": "9 Oak Way"}, visited_on=LATER,
                  more=[mention("intel:31/2022/000009#1", **HOME | {"address": "9 Oak Way"})])  # fmt: skip
    after_it = told(night(tables_of(moved, as_of=LATER), "mash_city", earlier=after(before, TONIGHT)))
    (record,) = after_it.values()
    assert record["referral"]["what_changed"] == (
        "Since the last file: 1 more report; visited on 2022-06-16; address changed."
    )


def test_to_go_missing_and_to_come_back_is_what_changed_first():
    episode = {"mention_key": "missing:M-1", "missing_from": datetime(2022, 6, 1, 20, tzinfo=UTC), "risk": "HIGH"}
    gone = child(more=[mention("missing:M-1")])
    first = night(tables_of(child()), "mash_city")
    second = night(tables_of(gone, as_of=LATER, missing_episode=rows_of("missing_episode", episode)), "mash_city",
                   earlier=after(first, TONIGHT))  # fmt: skip
    back = rows_of("missing_episode", episode | {"returned_at": datetime(2022, 6, 15, 20, tzinfo=UTC)})
    third = night(tables_of(gone, as_of=LATER + timedelta(days=1), missing_episode=back), "mash_city",
                  earlier=after(second, LATER))  # fmt: skip
    says = [next(iter(told(outcome).values()))["referral"]["what_changed"] for outcome in (second, third)]
    assert says[0].startswith("Since the last file: the child is missing now; 1 more missing episode; rating RED")
    assert says[1].startswith("Since the last file: the child has come back; rating GREEN")


def test_a_page_has_names_as_headings_and_the_missing_child_first():
    episode = {"mention_key": "missing:M-1", "missing_from": datetime(2022, 6, 1, 20, tzinfo=UTC), "risk": "HIGH"}
    away = child(2, said={"surname": "Zeta"}, more=[mention("missing:M-1", surname="Zeta")])
    text = page(night(tables_of(child(), away, missing_episode=rows_of("missing_episode", episode)), "mash_city"))
    headings = [part.split("</h2>")[0] for part in text.split("<h2>")[1:]]
    assert headings == [f"Zeta, Kai ({CHILD_2}): new", f"Ashby, Kai ({CHILD_1}): new"]


def test_a_record_that_ended_is_named_by_its_reference_alone():
    first = night(tables_of(child()), "mash_city")
    monday = tables_of(child(restricted=True), as_of=date(2022, 6, 20))
    text = page(night(monday, "mash_city", earlier=after(first, TONIGHT)))
    assert f"<h2>{CHILD_1}: ended</h2>" in text
    assert "Ashby" not in text


def test_barnardos_is_asked_the_decisive_question():
    record = told(night(tables_of(child()), "barnardos"), "barnardos", "guardian_referrals")[CHILD_1]
    assert "parental responsibility" in record["decisive_question"]["question"]


def test_who_wrote_the_words_or_visited_last_is_the_lead_officer():
    said = [{"decision_id": f"D{n}", "decided_at": datetime(2022, 6, n, tzinfo=UTC), "action": action, "decided_by": by,
             "mention_key": "intel:31/2022/000001#1", "landed_on": date(2022, 6, n + 1)}
            for n, action, by in ((1, "VISITED", "pc.1"), (2, "CONCERN", "dc.2"), (3, "RATIFY", "sgt.3"))]  # fmt: skip
    assert one(child(), decision=rows_of("decision", *said))["police_action"]["lead_officer"] == "dc.2"
