"""The values for Airflow's Helm chart: they say what the compose file says, and nothing of them is secret."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
COMPONENTS = ("scheduler", "dagProcessor", "triggerer", "apiServer", "migrateDatabaseJob")
# Of the compose file alone: its one machine, its simple login, and what the chart itself sets.
OTHERWISE = {
    *("AIRFLOW__CORE__EXECUTOR", "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK"),
    *("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"),
    *("AIRFLOW__API__HOST", "AIRFLOW__API__PORT", "AIRFLOW__API__WORKERS", "AIRFLOW__API__BASE_URL"),
}


def read(name: str) -> Any:
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    found: dict[str, Any] = read("helm/values.yaml")
    return found


@pytest.fixture(scope="module")
def on_compose() -> dict[str, str]:
    found: dict[str, str] = read("docker-compose.yml")["x-airflow"]["environment"]
    return found


def of_the_chart(values: dict[str, Any]) -> dict[str, str]:
    """Variables as the chart's containers have them: its `env`, and `config` by Airflow's names for it."""
    config = values["config"].items()
    settings = {f"AIRFLOW__{part.upper()}__{key.upper()}": text for part, keys in config for key, text in keys.items()}
    return settings | {one["name"]: one["value"] for one in values["env"]} | {"AIRFLOW_HOME": values["airflowHome"]}


def test_every_setting_of_compose_is_the_same_or_a_file(values: dict[str, Any], on_compose: dict[str, str]) -> None:
    here = of_the_chart(values)
    for name, text in on_compose.items():
        if name in OTHERWISE:
            continue
        assert here[name] == text.replace("/run/secrets/", "/run/secrets/county-lines/"), name


def test_files_of_secrets_are_mounted_and_the_page_says_what_is_in_each(values: dict[str, Any]) -> None:
    text = (PROJECT / "helm" / "values.yaml").read_text(encoding="utf-8")
    page = (PROJECT / "helm" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"/run/secrets/(county-lines[\w-]*)/([\w.-]+)", text))
    assert len(named) == 10
    assert [file for _, file in named if f"`{file}`" not in page] == []
    mounts = [*values["volumeMounts"], *values["migrateDatabaseJob"]["extraVolumeMounts"]]
    assert {secret for secret, _ in named} <= {Path(one["mountPath"]).name for one in mounts}
    assert not any(values["enableBuiltInSecretEnvVars"].values())
    assert "secretKeyRef" not in text


def test_only_the_migration_knows_the_registers_owner(values: dict[str, Any]) -> None:
    holders = [name for name, part in values.items() if "register-owner" in str(part)]
    assert holders == ["migrateDatabaseJob"]


def test_every_part_has_a_limit_of_memory_a_private_umask_and_no_script_of_another_image(
    values: dict[str, Any],
) -> None:
    parts = {name: values[name] for name in COMPONENTS} | {"worker": values["workers"]["celery"]}
    for name, part in parts.items():
        assert part["resources"]["limits"]["memory"], name
        assert part["args"][-1].startswith("umask 077; "), name
        if name not in ("apiServer", "migrateDatabaseJob"):  # those the chart asks over HTTP, or not at all
            assert part["logGroomerSidecar"] == {"enabled": False}, name
            assert part["livenessProbe"]["command"][0] == "sh", name
    assert values["createUserJob"] == {"enabled": False}  # it makes admin with the password admin


def test_containers_are_the_images_own_user_without_rights(values: dict[str, Any]) -> None:
    recipe = (PROJECT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    user = int(re.findall(r"--uid (\d+)", recipe)[0])
    pod, each = values["securityContexts"]["pod"], values["securityContexts"]["containers"]
    assert {values["uid"], values["gid"], pod["runAsUser"], pod["fsGroup"]} == {user}
    for one in (
        each,
        values["redis"]["securityContexts"]["container"],
        values["statsd"]["securityContexts"]["container"],
    ):
        assert one["readOnlyRootFilesystem"]
        assert one["capabilities"] == {"drop": ["ALL"]}
        assert not one["allowPrivilegeEscalation"]


def test_home_and_logs_are_shared_by_all(values: dict[str, Any]) -> None:
    text = (PROJECT / "helm" / "claims.yaml").read_text(encoding="utf-8")
    claims = {one["metadata"]["name"]: one["spec"] for one in yaml.safe_load_all(text)}
    used = {one["persistentVolumeClaim"]["claimName"] for one in values["volumes"] if "persistentVolumeClaim" in one}
    assert set(claims) == used | {values["logs"]["persistence"]["existingClaim"]}
    assert all(spec["accessModes"] == ["ReadWriteMany"] for spec in claims.values())


def test_statsd_names_metrics_as_the_dashboard_asks_for_them(values: dict[str, Any]) -> None:
    assert values["statsd"]["extraMappings"] == read("monitoring/statsd.yml")["mappings"]
