"""A contract or a setting that changes is in the log; a contract that asks for no encryption needs a second person."""

import hashlib
import json
import os
import pwd
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.endpoints import Endpoint
from connectors.register.database import entries
from connectors.store.paths import Home
from night.agreed import NotSeenByAnother, digest, expect_seen_by_another, let_plain, write_down_changes
from night.deliver import DeliveryFailed, deliver_to
from night.run import Run
from tests.deliver.nights import CONTRACT, NIGHT, exported

ME = pwd.getpwuid(os.getuid()).pw_name
PLAIN = {"connection": "partner_mash", "encryption": "plain"}


def wrote(home: Home, name: str, **delivery: str) -> Run:
    """The home after somebody wrote a contract, and the night that finds it."""
    home.recipients.mkdir(parents=True, exist_ok=True)
    text = CONTRACT.format(name=name, delivery=json.dumps({"connection": f"partner_{name}", **delivery}))
    (home.recipients / f"{name}.yml").write_text(text)
    return Run(NIGHT, home, lambda found: Endpoint(found, "sftp", host="127.0.0.1", port=9))


def changes(run: Run, name: str, what: str = "contract") -> list[tuple[str, str, str]]:
    """Who changed a contract, or a file of settings, from what, to what."""
    rows = [row for row in entries(run.register) if row["record_ref"] == f"{what}:{name}"]
    return [(row["actor"], *(json.loads(row["detail"])[key] for key in ("from", "to"))) for row in rows]


def test_a_contract_is_logged_when_it_comes_changes_and_goes_and_not_in_between(tmp_path: Path) -> None:
    run = wrote(Home(tmp_path), "mash")
    assert write_down_changes(run) > 1  # the product's own too
    first = digest(run.contracts()["mash"])
    assert write_down_changes(run) == 0
    changed = wrote(run.home, "mash", directory="elsewhere")
    second = digest(changed.contracts()["mash"])
    assert write_down_changes(changed) == 1
    (run.home.recipients / "mash.yml").unlink()
    assert write_down_changes(run) == 1
    assert changes(run, "mash") == [(ME, "", first), (ME, first, second), (ME, second, "")]
    assert changes(run, "btp")[0][0] == "the product"


@pytest.mark.parametrize("name", ["site.yml", "authorities.csv"])
def test_settings_are_logged_when_they_come_change_and_go_and_not_in_between(tmp_path: Path, name: str) -> None:
    run = Run(NIGHT, Home(tmp_path / "home"))
    write_down_changes(run)
    for text in ("live_from: 2022-01-01\n", "live_from: 2022-02-01\n", ""):
        (run.home.root / name).write_text(text) if text else (run.home.root / name).unlink()
        assert (write_down_changes(run), write_down_changes(run)) == (1, 0)
    digests = [hashlib.sha256(f"live_from: 2022-0{month}-01\n".encode()).hexdigest() for month in (1, 2)]
    assert changes(run, name, "settings") == list(zip([ME] * 3, ["", *digests], [*digests, ""], strict=True))


def test_plain_files_leave_once_another_person_has_seen_the_contract_as_it_is(tmp_path: Path) -> None:
    run = wrote(Home(tmp_path), "mash", **PLAIN)
    contract = run.contracts()["mash"]
    with pytest.raises(NotSeenByAnother, match="clvt plain mash"):
        expect_seen_by_another(run, contract)
    with pytest.raises(NotSeenByAnother, match="somebody else has to look"):
        let_plain(run, contract, ME, "agreed with the partner")
    let_plain(run, contract, "the inspector", "agreed with the partner")
    expect_seen_by_another(run, contract)
    changed = wrote(run.home, "mash", **PLAIN, directory="elsewhere")
    with pytest.raises(NotSeenByAnother):
        expect_seen_by_another(changed, changed.contracts()["mash"])


@pytest.mark.parametrize("actor", [f"{ME} as clvt", f"ursula as {ME}"])
def test_whoever_wrote_a_contract_is_no_other_person_under_another_login(tmp_path: Path, actor: str) -> None:
    run = wrote(Home(tmp_path), "mash", **PLAIN)
    contract = run.contracts()["mash"]
    with pytest.raises(NotSeenByAnother, match=f"{ME} owns the file"):
        let_plain(run, contract, actor, "agreed with the partner")
    with pytest.raises(NotSeenByAnother, match="clvt plain mash"):
        expect_seen_by_another(run, contract)


def test_a_night_sends_nothing_in_plain_that_one_person_alone_agreed(tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("live_from: 2022-01-01\n")
    home = wrote(Home(tmp_path), "mash", **PLAIN).home
    run = exported(home, {"mash": {"drop.json": b"{}"}})
    away = replace(run, endpoint=lambda found: Endpoint(found, "sftp", host="127.0.0.1", port=9))
    with pytest.raises(DeliveryFailed, match="mash gets its files unencrypted"):
        deliver_to(away, "mash")
    assert not list(home.outbox.rglob("*.json"))


def test_what_is_encrypted_and_what_a_stand_in_takes_needs_nobody(tmp_path: Path) -> None:
    run = wrote(Home(tmp_path), "mash")
    expect_seen_by_another(run, run.contracts()["mash"])
    stand_in = Endpoint("partner_mash", "sftp", extra={"stand_in": True})
    tried = replace(wrote(run.home, "mash", **PLAIN), endpoint=lambda _: stand_in)
    expect_seen_by_another(tried, tried.contracts()["mash"])
