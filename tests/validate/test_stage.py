"""The stage: it publishes a night that passes, stops one that does not, and keeps what it found."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.register import anchors
from connectors.store.paths import Home
from expectations.gate import GateClosed
from night.run import Run
from night.validate import ASKED, validate
from tests.validate import nights
from tests.validate.nights import ADA, AS_OF, CANARIES


def reconciled(home: Path, night: dict[str, list[dict[str, Any]]]) -> Run:
    """A data home in which the night before and tonight are reconciled."""
    before = Run(AS_OF - timedelta(days=1), Home(home))
    writer = before.writer("reconcile")
    writer.table("child", nights.nullable("child", nights.before()))
    writer.seal({}, replaceable=True)
    run = Run(AS_OF, Home(home))
    for stage, names in ASKED.items():
        writer = run.writer(stage)
        for name in names:
            writer.table(name, nights.nullable(name, night.get(name, [])))
        writer.seal({}, replaceable=True)
    return run


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
