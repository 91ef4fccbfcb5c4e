"""Under Airflow's FAB auth manager each of our roles sees its own pages, and FAB's Admin sees no child."""

import json
import os
import subprocess
import sys

import pytest

from tests.screens.conftest import AIRFLOW, REPO

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(300)]

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


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fab")
    environment = os.environ | {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__API__SECRET_KEY": "for-this-test-only",
        "PYTHONPATH": f"{REPO}:{REPO / 'plugins'}",
    }
    subprocess.run([AIRFLOW, "db", "migrate"], env=environment, capture_output=True, check=True, timeout=200)
    command = [sys.executable, "-c", ASKED, json.dumps(list(ROLES))]
    done = subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line.removeprefix("ROLE ") for line in done.stdout.splitlines() if line.startswith("ROLE ")]
    return {role: (allowed, changes) for role, allowed, changes in map(json.loads, lines)}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_and_changes_what_is_its_own(found, role):
    assert found[role] == ROLES[role]
