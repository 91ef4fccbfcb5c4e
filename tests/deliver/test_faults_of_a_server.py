"""Whatever a partner's server does wrong: nothing is lost in silence, no partial file is seen, nothing comes twice."""

import os
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.endpoints import Endpoint
from connectors.store.paths import Home
from demo.standin.partners import ssh_key
from night.deliver import DeliveryFailed, deliver
from night.run import Run
from tests.deliver import nights
from tests.deliver.faults import Plan, faulty
from tests.deliver.nights import (
    Partners,
    expect_all_held,
    expect_nothing_false,
    exported,
    hidden,
    of_night,
    recipient,
    states,
    visible,
)

LARGE, MANIFEST = "drop_20221122.csv", "manifest.json"
FAULTS = {
    "the first write fails": "could not write",
    "the last write fails": "could not write",
    "a write says it is done and is not": "stored drop_20221122.csv differently",
    "the disk is full": "a full disk or a quota",
    "the quota is used up": "a full disk or a quota",
    "the second half is dropped": "stored drop_20221122.csv differently|could not read",
    "one byte is stored wrong": "stored drop_20221122.csv differently",
    "the close fails": "could not close",
    "the rename fails": "could not rename",
    "the rename says it is done and is not": "does not lie there whole",
    "permission is lost": "permission denied",
    "reading back is forbidden": "permission denied",
    "reading fails": "could not read",
    "reading ends early": "could not read",
    "the connection is cut in the middle": "cut the connection",
    "the connection is cut while reading": "cut the connection",
    "the server stops answering": "has not answered",
    "the server stops answering reads": "has not answered",
}
SMALL_TOO = ("the first write fails", "one byte is stored wrong", "the close fails", "the rename fails")


@pytest.fixture
def night(home: Home) -> Run:
    return exported(home, {"mash": {LARGE: os.urandom(400_000), "letter_20221122.pdf": b"small", MANIFEST: b"{}"}})


def folders(home: Home) -> dict[str, Path]:
    return {"mash": home.drops / "mash"}


@pytest.mark.parametrize(("fault", "sentence"), FAULTS.items(), ids=[name.replace(" ", "_") for name in FAULTS])
def test_a_fault_is_named_and_after_the_repair_everything_is_there_once(
    home: Home, night: Run, monkeypatch: pytest.MonkeyPatch, fault: str, sentence: str
) -> None:
    plan, patience = Plan(fault), nights.PATIENCE
    if "stops answering" in fault:
        monkeypatch.setattr(nights, "PATIENCE", nights.IMPATIENT)
    with Partners(home, {"mash": recipient("mash", encryption="plain")}, *faulty(plan)):
        start = time.monotonic()
        with pytest.raises(DeliveryFailed, match=f"^mash: .*({sentence})"):
            deliver(night)
        assert time.monotonic() - start < 60
        expect_nothing_false(night, folders(home))
        assert "20221122_manifest.json" not in plan.arrivals, "the manifest comes last"
        plan.repair()
        monkeypatch.setattr(nights, "PATIENCE", patience)
        deliver(night)
        expect_all_held(night, folders(home))
    assert set(Counter(plan.arrivals).values()) == {1}, "a file was delivered twice"


@pytest.mark.parametrize("fault", SMALL_TOO)
def test_a_fault_at_a_small_file_is_named_too(home: Home, night: Run, fault: str) -> None:
    plan = Plan(fault, where="manifest")
    with Partners(home, {"mash": recipient("mash", encryption="plain")}, *faulty(plan)):
        with pytest.raises(DeliveryFailed, match="manifest"):
            deliver(night)
        expect_nothing_false(night, folders(home))
        assert states(night)["20221122_manifest.json"] == "failed"
        assert states(night)["drop_20221122.csv"] in ("delivered", "acknowledged")
        plan.repair()
        deliver(night)
        expect_all_held(night, folders(home))
    assert set(Counter(plan.arrivals).values()) == {1}


def test_a_connection_cut_between_the_rename_and_its_answer_brings_no_second_copy(home: Home, night: Run) -> None:
    plan = Plan("the connection is cut after the rename")
    with Partners(home, {"mash": recipient("mash", encryption="plain")}, *faulty(plan)):
        deliver(night)
        expect_all_held(night, folders(home))
    assert set(Counter(plan.arrivals).values()) == {1}


def test_a_connection_that_is_cut_once_is_made_again_in_the_same_run(home: Home, night: Run) -> None:
    plan = Plan("the connection is cut in the middle")
    drop, protocol = faulty(plan)
    whole = plan.cut

    def cut_once() -> None:
        plan.repair()
        whole()

    plan.cut = cut_once  # type: ignore[method-assign]
    with Partners(home, {"mash": recipient("mash", encryption="plain")}, drop, protocol):
        deliver(night)
        expect_all_held(night, folders(home))


def test_a_server_that_gives_less_than_was_asked_for_is_asked_for_the_rest(home: Home, night: Run) -> None:
    plan = Plan("reads give less than asked")
    with Partners(home, {"mash": recipient("mash", encryption="plain")}, *faulty(plan)):
        deliver(night)
        expect_all_held(night, folders(home))


def test_a_file_of_the_same_name_and_other_content_is_never_overwritten(home: Home, night: Run) -> None:
    theirs = home.drops / "mash" / "drop_20221122.csv"
    with Partners(home, {"mash": recipient("mash", encryption="plain")}):
        theirs.write_bytes(b"not ours")
        with pytest.raises(DeliveryFailed, match=r"already holds another file named drop_20221122\.csv"):
            deliver(night)
        assert theirs.read_bytes() == b"not ours"
        theirs.unlink()
        deliver(night)
        expect_all_held(night, folders(home))


def test_a_missing_directory_is_named(home: Home, night: Run) -> None:
    with Partners(home, {"mash": recipient("mash", encryption="plain", directory="in")}):
        (home.drops / "mash" / "in").rmdir()
        with pytest.raises(DeliveryFailed, match="there is no such file or directory"):
            deliver(night)
        (home.drops / "mash" / "in").mkdir()
        deliver(night)
        expect_all_held(night, {"mash": home.drops / "mash" / "in"})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [("host_key", "shows host key SHA256:.*is pinned. Nothing was sent"), ("key_file", "refuses the login")],
)
def test_a_changed_host_key_and_a_refused_login_are_named_not_tried_again_and_stop_no_other(
    home: Home, tmp_path: Path, wrong: str, sentence: str
) -> None:
    other = ssh_key(tmp_path / "other_key")
    given = {"host_key": f"{other.get_name()} {other.get_base64()}", "key_file": str(tmp_path / "other_key")}
    asked: list[str] = []

    def endpoint(name: str) -> Endpoint:
        asked.append(name)
        found = nights.endpoint(name)
        return replace(found, extra={**found.extra, wrong: given[wrong]}) if name == "partner_mash" else found

    files = {LARGE: b"record", MANIFEST: b"{}"}
    run = exported(home, {"mash": files, "panel": files})
    with Partners(home, {name: recipient(name, encryption="plain") for name in ("mash", "panel")}):
        with pytest.raises(DeliveryFailed, match=f"^mash: .*{sentence}"):
            deliver(replace(run, endpoint=endpoint))
        # once more than the other, for whether it is live: its files wait
        assert asked.count("partner_mash") == asked.count("partner_panel") + 1, "tried again"
        assert {row["state"] for row in of_night(run) if row["recipient"] == "mash"} == {"prepared"}
        assert list(visible(home.drops / "mash")) == []
        expect_all_held_by(run, home, "panel")
        deliver(run)
        expect_all_held(run, {name: home.drops / name for name in ("mash", "panel")})


def expect_all_held_by(run: Run, home: Home, name: str) -> None:
    sent = {row["file"]: row["sha256"] for row in of_night(run) if row["recipient"] == name}
    assert visible(home.drops / name) == sent


def test_what_an_interrupted_attempt_left_is_replaced(home: Home, night: Run) -> None:
    plan = Plan("the connection is cut in the middle")
    with Partners(home, {"mash": recipient("mash", encryption="plain")}, *faulty(plan)):
        with pytest.raises(DeliveryFailed):
            deliver(night)
        assert hidden(home.drops / "mash") != []
        plan.repair()
        deliver(night)
        assert hidden(home.drops / "mash") == []
