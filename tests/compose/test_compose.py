"""The compose file: what it starts, what it keeps to itself, and that its services run, as plain processes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from sqlalchemy import make_url

from tests.ports import free_port
from tests.postgres import cluster

PROJECT = Path(__file__).resolve().parent.parent.parent
INSTALL = "docker-compose is not installed here: apt-get install docker-compose"

SETTINGS = {
    "CLVT_BASE_URL": "https://tracker.example.police.uk",
    "CLVT_USERS": "sergeant:op, engineer:admin",
}
ONE_SHOT = {"migrate"}
AIRFLOW_SERVICES = {"api-server", "scheduler", "dag-processor", "triggerer", "migrate"}


def config(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """What `docker-compose config` says with these variables and no others."""
    program = shutil.which("docker-compose")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    with tempfile.NamedTemporaryFile(suffix=".env") as nothing:  # not the .env that lies beside the compose file
        return subprocess.run(
            [program, "--env-file", nothing.name, "-f", "docker-compose.yml", "config"],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    done = config(SETTINGS)
    assert done.returncode == 0, done.stderr
    loaded: dict[str, Any] = yaml.safe_load(done.stdout)
    return loaded


def make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `sh setup/secrets` says in a folder that has an .env with who may log in."""
    (folder / ".env").write_text(f"CLVT_USERS={SETTINGS['CLVT_USERS']}\n")
    script = str(PROJECT / "setup" / "secrets")
    return subprocess.run(["sh", script], cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.fixture
def made(tmp_path: Path) -> dict[str, str]:
    """What is in each file of secrets/, by its name."""
    done = make_secrets(tmp_path)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}


def test_it_has_postgresql_airflows_parts_and_openssh_partners(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", "logs", "mash", "barnardos"} | AIRFLOW_SERVICES


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_without_a_setting_nothing_starts_and_the_message_names_it(name: str) -> None:
    for given in ({}, {name: ""}):
        done = config({other: value for other, value in SETTINGS.items() if other != name} | given)
        assert done.returncode != 0
        assert f"{name} is empty" in done.stderr


def test_the_example_names_every_variable_and_gives_no_value() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(example) == {*SETTINGS, "CLVT_PORT", "CLVT_LOG_DAYS"}
    assert set(example.values()) == {""}


def test_every_secret_is_a_file_that_is_made_once_and_closed_to_others(
    compose: dict[str, Any], made: dict[str, str], tmp_path: Path
) -> None:
    mounted = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    assert {*made} - mounted == {"stand_in_key"}, "what logs in to stand-ins is for a connection"
    assert mounted <= {*made}
    assert set(json.loads(made["passwords.json"])) == {"sergeant", "engineer"}
    assert min(len(text) for text in made.values()) > 40
    assert len({*re.findall("[0-9a-f]{64}", "".join(made.values()))}) == 8, "each is its own"
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    again = make_secrets(tmp_path)
    assert (again.returncode, again.stdout) == (0, "")
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


def test_no_secret_is_made_before_it_is_known_who_may_log_in(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CLVT_USERS=\n")
    done = subprocess.run(["sh", str(PROJECT / "setup" / "secrets")], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "CLVT_USERS is empty" in done.stderr
    assert not (tmp_path / "secrets").exists()


def test_secrets_are_only_where_they_are_needed_and_never_in_an_environment(compose: dict[str, Any]) -> None:
    holders: dict[str, set[str]] = {name: set() for name in compose["secrets"]}
    for service, one in compose["services"].items():
        for secret in one.get("secrets", []):
            holders[secret["source"]].add(service)
    assert holders.pop("stand_in_key") == {"mash", "barnardos"}
    assert holders.pop("postgres-password") == {"postgres"}
    assert holders.pop("register-owner") == {"postgres", "migrate"}
    assert holders.pop("passwords.json") == {"api-server"}
    assert holders.pop("database") == holders.pop("register") == {"postgres"} | AIRFLOW_SERVICES
    assert set(holders) == {"fernet-key", "api-secret-key", "jwt-secret"}
    assert all(services == AIRFLOW_SERVICES for services in holders.values())
    given = [value for one in compose["services"].values() for value in (one.get("environment") or {}).items()]
    asked_for = [name for name, value in given if re.search("(PASSWORD|SECRET|KEY|CONN)S?$", name)]
    assert asked_for == []


def test_only_the_screens_have_a_port_and_only_on_this_machine(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert set(ports) == {"api-server"}
    assert all(str(port).startswith("127.0.0.1:") for port in ports["api-server"])
    assert compose["networks"]["database"]["internal"] is True
    assert list(compose["services"]["postgres"]["networks"]) == ["database"]


def test_every_lasting_service_is_watched_and_none_may_gain_rights(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert name in ONE_SHOT or "healthcheck" in service, name
        assert service.get("privileged") is None
        assert "network_mode" not in service
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert service["mem_limit"]
        assert service["pids_limit"]
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    for name in {"postgres", "logs"} | AIRFLOW_SERVICES:
        assert compose["services"][name]["read_only"] is True
        assert compose["services"][name]["ulimits"] == {"core": 0}
    assert not any("cap_add" in compose["services"][name] for name in AIRFLOW_SERVICES)


def test_logs_of_tasks_are_kept_for_as_many_days_as_the_force_says(compose: dict[str, Any], tmp_path: Path) -> None:
    assert compose["services"]["logs"]["command"][2:] == ["/srv/airflow/logs", "90"]
    assert config({**SETTINGS, "CLVT_LOG_DAYS": "30"}).stdout.count("'30'") == 1
    folder = tmp_path / "dag_id=nightly"
    for name, days in (("kept.log", 29), ("old.log", 32)):
        path = folder / name[:3] / name
        path.parent.mkdir(parents=True)
        path.write_text("a sentence")
        os.utime(path, (time.time() - days * 86400,) * 2)
        os.utime(path.parent, (time.time() - days * 86400,) * 2)
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(["sh", PROJECT / "docker" / "logs.sh", tmp_path, "30"], timeout=2, check=False)
    assert [path.name for path in sorted(folder.rglob("*"))] == ["kep", "kept.log", "old"]


def test_who_works_in_the_home_has_a_name_that_stays(compose: dict[str, Any]) -> None:
    for name in AIRFLOW_SERVICES:
        assert compose["services"][name]["hostname"] == name


@pytest.mark.postgres
def test_postgresql_logs_an_error_without_the_row_that_it_is_about(compose: dict[str, Any], tmp_path: Path) -> None:
    program, *settings = compose["services"]["postgres"]["command"]
    assert program == "postgres"
    log = tmp_path / "log"
    with cluster(*settings, log=log) as url, sa.create_engine(url).connect() as connection:
        connection.exec_driver_sql("CREATE TABLE child (name text PRIMARY KEY, born date NOT NULL)")
        with pytest.raises(sa.exc.IntegrityError):
            connection.exec_driver_sql("INSERT INTO child VALUES ('Kyle Example')")
    assert "null value in column" in log.read_text()
    assert "Kyle" not in log.read_text()


def test_images_of_others_are_named_by_digest(compose: dict[str, Any]) -> None:
    recipes = [path.read_text() for path in sorted((PROJECT / "docker").rglob("Dockerfile"))]
    named = [found for text in recipes for found in re.findall(r"(?m)^FROM (\S+)", text)]
    named += [service["image"] for service in compose["services"].values() if not service.get("build")]
    assert len(named) == 3
    assert [image for image in named if not re.fullmatch(r"[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


def test_what_is_in_the_image_is_pinned_by_hash_and_nothing_secret_is_copied() -> None:
    recipe = (PROJECT / "docker" / "Dockerfile").read_text()
    assert recipe.count("pip install") == 3
    for lock in ("runtime", "platform"):
        assert f"--require-hashes -r /srv/app/requirements/{lock}.txt" in recipe
    assert "USER clvt" in recipe
    copied = (PROJECT / ".dockerignore").read_text().split()
    assert copied[0] == "*"
    assert all(any(PROJECT.glob(name[1:])) for name in copied if name.startswith("!"))


def test_every_file_of_the_image_that_a_page_or_the_compose_file_names_is_in_it() -> None:
    copied = [name[1:] for name in (PROJECT / ".dockerignore").read_text().split() if name.startswith("!")]
    there = {PROJECT / "docker" / "Dockerfile", *(path for name in copied for path in PROJECT.glob(name))}
    pages = [PROJECT / "docker-compose.yml", *(PROJECT / "docs").glob("*.md")]
    named = {found for page in pages for found in re.findall(r"/srv/app/([\w./-]*\w)", page.read_text())}
    named |= {found for page in pages for found in re.findall(r"python (docker/[\w.]+)", page.read_text())}
    assert len(named) >= 5
    assert [name for name in sorted(named) if PROJECT / name not in there] == []


@pytest.mark.parametrize(
    ("passwords", "message"),
    [
        ('{"sergeant": "long enough by far"}', "for: engineer"),
        ('{"sergeant": "short", "engineer": "long enough by far"}', "for: sergeant"),
        ("sergeant=secret", "is not JSON"),
    ],
)
def test_the_screens_do_not_start_where_a_user_has_no_good_password(
    passwords: str, message: str, tmp_path: Path
) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CLVT_PASSWORDS_FILE": str(tmp_path / "given.json"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": SETTINGS["CLVT_USERS"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(tmp_path / "passwords.json"),
    }
    (tmp_path / "given.json").write_text(passwords)
    script = str(PROJECT / "docker" / "api-server.sh")
    done = subprocess.run(["sh", script], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "passwords.json").exists()


@pytest.mark.airflow
@pytest.mark.postgres
def test_the_services_run_as_processes_on_a_real_postgresql(
    compose: dict[str, Any], made: dict[str, str], tmp_path: Path
) -> None:
    with cluster() as url:
        _make_databases(url, compose["services"]["postgres"]["environment"], tmp_path)
        _move_to(url, tmp_path / "secrets")
        api, environments = free_port(), {}
        for name in sorted(AIRFLOW_SERVICES):
            environments[name] = _on_this_machine(compose["services"][name]["environment"], api, tmp_path)
        _migrate(compose["services"]["migrate"]["command"], environments["migrate"], tmp_path)
        with ExitStack() as running:
            for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
                command = [part.replace("/srv/app", str(PROJECT)) for part in compose["services"][name]["command"]]
                running.enter_context(_process(name, command, environments[name], tmp_path))
            health = _wait_for_health(f"http://127.0.0.1:{api}/api/v2/monitor/health", tmp_path)
            assert set(health) == {"metadatabase", "scheduler", "triggerer", "dag_processor"}
            assert _status(f"http://127.0.0.1:{api}/api/v2/dags") == 401
            assert _log_in(api, "sergeant", json.loads(made["passwords.json"])["sergeant"]) == 201
            assert _log_in(api, "sergeant", "not the password") == 401
    told = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert not any(value in told for text in made.values() for value in re.findall("[0-9a-f]{64}", text) or [text])


def _move_to(url: str, folder: Path) -> None:
    """Put this machine's database into the addresses of the secrets."""
    for name in ("database", "register", "register-owner"):
        address = (folder / name).read_text()
        (folder / name).unlink()
        (folder / name).write_text(address.replace("@postgres:5432", f"@127.0.0.1:{make_url(url).port}"))


def _make_databases(url: str, service: Mapping[str, str], folder: Path) -> None:
    """What the postgres service runs once, in an empty volume."""
    admin = make_url(url)
    files = {name: value.replace("/run", str(folder)) for name, value in service.items() if name.endswith("_FILE")}
    environment = {
        "PATH": os.environ["PATH"],
        "PGHOST": "127.0.0.1",
        "PGPORT": str(admin.port),
        "POSTGRES_USER": str(admin.username),
        "POSTGRES_PASSWORD": str(admin.password),
    } | files
    script = PROJECT / "docker" / "postgres" / "databases.sh"
    done = subprocess.run(["sh", str(script)], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def _on_this_machine(service: Mapping[str, str], api: int, folder: Path) -> dict[str, str]:
    """A service's own environment, with the names of containers and their folders put into terms of this machine."""
    places = {
        "/run/secrets": str(folder / "secrets"),
        "http://api-server:8080": f"http://127.0.0.1:{api}",
        "/srv/app": str(PROJECT),
        "/srv/airflow": str(folder / "airflow"),
        "/srv/clvt": str(folder / "home"),
        "/run/airflow": str(folder),
    }
    environment = {name: _replaced(str(value), places) for name, value in service.items()}
    ports = (
        "SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT",
        "LOGGING__WORKER_LOG_SERVER_PORT",
        "LOGGING__TRIGGER_LOG_SERVER_PORT",
    )
    own = {f"AIRFLOW__{name}": str(free_port()) for name in ports}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return environment | own | {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(api),
        "HOME": str(folder),
        "PATH": path,
        "PYTHONPATH": str(PROJECT),
    }  # fmt: skip


def _replaced(value: str, places: Mapping[str, str]) -> str:
    for name, here in places.items():
        value = value.replace(name, here)
    return value


def _migrate(command: list[str], environment: Mapping[str, str], folder: Path) -> None:
    with (folder / "migrate.log").open("w") as log:
        done = subprocess.run(command, env=dict(environment), stdout=log, stderr=log, timeout=240)
    assert done.returncode == 0, (folder / "migrate.log").read_text()[-3000:]
    assert "is up to date" in (folder / "migrate.log").read_text()


@contextmanager
def _process(name: str, command: list[str], environment: Mapping[str, str], folder: Path) -> Iterator[None]:
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            command, env=dict(environment), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=20)


def _wait_for_health(url: str, folder: Path) -> dict[str, Any]:
    health: dict[str, Any] = {}
    until = time.monotonic() + 240
    while time.monotonic() < until:
        time.sleep(1)
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                health = json.loads(answer.read())
        except OSError:
            continue
        if all(part["status"] == "healthy" for part in health.values()):
            return health
    told = {path.name: path.read_text()[-1500:] for path in folder.glob("*.log")}
    pytest.fail(f"not healthy: {health}\n{told}")


def _status(url: str, body: dict[str, str] | None = None) -> int:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def _log_in(api: int, name: str, password: str) -> int:
    return _status(f"http://127.0.0.1:{api}/auth/token", {"username": name, "password": password})
