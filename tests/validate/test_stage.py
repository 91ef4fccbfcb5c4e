"""The stage: it publishes a night that passes, stops one that does not, and keeps what it found."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.register import anchors
from connectors.store import sealed
from connectors.store.paths import Home
from expectations import contracts, gate
from expectations.gate import GateClosed
from expectations.site import load
from night.night import run_night
from night.run import Run
from night.validate import EXCUSED, tables_of, validate
from tests.pull.force import Force
from tests.validate import nights
from tests.validate.nights import ADA, AS_OF, CANARIES

SEALED = {
    "pull": (),
    "land": ("landed_report", "landed_key"),
    "normalise": ("mention", "report", "quarantine", "decision", "ignored"),
    "link": ("person", "person_id", "person_event", "same_person_question"),
    "reconcile": ("child", "spell", "fact", "change", "review", "action", "forecast", "refusal", "tracker_id"),
}
# Of these no night seals a table before it leaves, or what seals it is the gate itself.
OF_NO_NIGHT = {"pair": "what `clvt link` writes", "check": "the gate's own result"}


def reconciled(home: Path, night: dict[str, list[dict[str, Any]]]) -> Run:
    """A data home in which the night before and tonight are reconciled."""
    before = Run(AS_OF - timedelta(days=1), Home(home))
    writer = before.writer("reconcile")
    writer.table("child", nights.nullable("child", nights.before()))
    writer.seal({}, replaceable=True)
    run = Run(AS_OF, Home(home))
    for stage, names in SEALED.items():
        writer = run.writer(stage)
        for name in names:
            writer.table(name, nights.nullable(name, night.get(name, [])))
        writer.seal({}, replaceable=True)
    return run


def test_whatever_the_stages_before_the_gate_sealed_is_asked_but_what_is_excused_by_name(tmp_path: Path) -> None:
    run = reconciled(tmp_path, nights.rows())
    asked = {name for names in SEALED.values() for name in names} - set(EXCUSED)
    assert set(tables_of(run)) == asked
    validate(run)
    assert {row["table"] for row in run.rows("validate", "check")} >= asked


def test_every_table_that_has_a_contract_is_asked_on_a_night_or_excused_with_a_reason(tmp_path: Path) -> None:
    force = Force(tmp_path / "force")
    force.report()
    run = force.night("2022-03-02")
    run_night(run, ("pull", "land", "normalise", "link", "reconcile", "validate", "export"))
    asked = {*tables_of(run), *sealed.tables(run.folder, "export")}
    assert set(contracts.tables()) - asked == {*EXCUSED, *OF_NO_NIGHT}
    assert all(EXCUSED.values())


def test_a_file_that_would_leave_twice_is_stopped_before_anything_is_sealed(tmp_path: Path) -> None:
    row = {"recipient": "pnd", "file": "a.xml", "sha256": "0", "bytes": 1, "records": 1, "kind": "PARCEL"}
    outgoing = contracts.contract("outgoing").table_of([row, row])
    with pytest.raises(GateClosed, match=r"outgoing.key.single.*\n.*outgoing.kind.allowed"):
        gate.require(gate.validate({"outgoing": outgoing}, AS_OF, load()))


def test_a_night_that_passes_is_published_and_comes_out_the_same_again(tmp_path: Path) -> None:
    run = reconciled(tmp_path, nights.rows())
    counts = validate(run)
    assert counts["rules"] > 200
    assert counts["warnings"] == 2  # the reports of a small night are few
    assert run.home.published() == [AS_OF]
    seal = (run.folder.stage("validate") / "SEAL.json").read_bytes()
    assert validate(run) == counts
    assert (run.folder.stage("validate") / "SEAL.json").read_bytes() == seal
    assert [anchor.seq for anchor in anchors.kept(run.home.anchors)] == [0]


def test_a_night_that_breaks_a_blocking_rule_is_not_published_and_what_was_found_is_kept(tmp_path: Path) -> None:
    night = nights.rows()
    night["child"][0]["panel"] = "SYVP"
    run = reconciled(tmp_path, night)
    with pytest.raises(GateClosed, match=f"child.panel.of_authority: .* Not so for {ADA}"):
        validate(run)
    assert run.home.published() == []
    assert anchors.kept(run.home.anchors) == []
    check = pq.read_table(run.folder.unsealed("validate") / "check.parquet").to_pylist()
    assert [row["failed_keys"] for row in check if row["rule"] == "panel.of_authority"] == [[ADA]]
    everything = b"".join(path.read_bytes() for path in run.folder.unsealed("validate").rglob("*") if path.is_file())
    assert not any(canary.encode() in everything for canary in CANARIES)
