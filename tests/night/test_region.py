"""Three forces side by side, with partners in common and one child in two of them: each keeps to itself."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.delivery.outbox import deliveries, receipt_problems
from connectors.store.forces import force_named, forces
from night.run import Run
from tests.night.region import CHILD, ENDINGS, FIRST, IN_TWO, PROJECT, SHARED, Region, received, region, signs, traces

pytestmark = pytest.mark.timeout(600)

LAST = FIRST + timedelta(days=1)
REFERENCE = re.compile(r"CL-(\d\d)-[0-9A-F]{12}")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with region(tmp_path_factory.mktemp("region"), children=4) as three:
        three.run_here([FIRST, LAST])
        yield three


@pytest.fixture(scope="module")
def held(made: Region) -> dict[str, dict[str, str]]:
    """What each shared partner holds."""
    return {name: received(made, name) for name in SHARED}


def test_nothing_of_one_force_is_with_another(made: Region) -> None:
    assert traces(made) == []


@pytest.mark.parametrize(
    "text",
    [
        "31_barnardos_20220305_000001.json",
        "OKAFORNOTTSX",
        "nottsx_intelligence_db",
        "CL-31-0123456789AB",
        "dag_id=nightly_31/",
        "P-0123456789",
    ],
)
def test_what_belongs_to_another_force_would_be_found(text: str) -> None:
    persons = {"30": set(), "31": {"P-0123456789"}, "33": set()}
    assert len(list(signs(f"a word, {text} and more", "33", persons))) == 1
    assert list(signs(f"a word, {text} and more", "31", persons)) == []


def test_a_partner_of_all_has_the_files_and_references_of_each_under_its_own_code(held) -> None:
    for name in SHARED:
        assert {file[:2] for file in held[name]} == set(ENDINGS)
        for file, text in held[name].items():
            assert set(REFERENCE.findall(text)) <= {file[:2]}


def test_the_receipts_of_one_folder_come_back_to_each_force_for_its_own_files(made: Region) -> None:
    for force in forces():
        register = Run(LAST, force.home).register
        states = Counter(row["state"] for row in deliveries(register) if row["recipient"] in SHARED)
        assert set(states) == {"acknowledged"}
        assert receipt_problems(register) == []


def test_one_child_in_two_forces_has_a_reference_in_each_and_they_tell_one_another(made: Region, held) -> None:
    told = [text for text in held["barnardos"].values() if CHILD["given_names"] in text]
    of_the_child = {code for text in told for code in REFERENCE.findall(text)}
    assert of_the_child == set(IN_TWO)
    home, other = IN_TWO
    shared = force_named(other).home.run(FIRST).stage("export") / f"force_{home}"
    assert any(CHILD["given_names"] in path.read_text() for path in shared.glob("*.json"))


@pytest.mark.airflow
def test_airflow_has_a_dag_for_each_and_a_refused_one_says_why(made: Region) -> None:
    homes = made.folder / "with_one_wrong.yml"
    entry = {"force": "20", "home": "home_30", "connections": "wmid_"}
    homes.write_text((made.folder / "homes.yml").read_text() + f"  - {json.dumps(entry)}\n")
    code = "import json, airflow.sdk, nightly; dags = map(nightly.nightly, nightly.FORCES.values())"
    code += "; print(json.dumps({dag.dag_id: [len(dag.task_dict), dag.doc_md] for dag in dags}))"
    environment = {"AIRFLOW_HOME": str(made.folder / "parsed"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT / "dags",
        env={**os.environ, **environment, "CLVT_HOMES": str(homes)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert {dag: tasks for dag, (tasks, _) in found.items()} == dict.fromkeys(
        [f"nightly_{code}" for code in (*ENDINGS, "20")], 9
    )
    assert "Entry 4 of" in found["nightly_20"][1]
    assert not any("Entry" in found[f"nightly_{code}"][1] for code in ENDINGS)
