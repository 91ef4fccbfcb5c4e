"""A real Airflow api-server with the plugin, on a data home of the small night; and a real Chromium."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from night.run import Run
from tests.ports import free_port
from tests.report.a_home import a_home
from tests.report.a_night import AS_OF, OKAFOR

REPO = Path(__file__).parents[2]
AIRFLOW = str(Path(sys.executable).with_name("airflow"))
PEOPLE = {"vera": "viewer", "uma": "user", "otto": "op", "ada": "admin"}


# Every route of the plugin's app with the permission that it asks for, and whether it asks for the page's own form.
ROUTES = """
import json
from county_lines import CountyLines
from screens import access
asked = {access._reviewer: access.REVIEW, access._engineer: access.NIGHTS, access._auditor: access.AUDIT}
def called(dependant):
    return {one.call for one in dependant.dependencies}.union(*map(called, dependant.dependencies))
for route in (route for app in CountyLines().fastapi_apps for route in app["app"].routes):
    calls = called(route.dependant)
    permission = next((name for call, name in asked.items() if call in calls), "")
    print("ROUTE", json.dumps([sorted(route.methods)[0], route.path, permission, access._sent_by in calls]))
"""
IN_THE_ADDRESS = {
    "person_id": OKAFOR,
    "action": "DISPUTE",
    "clock": "VISIT",
    "as_of": str(AS_OF),
    "name": "report.html",
}
ASKED = {
    "/review/question": "?review_id=Q-SAME00000001",
    "/run": "?dag_id=nightly&run_id=none",
    "/audit": f"?person={OKAFOR}&operation=CONSULTATION",
}


@dataclass(frozen=True)
class Route:
    """One route of the app, and an address of it."""

    method: str
    path: str
    permission: str
    has_token: bool

    @property
    def address(self) -> str:
        return f"/county-lines{self.path.format(**IN_THE_ADDRESS)}{ASKED.get(self.path, '')}"

    @property
    def form(self) -> dict[str, str] | None:
        return {} if self.method == "POST" else None


@dataclass(frozen=True)
class Server:
    """A running api-server: address, environment, the run it shows, its log, and the link that its data home is."""

    address: str
    environment: dict[str, str]
    run: Run
    log: Path
    shown: Path

    @contextmanager
    def showing(self, run: Run):
        """The screens show another data home for a while."""
        self.shown.unlink()
        self.shown.symlink_to(run.home.root)
        try:
            yield
        finally:
            self.shown.unlink()
            self.shown.symlink_to(self.run.home.root)

    def token(self, user: str) -> str:
        """A session of a user, as Airflow's own log-in gives it."""
        body = json.dumps({"username": user, "password": user}).encode()
        asked = urllib.request.Request(
            f"{self.address}/auth/token", body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)["access_token"]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("airflow")
    run = a_home(folder / "small")
    shown = folder / "home"
    shown.symlink_to(run.home.root)
    (folder / "dags").mkdir()
    (folder / "passwords.json").write_text(json.dumps({user: user for user in PEOPLE}))
    port = free_port()
    environment = os.environ | {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPO / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in PEOPLE.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__API__SECRET_KEY": "for-this-test-only",
        "AIRFLOW__API_AUTH__JWT_SECRET": "for-this-test-only-and-long-enough-for-a-signature-of-512-bits-or-so",
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "CLVT_HOME": str(shown),
        "CLVT_REGISTER": "",
        "PYTHONPATH": str(REPO),
    }
    log = folder / "server.log"
    with log.open("wb") as out:
        subprocess.run([AIRFLOW, "db", "migrate"], env=environment, stdout=out, stderr=out, check=True, timeout=300)
        command = [
            AIRFLOW,
            "api-server",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "1",
            "--apps",
            "core",
        ]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        _wait(process, f"http://127.0.0.1:{port}/api/v2/version", log)
        yield Server(f"http://127.0.0.1:{port}", environment, run, log, shown)
    finally:
        process.terminate()
        process.wait(120)


def _wait(process: subprocess.Popen, address: str, log: Path) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"The api-server did not answer in time: {log.read_text()[-3000:]}")


@pytest.fixture
def signed_in(browser, server):
    """A function that opens a page as a user who is logged in."""
    contexts = []

    def open_as(user: str):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "_token", "value": server.token(user), "url": server.address}])
        contexts.append(context)
        return context.new_page()

    yield open_as
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def routes(server):
    environment = server.environment | {"PYTHONPATH": f"{REPO}:{REPO / 'plugins'}"}
    done = subprocess.run([sys.executable, "-c", ROUTES], env=environment, capture_output=True, text=True, check=True)
    found = [line.removeprefix("ROUTE ") for line in done.stdout.splitlines() if line.startswith("ROUTE ")]
    return [Route(*json.loads(line)) for line in found]
