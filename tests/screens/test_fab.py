"""Under Airflow's FAB auth manager each of our roles sees its own force's pages, and FAB's Admin sees no child."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import oidc_provider_mock
import pytest

from connectors.register.database import processing_log
from tests import chromium
from tests.report.a_home import a_home
from tests.screens.conftest import AIRFLOW, REPO
from tests.sites import written

pytestmark = [pytest.mark.airflow, pytest.mark.browser, pytest.mark.timeout(300)]

ASKED = """
import json, runpy, sys
runpy.run_path("docker/fab_roles.py", run_name="__main__")
from airflow.api_fastapi.app import init_auth_manager
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from connectors.store.forces import forces
from screens.access import AUDIT, CONFIRM, NIGHTS, REVIEW, may
(force,) = forces()
with get_application_builder() as builder:
    init_auth_manager()
    sm = builder.sm
    for role in json.loads(sys.argv[1]):
        sm.add_user(role, role, "X", f"{role}@example.org", [sm.find_role(role), sm.find_role("Viewer")], "a-password")
    sm.update_admin_permission()
    for role in json.loads(sys.argv[1]):
        user = sm.find_user(role)
        allowed = [name for name in (REVIEW, CONFIRM, NIGHTS, AUDIT) if may(force, name, user)]
        changes = [name for name in (REVIEW, CONFIRM) if may(force, name, user, "POST")]
        print("ROLE", json.dumps([role, allowed, changes]))
"""
REVIEW, CONFIRM, NIGHTS, AUDIT = (f"County Lines {word}" for word in ("Review", "Confirm", "Nights", "Audit"))
ROLES = {
    "County Lines sergeant": ([REVIEW, NIGHTS], [REVIEW]),
    "County Lines inspector": ([REVIEW, CONFIRM, NIGHTS], [REVIEW, CONFIRM]),
    "County Lines engineer": ([NIGHTS], []),
    "County Lines auditor": ([AUDIT], []),
    "Viewer": ([], []),
    "Admin": ([NIGHTS, AUDIT], []),
}


SEVERAL = """
import json, runpy, sys
runpy.run_path("docker/fab_roles.py", run_name="__main__")
from airflow.api_fastapi.app import init_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from screens.app import installed
from starlette.testclient import TestClient
with get_application_builder() as builder:
    manager = init_auth_manager()
    sm = builder.sm
    roles, paths, dags = json.loads(sys.argv[1])
    for role in roles:
        theirs = [sm.find_role(one) for one in role.split(" and ")]
        sm.add_user(role, role, "X", f"{role}@example.org".replace(" ", "."), theirs, "a-password")
    client = TestClient(installed(), follow_redirects=False)
    for role in roles:
        user = sm.find_user(role)
        headers = {"Authorization": f"Bearer {manager.generate_jwt(user)}"}
        seen = {}
        for path in paths:
            answer = client.get(path, headers=headers)
            seen[path] = [answer.status_code, answer.headers.get("location", ""), answer.text]
        found = client.post("/31/people", data={"find": "Okafor"}, headers=headers)
        seen["found"] = [found.status_code, "", found.text]
        log, task = DagAccessEntity.TASK_LOGS, DagAccessEntity.TASK_INSTANCE
        ways = {"look": ("GET", None), "log": ("GET", log), "clear": ("PUT", task)}
        runs = [
            f"{what} {dag}"
            for dag in dags
            for what, (method, entity) in ways.items()
            if manager.is_authorized_dag(method=method, access_entity=entity, details=DagDetails(id=dag), user=user)
        ]
        print("ROLE", json.dumps([role, seen, runs]))
"""


@dataclass(frozen=True)
class Fab:
    """An Airflow with FAB's tables: what is asked of it is asked in a process of its own."""

    folder: Path

    def ask(self, code: str, given: object, **more: str) -> list[list]:
        environment = os.environ | {
            "AIRFLOW_HOME": str(self.folder),
            "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.folder / 'airflow.db'}",
            "AIRFLOW__API__SECRET_KEY": "for-this-test-only",
            "AIRFLOW__API_AUTH__JWT_SECRET": "for-this-test-only-and-long-enough-for-a-signature-of-512-bits-or-so",
            "PYTHONPATH": f"{REPO}:{REPO / 'plugins'}",
            **more,
        }
        if not (self.folder / "airflow.db").is_file():
            subprocess.run([AIRFLOW, "db", "migrate"], env=environment, capture_output=True, check=True, timeout=200)
        command = [sys.executable, "-c", code, json.dumps(given)]
        done = subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stderr[-3000:]
        lines = [line.removeprefix("ROLE ") for line in done.stdout.splitlines() if line.startswith("ROLE ")]
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def fab(tmp_path_factory) -> Fab:
    return Fab(tmp_path_factory.mktemp("fab"))


@pytest.fixture(scope="module")
def found(fab):
    return {role: (allowed, changes) for role, allowed, changes in fab.ask(ASKED, list(ROLES))}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_and_changes_what_is_its_own(found, role):
    assert found[role] == ROLES[role]


OF_31, OF_33 = "County Lines sergeant 31", "County Lines sergeant 33"
OF_BOTH = f"{OF_31} and {OF_33}"
RUNS_33, AUDITS_33 = "County Lines engineer 33", "County Lines auditor 33"
AUDITED = ("/audit", "/audit?person=P-0000000001&operation=CONSULTATION")
PAGES = (
    "/review",
    "/review/question?review_id=Q-SAME00000001",
    "/review/file/report.html",
    "/review/file/worklist.xlsx",
    "/review/meeting_pack.pdf",
    "/today",
    "/today/duties/VISIT",
    "/network",
    "/people",
    "/meeting",
    "/people/P-0000000001",
    "/nights",
    "/nights/2022-11-23",
    *AUDITED,
)
OF_A_RUN = "/run?dag_id=nightly_31&run_id=manual"


@pytest.fixture(scope="module")
def several(fab):
    """What each role of two forces gets of the pages of both, and what it may do with their DAGs."""
    entries = []
    for code in ("31", "33"):
        written(fab.folder / code, code)
        a_home(fab.folder / code)
        entries.append({"force": code, "home": code, "connections": f"of_{code}_"})
    refused = {"force": "30", "home": "31", "connections": "of_30_"}  # the home of another force
    (fab.folder / "homes.yml").write_text(json.dumps({"forces": [*entries, refused]}))
    paths = [f"/{code}{path}" for code in ("31", "33", "30") for path in PAGES]
    asked = [
        [OF_31, OF_33, OF_BOTH, RUNS_33, AUDITS_33, "County Lines sergeant 30"],
        [*paths, "/today", "/nights", OF_A_RUN],
    ]
    answers = fab.ask(SEVERAL, [*asked, ["nightly_31", "nightly_33"]], CLVT_HOMES=str(fab.folder / "homes.yml"))
    return {role: (seen, runs) for role, seen, runs in answers}


def codes_of(several, role: str, force: str) -> dict[str, int]:
    return {path: several[role][0][f"/{force}{path}"][0] for path in PAGES}


def test_a_user_of_one_force_sees_its_pages_and_none_of_anothers(several):
    for role, force, other in ((OF_31, "31", "33"), (OF_33, "33", "31")):
        assert codes_of(several, role, force) == {path: 403 if path in AUDITED else 200 for path in PAGES}
        assert set(codes_of(several, role, other).values()) == {403}
        assert not [path for path in PAGES if "Okafor" in several[role][0][f"/{other}{path}"][2]]
    for role in (RUNS_33, AUDITS_33):
        assert set(codes_of(several, role, "31").values()) == {403}
        assert 200 in codes_of(several, role, "33").values()


def test_nobody_is_found_in_another_force(several):
    assert several[OF_31][0]["found"][0] == 200
    for role in (OF_33, RUNS_33, AUDITS_33):
        status, _, body = several[role][0]["found"]
        assert (status, "Okafor" in body) == (403, False)


def test_each_page_names_its_force_and_no_other(several):
    for role, force, other in ((OF_31, "31", "33"), (OF_33, "33", "31")):
        pages = [several[role][0][f"/{force}{path}"][2] for path in ("/today", "/review", "/people", "/nights")]
        assert all(f"Force {force}" in page for page in pages)
        assert not any(f"Force {other}" in page for page in pages)


def test_the_menu_and_a_run_lead_to_the_pages_of_the_right_force(several):
    assert several[OF_33][0]["/today"][1] == "/33/today"
    assert several[RUNS_33][0]["/nights"][1] == "/33/nights"
    assert several[RUNS_33][0]["/today"][0] == 403
    assert several[OF_31][0][OF_A_RUN][1] == f"/31{OF_A_RUN}"


def test_whoever_sees_two_forces_chooses_on_a_page_that_keeps_to_wcag_and_fits_a_phone(several, browser):
    status, _, text = several[OF_BOTH][0]["/today"]
    assert (status, re.findall(r'href="(/\d+/today)"', text)) == (200, ["/31/today", "/33/today"])
    assert "Okafor" not in text
    tab = browser.new_page(viewport={"width": 390, "height": 844})
    tab.set_content(text)
    for sheet in sorted((REPO / "plugins" / "screens" / "static").glob("*.css")):
        tab.add_style_tag(path=sheet)
    assert tab.inner_text("h1") == "Whose pages?"
    assert chromium.violations(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.close()


def test_a_home_of_another_force_is_shown_to_nobody(several):
    seen, _ = several["County Lines sergeant 30"]
    assert {seen[f"/30{path}"][0] for path in ("/today", "/people", "/nights")} == {503}
    assert "Entry 3 of" in seen["/30/today"][2]
    assert "Okafor" not in str(seen)


def test_the_runs_and_logs_of_a_force_are_its_peoples(several):
    assert several[OF_31][1] == ["look nightly_31", "log nightly_31"]
    assert several[RUNS_33][1] == ["look nightly_33", "log nightly_33", "clear nightly_33"]


SIGN_ON = """
import json, sys
import httpx
from airflow.api_fastapi.app import create_app
from starlette.testclient import TestClient
provider, people, pages = json.loads(sys.argv[1])
app = create_app(apps="core")
for person, groups in people:
    claims = {"preferred_username": person, "email": f"{person}@example.police.uk", "groups": groups}
    httpx.put(f"{provider}/users/{person}", json=claims).raise_for_status()
    tab = TestClient(app, base_url="http://localhost", follow_redirects=False)
    asked = tab.get("/auth/login/force", params={"next": "http://localhost/county-lines/today"})
    allowed = httpx.post(asked.headers["location"], data={"sub": person})
    back = tab.get(allowed.headers["location"])
    assert back.headers["location"].endswith("/county-lines/today"), back.text
    seen = [page for page in pages if tab.get(f"/county-lines/{page}").status_code == 200]
    print("ROLE", json.dumps([person, seen]))
"""
GROUPS = {
    f"CLVT-{role}": [f"County Lines {role}", "Viewer"] for role in ("sergeant", "inspector", "engineer", "auditor")
}
SIGNING_ON = [  # who, in which groups of the provider, sees which pages
    ("s.ahmed", ["CLVT-sergeant", "Cyclists"], ["today", "nights"]),
    ("i.okoro", ["CLVT-inspector"], ["today", "nights"]),
    ("e.lindqvist", ["CLVT-engineer"], ["nights"]),
    ("a.moreau", ["CLVT-auditor"], ["audit"]),
    ("n.body", ["Cyclists"], []),
    ("s.ahmed", ["CLVT-engineer"], ["nights"]),
]


def test_an_openid_providers_groups_give_their_roles_each_time_and_its_names_stand_in_the_log(found, fab):
    run = a_home(fab.folder / "force")
    (fab.folder / "oidc-secret").write_text("for-this-test-only\n")
    settings = {
        "AIRFLOW__FAB__CONFIG_FILE": str(REPO / "docker" / "webserver_config.py"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPO / "plugins"),
        "AIRFLOW__API__BASE_URL": "http://localhost",
        "AIRFLOW__FAB__CACHE_TTL": "0",  # else what a role may is remembered for half a minute
        "CLVT_HOME": str(run.home.root),
        "CLVT_OIDC_CLIENT": "clvt",
        "CLVT_OIDC_SECRET_FILE": str(fab.folder / "oidc-secret"),
        "CLVT_OIDC_SCOPE": "openid profile email groups",
        "CLVT_OIDC_ROLES": json.dumps(GROUPS),
    }
    people = [(person, groups) for person, groups, _ in SIGNING_ON]
    with oidc_provider_mock.run_server_in_thread() as provider:
        address = f"http://localhost:{provider.server_port}"
        asked = [address, people, ["today", "nights", "audit"]]
        seen = fab.ask(SIGN_ON, asked, CLVT_OIDC_ISSUER=address, **settings)
    assert seen == [[person, pages] for person, _, pages in SIGNING_ON]
    with run.register.connect() as connection:
        rows = connection.execute(processing_log.select().where(processing_log.c.operation == "CONSULTATION")).all()
    assert {row.actor for row in rows} - {"pipeline"} == {"s.ahmed", "i.okoro"}
