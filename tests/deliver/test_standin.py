"""Stand-in partners: the same keys each time, never in a real partner's place; and `check` sees what is wrong."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.endpoints import Endpoint, EndpointError, from_environment
from connectors.store.paths import Home
from demo.standin import StandInError, start
from expectations.recipients import Recipient, load
from night.check_recipient import check_recipient
from night.live import expect_own_key
from tests.deliver.nights import Partners, endpoint, recipient, run_of


def contracts(home: Home) -> dict[str, Recipient]:
    return load(home.recipients, stood_in=home.standin)


def test_a_second_start_uses_the_same_keys(home: Home) -> None:
    seen = []
    for _ in range(2):
        with Partners(home, {"mash": recipient("mash")}):
            host_key = from_environment("partner_mash").extra["host_key"]
            seen.append((host_key, contracts(home)["mash"].delivery.fingerprint))
    assert seen[0] == seen[1]


def test_nobodys_contract_is_written(home: Home) -> None:
    home.recipients.mkdir(exist_ok=True)
    path = home.recipients / "youth.yml"
    path.write_text("# why: section 11\ninherits: share_barnardos\n")
    before = {one: one.read_bytes() for one in home.recipients.iterdir()}
    with start(home, {"youth": contracts(home)["youth"]}):
        assert contracts(home)["youth"].delivery.fingerprint
    assert {one: one.read_bytes() for one in home.recipients.iterdir()} == before


def test_a_real_partner_never_gets_what_only_its_stand_in_can_read(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        run, stood_in = run_of(home), contracts(home)["mash"]
        expect_own_key(run, stood_in)
        real = replace(run, endpoint=lambda name: Endpoint(name, "sftp", "sftp.example.org"))
        with pytest.raises(EndpointError, match="mash has the key of its stand-in, but its connection"):
            expect_own_key(real, stood_in)


def test_its_connections_last_as_long_as_it_runs(home: Home) -> None:
    with start(home, {"mash": recipient("mash")}):
        assert "AIRFLOW_CONN_PARTNER_MASH" in os.environ
    assert "AIRFLOW_CONN_PARTNER_MASH" not in os.environ


def test_it_takes_no_real_partners_place(home: Home) -> None:
    with (
        pytest.raises(StandInError, match="never takes a real partner's place"),
        start(home, {"real": recipient("real", fingerprint="A" * 40)}),
    ):
        pass


def test_the_projects_own_recipients_can_be_stood_in_for(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    chosen = dict(list(load().items())[:2])
    assert len(chosen) == 2
    with start(home, chosen):
        for name in chosen:
            assert check_recipient(contracts(home)[name], home, endpoint(f"partner_{name}")) == []


def test_check_finds_nothing_wrong_with_a_partner_that_can_be_delivered_to(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        contract = contracts(home)["mash"]
        assert check_recipient(contract, home, endpoint("partner_mash")) == []
        assert not list((home.drops / "mash").rglob("*.gpg"))


def test_check_names_a_missing_key_and_a_missing_directory(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        wrong = recipient("mash", fingerprint="B" * 40, directory="nowhere")
        key, directory = check_recipient(wrong, home, endpoint("partner_mash"))
        assert f"holds no key {'B' * 40}" in key
        assert "has no directory nowhere" in directory


def test_check_names_a_server_that_is_down(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        contract, gone = contracts(home)["mash"], endpoint("partner_mash")
    (sentence,) = check_recipient(contract, home, gone)
    assert "cannot be reached" in sentence
