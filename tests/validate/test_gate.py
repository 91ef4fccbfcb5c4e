"""What closes the gate, what warns, and what the gate says of it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from expectations import across, claims, contracts, gate, suites
from expectations.contracts import contract, parse
from expectations.site import load
from tests.validate import nights
from tests.validate.nights import ADA, AS_OF, BEN, CANARIES, CAT

SITE = load()
Night = dict[str, list[dict[str, Any]]]

FIRST = "intel:31/2022/000001#1"
STOPPED = "intelligence | 31/2022/000009 | GRADE_UNREADABLE"
STRANGER = "P-9999999999"
BORN_2004 = date(2004, 11, 22)
DECEMBER = date(2022, 12, 1)
MIDNIGHT = datetime(2022, 11, 22, tzinfo=UTC)
LONG_BEFORE = datetime(2021, 1, 1, tzinfo=UTC)


def checked(night: Night, before: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    earlier = nights.nullable("child", nights.before() if before is None else before)
    return gate.validate(nights.tables(night), AS_OF, SITE, earlier).to_pylist()


def failed(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Keys by broken rule, but for the volume, which has its own tests."""
    broken = [row for row in rows if not row["passed"] and not row["rule"].startswith("volume.")]
    return {f"{row['table']}.{row['rule']}": row["failed_keys"] for row in broken}


def test_a_sound_night_breaks_no_rule() -> None:
    rows = checked(nights.rows())
    assert failed(rows) == {}
    assert all(row["ran"] for row in rows)


def test_every_required_column_agreed_value_form_range_and_rule_of_a_contract_is_asked() -> None:
    asked = {f"{row['table']}.{row['rule']}" for row in checked(nights.rows())}
    for name in nights.rows():
        agreed = contract(name)
        for column in agreed.columns:
            assert not column.required or f"{name}.{column.name}.filled" in asked
            assert not column.values or f"{name}.{column.name}.allowed" in asked
            assert not column.pattern or f"{name}.{column.name}.written" in asked
            assert column.minimum is None or f"{name}.{column.name}.minimum" in asked
            assert column.maximum is None or f"{name}.{column.name}.maximum" in asked
        assert {f"{name}.{raw['rule']}" for raw in agreed.rules} <= asked
        assert f"{name}.key.single" in asked


def test_an_empty_night_breaks_no_rule() -> None:
    assert failed(checked({name: [] for name in nights.rows()}, before=[])) == {}


def put(table: str, row: int, **values: Any) -> Callable[[Night], None]:
    return lambda night: night[table][row].update(values)


def add(table: str, row: int, **values: Any) -> Callable[[Night], None]:
    """Another row like one that is there."""
    return lambda night: night[table].append(night[table][row] | values)


def aged_out_by_a_date_that_is_not_sure(night: Night) -> None:
    night["child"][2]["age_presumed"] = True
    night["change"][0]["cause"] = "attains_18"


BLOCKED = [
    # of a contract: keys, required columns, agreed values, forms, ranges
    ("child.key.single", [BEN], add("child", 1, tracker_id=None)),
    ("child.restricted.filled", [ADA], put("child", 0, restricted=None)),
    ("child.state.allowed", [BEN], put("child", 1, state="WAITING")),
    ("mention.mention_key.written", ["31/2022/000001#1"], put("mention", 0, mention_key="31/2022/000001#1")),
    ("person.person_id.written", [FIRST], put("person", 0, person_id="7")),
    ("child.tracker_id.written", [ADA], put("child", 0, tracker_id="CLVT-1")),
    ("quarantine.reason_code.written", ["intelligence | 31/2022/000009 | x"], put("quarantine", 0, reason_code="x")),
    ("report.version.minimum", ["31/2022/000001"], put("report", 0, version=0)),
    ("report.protective_marking.allowed", ["31/2022/000001"], put("report", 0, protective_marking="SECRET")),
    # of a contract's rules
    ("mention.date_of_birth.whole", [FIRST], put("mention", 0, date_of_birth=None)),
    ("mention.date_of_birth.not_guessed", [FIRST], put("mention", 0, dob_precision="YEAR")),
    ("mention.landed_on.in_order", [FIRST], put("mention", 0, first_landed_on=DECEMBER)),
    ("report.grade.of_3x5x2", ["31/2022/000002"], put("report", 1, grade="B11")),
    ("report.grade.of_5x5x5", ["31/2022/000002"], put("report", 1, grade_scheme="5X5X5", grade="1AP")),
    ("report.handling_conditions.given", ["31/2022/000002"], put("report", 1, grade="1AC", handling="C")),
    ("report.codes.only_with_conditions", ["31/2022/000002"], put("report", 1, action_code="A1")),
    ("quarantine.released_on.in_order", [STOPPED], put("quarantine", 0, released_on=date(2022, 10, 1))),
    ("person_id.merged_on.given", [BEN], put("person_id", 1, merged_into=ADA)),
    ("person_id.merged_into.given", [BEN], put("person_id", 1, merged_on=AS_OF)),
    ("child.tracker_id.single", [ADA, CAT], put("child", 2, tracker_id="CLVT-000001")),
    ("child.entry.complete", [ADA], put("child", 0, added_on=None)),
    ("child.removal.complete", [CAT], put("child", 2, removed_on=None)),
    ("child.removal.of_removed", [ADA], put("child", 0, removed_on=date(2022, 11, 1))),
    ("child.status.is_state", [ADA], put("child", 0, status="VULNERABLE")),
    ("child.proposal.complete", [BEN], put("child", 1, proposed_on=None)),
    ("child.declined_on.given", [BEN], put("child", 1, state="DECLINED")),
    ("spell.removal.complete", [f"{CAT} | 1"], put("spell", 1, removed_by=None)),
    ("fact.decision_id.given", [f"{ADA} | surname"], put("fact", 0, status="DECIDED")),
    ("review.answered_on.is_open", ["R1"], put("review", 0, answered_on=AS_OF)),
    ("review.other_mention_key.given", ["R1"], put("review", 0, other_mention_key=None)),
    # between tables
    ("person.mention_key.known", ["sca:9"], add("person", 0, mention_key="sca:9")),
    ("fact.mention_key.known", [f"{ADA} | surname"], put("fact", 0, mention_key="sca:9")),
    ("action.mention_key.known", ["A1"], put("action", 0, mention_key="sca:9")),
    ("review.mention_key.known", ["R1"], put("review", 0, mention_key="sca:9")),
    ("review.other_mention_key.known", ["R1"], put("review", 0, other_mention_key="sca:9")),
    ("mention.mention_key.has_person", ["btp:7"], add("mention", 0, mention_key="btp:7")),
    ("person.person_id.known", [FIRST], put("person", 0, person_id=STRANGER)),
    ("person.person_id.known", [FIRST], put("person_id", 0, merged_into=BEN, merged_on=AS_OF)),
    ("person_id.merged_into.known", [BEN], put("person_id", 1, merged_into=STRANGER, merged_on=AS_OF)),
    ("child.mention_keys.own", [BEN], put("child", 1, mention_keys=[FIRST])),
    ("fact.person_id.known", [f"{STRANGER} | surname"], put("fact", 0, person_id=STRANGER)),
    ("action.person_id.known", ["A1"], put("action", 0, person_id=STRANGER)),
    ("forecast.person_id.known", [STRANGER], put("forecast", 0, person_id=STRANGER)),
    ("spell.person_id.known", [f"{STRANGER} | 1"], add("spell", 1, person_id=STRANGER)),
    ("change.noticed_on.tonight", [f"{CAT} | REMOVED | D2"], put("change", 0, noticed_on=DECEMBER)),
    ("change.person_id.known", [f"{STRANGER} | FACT | D2"], add("change", 0, person_id=STRANGER, kind="FACT")),
    ("mention.stamp.before_cut_off", [FIRST], put("mention", 0, stamp=MIDNIGHT)),
    ("report.updated_at.before_cut_off", ["31/2022/000001"], put("report", 0, updated_at=MIDNIGHT)),
    ("decision.decided_at.before_cut_off", ["D1"], put("decision", 0, decided_at=MIDNIGHT)),
    ("child.attains_18_on.right", [ADA], put("child", 0, attains_18_on=date(2026, 2, 28))),
    ("child.age.right", [ADA], put("child", 0, age=15)),
    ("child.age_presumed.where_unsure", [ADA], put("child", 0, dob_status="ESTIMATED")),
    ("change.removed.by_decision", [f"{CAT} | REMOVED | attains_18"], aged_out_by_a_date_that_is_not_sure),
    ("child.data_subject_category.decided", [BEN], put("child", 1, data_subject_category="SUSPECT")),
    ("child.panel.of_authority", [ADA], put("child", 0, panel="SYVP")),
    ("forecast.days.right", [BEN], put("forecast", 0, days=9)),
    ("child.state.of_spells", [ADA], put("spell", 0, removed_on=AS_OF, removal_reason="OTHER", removed_by="D2")),
    ("child.state.of_spells", [ADA], add("spell", 0, number=2)),
    ("child.closing.balances", [CAT], lambda night: night["change"].clear()),
    ("child.closing.balances", [BEN], add("change", 0, person_id=BEN, kind="ADDED")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "keys", "broken"), BLOCKED, ids=[f"{rule}-{n}" for n, (rule, _, _) in enumerate(BLOCKED)]
)
def test_a_row_that_breaks_a_blocking_rule_is_named_by_its_key_and_closes_the_gate(
    rule: str, keys: list[str], broken: Callable[[Night], None]
) -> None:
    night = nights.rows()
    broken(night)
    check = gate.validate(nights.tables(night), AS_OF, SITE, nights.nullable("child", nights.before()))
    assert failed(check.to_pylist())[rule] == sorted(keys)
    with pytest.raises(gate.GateClosed, match=rule.replace(".", r"\.")) as closed:
        gate.require(check)
    assert keys[0] in str(closed.value)
    assert not any(canary in str(closed.value) for canary in CANARIES)


WARNED = [
    ("mention.postcode.written", [FIRST], put("mention", 0, postcode="NG99 9ZZ9")),
    ("mention.telephone.written", [FIRST], put("mention", 0, telephone="07700900123")),
    ("mention.pnc_id.written", [FIRST], put("mention", 0, pnc_id="08/123456A")),
    ("mention.age_stated.maximum", [FIRST], put("mention", 0, age_stated=140)),
    ("mention.date_of_birth.before_record", [FIRST], put("mention", 0, recorded_on=date(2008, 2, 28))),
    ("child.birthday.known", [BEN], put("child", 1, attains_18_on=None)),
    ("child.removed_on.in_order", [CAT], put("child", 2, added_on=DECEMBER)),
    ("child.name.known", [ADA], put("child", 0, surname=None)),
    ("child.local_authority.known", [ADA], put("child", 0, local_authority=None, panel=None)),
    ("child.possible.double", [ADA, BEN], put("child", 1, surname="Quillfeather-1")),
    ("child.attains_18_on.on_tracker", [ADA], put("child", 0, date_of_birth=BORN_2004, attains_18_on=AS_OF, age=18)),
    ("change.noticed_on.in_order", [f"{CAT} | REMOVED | D2"], put("change", 0, effective_on=DECEMBER)),
    ("report.updated_at.in_order", ["31/2022/000001"], put("report", 0, updated_at=LONG_BEFORE)),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "keys", "broken"), WARNED, ids=[rule for rule, _, _ in WARNED])
def test_a_warning_is_named_by_key_and_leaves_the_gate_open(
    rule: str, keys: list[str], broken: Callable[[Night], None]
) -> None:
    night = nights.rows()
    broken(night)
    check = gate.validate(nights.tables(night), AS_OF, SITE, nights.nullable("child", nights.before()))
    assert failed(check.to_pylist()) == {rule: sorted(keys)}
    gate.require(check)


def test_a_mention_that_came_on_an_earlier_night_is_not_asked_again_but_for_its_key() -> None:
    night = nights.rows()
    night["mention"][0] |= {"landed_on": date(2022, 11, 1), "first_landed_on": date(2022, 11, 1), "gender": "Z"}
    assert failed(checked(night)) == {}
    night["mention"].append(nights.mention(1))
    assert failed(checked(night)) == {"mention.key.single": [FIRST]}


def test_a_child_who_joined_and_left_between_two_nights_balances() -> None:
    night = nights.rows()
    night["change"].append(night["change"][0] | {"kind": "ADDED", "cause": "D1"})
    assert failed(checked(night, before=nights.before()[:1])) == {}


def test_children_who_were_merged_or_split_tonight_are_not_asked_how_they_joined_or_left() -> None:
    night = nights.rows()
    night["change"].clear()
    night["person_event"] = [{"person_id": ADA, "other_person_id": CAT, "kind": "MERGED", "happened_on": AS_OF}]
    assert failed(checked(night)) == {}


def test_the_first_night_has_nothing_to_open_with() -> None:
    rows = gate.validate(nights.tables(nights.rows()), AS_OF, SITE).to_pylist()
    assert failed(rows) == {}
    assert "closing.balances" not in {row["rule"] for row in rows}


def test_a_suspect_by_decision_is_taken_as_one() -> None:
    night = nights.rows()
    night["child"][1]["data_subject_category"] = "SUSPECT"
    night["decision"][0] |= {"action": "SUSPECT_EVIDENCE", "mention_key": "intel:31/2022/000002#1"}
    assert failed(checked(night)) == {}


BROKEN_FORM = """
table: broken
question: Which form cannot be read?
key: [person_id]
columns: {person_id: {pattern: 'P-.+'}}
"""


def test_an_expectation_that_raises_stops_every_table_that_it_was_asked_of(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = parse(BROKEN_FORM)
    object.__setattr__(broken.columns[0], "pattern", "((")  # which no contract that is read can have
    monkeypatch.setattr(gate, "_suite", lambda _: suites.suite([broken]))
    check = gate.validate(nights.tables(nights.rows()), AS_OF, SITE, nights.nullable("child", nights.before()))
    unasked = [row for row in check.to_pylist() if not row["ran"]]
    assert {row["rule"].rsplit(".", 1)[-1] for row in unasked} >= {"written"}
    assert not any(row["passed"] for row in unasked)
    with pytest.raises(gate.GateClosed, match="could not be asked"):
        gate.require(check)


def test_an_expectation_that_fails_without_naming_a_row_counts_as_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suites, "_failing", lambda *_: iter(()))
    night = nights.rows()
    night["child"][0]["age"] = 15
    row = next(row for row in checked(night) if row["rule"] == "age.right")
    assert (row["ran"], row["passed"]) == (False, False)


def test_a_table_with_other_columns_than_its_contract_closes_the_gate_and_the_others_are_still_asked() -> None:
    night = nights.rows()
    night["child"][0]["age"] = 15
    tables = nights.tables(night)
    tables["fact"] = tables["fact"].drop_columns(["status"])
    check = gate.validate(tables, AS_OF, SITE, nights.nullable("child", nights.before()))
    rows = {f"{row['table']}.{row['rule']}": row for row in check.to_pylist()}
    assert (rows["fact.columns"]["ran"], rows["child.age.right"]["failed_keys"]) == (False, [ADA])
    with pytest.raises(gate.GateClosed, match="rules of fact could not be asked"):
        gate.require(check)


def test_the_result_holds_keys_and_never_a_value() -> None:
    night = nights.rows()
    for rule, _, broken in BLOCKED + WARNED:
        if rule != "child.closing.balances":  # which takes the changes away that others break
            broken(night)
    check = gate.validate(nights.tables(night), AS_OF, SITE, nights.nullable("child", nights.before()))
    assert len(failed(check.to_pylist())) > 30
    text = str(check.to_pylist())
    assert not any(canary in text for canary in CANARIES)


def test_nothing_of_a_night_reaches_the_log_or_the_disk(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    night = nights.rows()
    night["child"][1]["surname"] = "Quillfeather-1"
    caplog.set_level("DEBUG")
    checked(night)
    told = caplog.text + "".join(capfd.readouterr())
    assert not any(canary in told for canary in CANARIES)
    assert list(tmp_path.rglob("*")) == []


def test_the_log_of_a_task_holds_no_line_of_the_import(tmp_path: Any) -> None:
    script = tmp_path / "task.py"
    script.write_text(
        "import logging\nlogging.basicConfig(level='INFO')\nfrom expectations.suites import suite\nsuite(())"
    )
    task = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert "great_expectations" not in task.stdout + task.stderr


def test_what_no_contract_asks_is_imported_where_something_of_it_is_used(tmp_path: Any) -> None:
    (script := tmp_path / "task.py").write_text(
        "import sys\nfrom expectations.suites import SELDOM_USED, suite\nsuite(())\n"
        "print({*SELDOM_USED} & sys.modules.keys())\n"
        "from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as asked\n"
        "print(asked.stats.entropy([1]), asked.alt.Chart.__name__)\n"
        "import altair, jsonschema, pyspark, scipy.stats\n"
        "print(altair.Chart.__name__, pyspark.SparkContext.__name__, scipy.stats.entropy([1]))"
    )
    task = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert task.stdout.splitlines() == ["set()", "0.0 Chart", "Chart SparkContext 0.0"]


def test_the_same_night_gives_the_same_result() -> None:
    assert checked(nights.rows()) == checked(nights.rows())


def test_a_closed_gate_names_ten_keys_and_counts_the_others() -> None:
    row = {"table": "child", "rule": "age.right", "sentence": "So.", "failed_keys": [f"P-{n:010}" for n in range(12)]}
    assert "P-0000000009 and 2 more." in gate.sentence(row)


def test_rules_have_names_of_their_own() -> None:
    names = [(row["table"], row["rule"]) for row in checked(nights.rows())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", contracts.tables())
def test_forms_ask_for_the_whole_value_so_they_have_no_anchors(name: str) -> None:
    for form in claims.forms(contract(name)).values():
        assert not form.startswith("^")
        assert not form.endswith("$")


def test_a_value_that_only_starts_like_an_agreed_one_is_not_agreed() -> None:
    night = nights.rows()
    night["child"][1]["state"] = "PROPOSED or so"
    assert failed(checked(night)) == {"child.state.allowed": [BEN]}


@pytest.mark.parametrize(
    ("born", "leap_day", "attained"),
    [
        (date(2008, 3, 1), "03-01", date(2026, 3, 1)),
        (date(2008, 2, 29), "03-01", date(2026, 3, 1)),
        (date(2008, 2, 29), "02-28", date(2026, 2, 28)),
        (date(2002, 2, 28), "03-01", date(2020, 2, 28)),
        (date(2004, 12, 31), "03-01", date(2022, 12, 31)),
    ],
)
def test_18_is_attained_on_the_birthday(born: date, leap_day: str, attained: date) -> None:
    assert across.birthday(born, 18, leap_day) == attained
    assert across.age_on(attained, born, leap_day) == 18
    assert across.age_on(attained - timedelta(days=1), born, leap_day) == 17


def test_no_claims_are_an_empty_table() -> None:
    for kind, columns in claims.KINDS.items():
        empty = claims.table_of(kind, [])
        assert (empty.num_rows, empty.column_names) == (0, ["table", "rule", *columns])
