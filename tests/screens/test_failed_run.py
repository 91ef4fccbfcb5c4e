"""A run of the DAG that fails on purpose: who is told, and what its page in Airflow shows, in a real browser."""

import json
import shutil
import sqlite3
import subprocess
from dataclasses import replace
from email import message_from_string, policy

import pytest

from connectors.register import anchors
from connectors.register.database import Head
from connectors.store.paths import Home
from tests.report.sinks import a_hook, a_mailbox
from tests.screens.conftest import AIRFLOW, REPO

pytestmark = [pytest.mark.airflow, pytest.mark.browser, pytest.mark.timeout(300)]

NIGHT = "2022-11-24"
PERSONAL = ("Okafor", "Daniel", "Whitlock", "Bhriain", "2007-03-14", "14/03/2007")


@pytest.fixture(scope="module")
def failed(server, tmp_path_factory):
    """A run that fails in pull, since what the night before landed is gone; what came by each mail and by webhook."""
    folder = tmp_path_factory.mktemp("failed")
    shutil.copytree(server.run.home.root, folder / "home")
    with a_mailbox() as mailbox, a_mailbox() as kept, a_hook() as hook:
        to = {"from": "tracker@example.police.uk", "to": ["engineer@example.police.uk"], "tls": "none"}
        mails = {"conn_type": "smtp", "host": "127.0.0.1", "extra": to}
        connections = {
            "night_mail": {**mails, "port": mailbox.server_address[1]},
            "register_digest": {**mails, "port": kept.server_address[1]},
            "night_webhook": {
                "conn_type": "http",
                "password": "a-token",
                "extra": {"url": f"http://127.0.0.1:{hook.server_address[1]}/night"},
            },
        }
        environment = server.environment | {
            "AIRFLOW__CORE__DAGS_FOLDER": str(REPO / "dags"),
            "CLVT_HOME": str(folder / "home"),
            "CLVT_RETRIES": "0",
            **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(given) for name, given in connections.items()},
        }
        command = [AIRFLOW, "dags", "test", "nightly", "--conf", json.dumps({"as_of": NIGHT})]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 1, done.stderr[-3000:]
    with sqlite3.connect(folder_of(server) / "airflow.db") as database:
        (run_id,) = database.execute("SELECT run_id FROM dag_run WHERE dag_id = 'nightly'").fetchone()
    run = replace(server.run, home=Home(folder / "home"))
    return run, run_id, kept.received, mailbox.received, hook.received


def folder_of(server):
    return server.log.parent


def test_one_mail_and_one_call_of_the_webhook_name_the_night_and_the_stage(failed, server):
    *_, mails, calls = failed
    assert len(mails) == len(calls) == 1
    mail = message_from_string(mails[0], policy=policy.default)
    assert mail["Subject"] == f"County Lines tracker: the night of {NIGHT} failed in pull"
    body, authorisation = calls[0]
    assert (body["night"], body["stages"], authorisation) == (NIGHT, ["pull"], "Bearer a-token")
    assert body["link"] in mail.get_content()
    assert body["link"].startswith(f"{server.address}/dags/nightly/runs/")
    assert body["link"].endswith("/plugin/the-night")


def test_where_the_register_ended_is_mailed_all_the_same(failed):
    run, _, (kept,), *_ = failed
    mail = message_from_string(kept, policy=policy.default)
    assert mail["Subject"] == f"County Lines tracker: end of the register, night of {NIGHT}"
    assert Head(**json.loads(mail.get_content().splitlines()[0])) == anchors.kept(run.home.anchors)[-1]


def test_none_holds_anybodys_data(failed):
    *_, kept, mails, calls = failed
    told = kept[0] + mails[0] + json.dumps(calls[0])
    assert not [value for value in PERSONAL if value in told]


def test_the_link_leads_to_the_runs_page_with_its_stages_and_its_report(failed, server, signed_in):
    run, *_, ((body, _),) = failed
    with server.showing(run):
        tab = signed_in("uma")
        tab.goto(body["link"])
        night = tab.frame_locator("iframe")
        night.locator("h1:has-text('Night of Thursday 24 November 2022')").wait_for(timeout=60_000)
        pulled = night.locator("tr", has_text="pull failed")
        assert f"Night {NIGHT}: pull failed. Connection intelligence_db is not configured" in pulled.inner_text()
        assert "did not end" in night.locator("tr", has_text="reconcile").inner_text()
        night.locator("a:has-text('The report')").click()
        night.locator("text=The night failed").wait_for(timeout=30_000)
        assert "that of Wednesday 23 November 2022" in " ".join(night.locator(".failure").inner_text().split())


def test_the_run_has_the_night_as_a_tab(failed, server, signed_in):
    run, run_id, *_ = failed
    with server.showing(run):
        tab = signed_in("uma")
        tab.goto(f"{server.address}/dags/nightly/runs/{run_id}")
        link = tab.get_by_role("link", name="The night").get_attribute("href", timeout=60_000)
        tab.goto(f"{server.address}{link}")
        tab.frame_locator("iframe").locator("#stages").wait_for(timeout=60_000)
