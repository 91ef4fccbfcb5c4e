"""Stand-in partners: the same keys each time, never in a real partner's place; and `check` sees what is wrong."""

import os
from pathlib import Path

import pytest

from connectors.endpoints import from_environment
from connectors.store.paths import Home
from demo.standin import StandInError, start
from expectations.recipients import load
from night.check_recipient import check_recipient
from tests.deliver.nights import Partners, endpoint, recipient


def test_a_second_start_uses_the_same_keys(home: Home) -> None:
    seen = []
    for _ in range(2):
        with start(home, {"mash": recipient("mash")}):
            host_key = from_environment("partner_mash").extra["host_key"]
            seen.append((host_key, load(home.recipients)["mash"].delivery.fingerprint))
    assert seen[0] == seen[1]


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
            assert check_recipient(load(home.recipients)[name], home, endpoint(f"partner_{name}")) == []


def test_check_finds_nothing_wrong_with_a_partner_that_can_be_delivered_to(home: Home) -> None:
    with Partners(home, {"mash": recipient("mash")}):
        contract = load(home.recipients)["mash"]
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
        contract, gone = load(home.recipients)["mash"], endpoint("partner_mash")
    (sentence,) = check_recipient(contract, home, gone)
    assert "cannot be reached" in sentence
