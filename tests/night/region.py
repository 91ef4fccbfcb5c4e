"""Three forces in one Airflow: does anything of one come near another?

    python -m tests.night.region [--nights 14]

Derbyshire, Nottinghamshire and Leicestershire begin with `clvt adopt`, have an invented source each, one Airflow, and
Barnardo's and British Transport Police in common, down to the folder. Every surname of a force ends as no other's does;
one child is in two forces. After the nights all that a force has is read for what only another has. Exit 1 where
something is found, or a night was not whole.
"""

import argparse
import csv
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from clvt.adopt import QUESTIONS, adopt
from clvt.replay import sources
from connectors.delivery.openpgp import Keyring
from connectors.endpoints import as_json, variable
from connectors.store.forces import HOMES, OF_A_FORCE, Force, forces
from connectors.store.paths import Home
from demo.standin import start
from demo.synth import make_force
from night.night import run_night
from night.run import Run, site_at

PROJECT = Path(__file__).resolve().parents[2]
ENDINGS = {"30": "derbyx", "31": "nottsx", "33": "leicsx"}  # of surnames, and what connections begin with
SHARED = ("barnardos", "btp")
FIRST = date(2022, 3, 5)
BEGINS, ENDS = date(2022, 1, 1), date(2022, 3, 31)
IN_TWO = ("31", "33")  # lives in the first one's area, and the second has it on its tracker
PERSON = re.compile(r"\bP-[0-9A-Z]{10}\b")
CHILD = {
    "surname": "CASTELLANE",
    "given_names": "Rowan Amari",
    "date_of_birth": "14/07/2007",
    "dob_status": "VERIFIED",
    "status": "Open to the County Lines team",
}


@dataclass(frozen=True)
class Region:
    """An installation of three forces in a folder."""

    folder: Path

    @property
    def airflow(self) -> Path:
        return self.folder / "airflow"

    @property
    def shared(self) -> Path:
        return self.folder / "shared"

    def run(self, nights: list[date]) -> None:
        """Make these nights of every force, in one Airflow."""
        environment = os.environ | {
            "AIRFLOW_HOME": str(self.airflow),
            "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "CLVT_TOO_LATE_HOURS": "0",
            "CLVT_RETRIES": "0",
            "PYTHONPATH": str(PROJECT),
        }
        given = json.dumps([night.isoformat() for night in nights])
        self.airflow.mkdir(exist_ok=True)
        with (self.airflow / "output.log").open("a") as log:
            command = [sys.executable, "-m", "tests.night.one_airflow", given]
            subprocess.run(command, env=environment, cwd=PROJECT, stdout=log, stderr=log, check=True)

    def run_here(self, nights: list[date]) -> None:
        """The same without Airflow, in this process."""
        for night in nights:
            for force in forces():
                run_night(Run(night, force.home))

    def tasks(self) -> set[tuple[str, str, str]]:
        """DAG, task and state of every task that ran."""
        with sqlite3.connect(self.airflow / "airflow.db") as database:
            return set(database.execute("SELECT dag_id, task_id, state FROM task_instance").fetchall())


@contextmanager
def region(folder: Path, children: int = 6) -> Iterator[Region]:
    """The three forces, with their sources and partners, as the environment names them while the context lasts."""
    made, before = Region(folder), dict(os.environ)
    entries = [f'  - {{force: "{code}", home: home_{code}, connections: {end}_}}' for code, end in ENDINGS.items()]
    (folder / "homes.yml").write_text("forces:\n" + "\n".join(entries) + "\n", encoding="utf-8")
    for name in ("CLVT_HOME", *OF_A_FORCE):
        os.environ.pop(name, None)
    os.environ[HOMES] = str(folder / "homes.yml")
    try:
        with ExitStack() as stack:
            for number, force in enumerate(forces()):
                _adopted(force)
                _invented(force, folder / f"source_{force.name}", children, number)
                _in_common(made, force)
                stack.enter_context(start(force.home, Run(FIRST, force.home).contracts()))
            yield made
    finally:
        os.environ.clear()
        os.environ.update(before)


def _adopted(force: Force) -> None:
    """The force's home, as its people leave it once every question is answered."""
    answers: dict[str, list[str]] = {one.name: [] for one in QUESTIONS}
    answers |= {
        "force": [force.name],
        "role": ["Sergeant"],
        "email": ["lines@example.police.uk"],
        "phone": ["101"],
        "night": ["101"],
    }
    adopt(force.home, answers)
    for path in force.home.recipients.glob("*.yml"):
        path.write_text(path.read_text().replace('"?"', '"ISA-1"'))
    others = [code for code in ENDINGS if code != force.name]
    board = {"forces": {code: {"connection": f"partner_force_{code}"} for code in others}}
    (force.home.recipients / "on_board.yml").write_text(json.dumps(board))


def _invented(force: Force, folder: Path, children: int, number: int) -> None:
    """The force's source, with surnames of its own, as connections in the environment."""
    site = site_at(force.home.root / "site.yml")
    make_force(folder, seed=number + 1, children=children, start=BEGINS, end=ENDS, site=site)
    ending = ENDINGS[force.name]
    with sqlite3.connect(folder / "intelligence.sqlite") as database:
        database.execute(f"UPDATE report_subject SET surname = surname || '{ending}' WHERE surname > ''")
    opening = folder / "opening_tracker.csv"
    rows = list(csv.DictReader(io.StringIO(opening.read_text(encoding="utf-8"))))
    for row in rows:
        row["surname"] += ending
    if force.name in IN_TWO:
        home = site_at(_home_of(force, IN_TWO[0]).root / "site.yml")
        lives_in = next(iter(home.local_authorities.values())).name
        unknown = dict.fromkeys(("alias", "address", "postcode", "policing_area", "pnc_id", "source_person_ids"), "")
        rows.append(rows[0] | unknown | CHILD | {"entry_ref": "T-900", "local_authority": lives_in})
    with opening.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.environ |= {variable(force.connection(name)): as_json(found) for name, found in sources(folder).items()}


def _home_of(force: Force, code: str) -> Home:
    return Home(force.home.root.with_name(f"home_{code}"))


def _in_common(made: Region, force: Force) -> None:
    """Partners of all forces: one folder, one login key and one OpenPGP key, which each force has taken."""
    ours = Keyring(force.home.keyring)
    ours.generate(f"Force {force.name}")
    for name in SHARED:
        for folder in (force.home.standin, force.home.drops):
            there = made.shared / folder.name / name
            there.mkdir(parents=True, exist_ok=True)
            folder.mkdir(exist_ok=True)
            (folder / name).symlink_to(there)
        note = made.shared / "standin" / name / "fingerprint"
        if note.is_file():
            theirs = Keyring(note.parent / "keyring")
            ours.take(theirs.export(note.read_text()))
            theirs.take(ours.export(ours.signing_key()))
            theirs.rest()


def traces(made: Region) -> list[str]:
    """What of one force is found with another: the place, and whose it is."""
    found = []
    persons = {code: _persons(Home(made.folder / f"home_{code}")) for code in ENDINGS}
    for code in ENDINGS:
        for path, text in of_a_force(made, code):
            found += [f"{path.relative_to(made.folder)}: {sign}" for sign in signs(text, code, persons)]
    return found


def of_a_force(made: Region, code: str) -> Iterator[tuple[Path, str]]:
    """All that a force has: its home, its logs in Airflow, and what Airflow's database keeps of its runs."""
    for root in (made.folder / f"home_{code}", *made.airflow.glob(f"logs/**/dag_id=nightly_{code}")):
        for path in sorted(root.rglob("*")):
            if path.is_file() and not {"standin", "keyring", "drops"} & set(path.relative_to(root).parts):
                yield path, f"{path.name}\n{text_of(path)}"
    if not made.airflow.is_dir():
        return
    with sqlite3.connect(made.airflow / "airflow.db") as database:
        for table in ("dag_run", "task_instance", "xcom", "rendered_task_instance_fields"):
            rows = database.execute(f"SELECT * FROM {table} WHERE dag_id = ?", (f"nightly_{code}",)).fetchall()
            yield made.airflow / "airflow.db", f"{table} {rows}"


def text_of(path: Path) -> str:
    """What a file says, tables and workbooks included."""
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            return "\n".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return path.read_bytes().decode(errors="replace")


def signs(text: str, code: str, persons: dict[str, set[str]]) -> Iterator[str]:
    """What in a text of one force belongs to another: a name, a connection, a reference, a file, a place, a person."""
    plain = text.casefold()
    for other, ending in ENDINGS.items():
        if other == code:
            continue
        forms = (
            rf"\w{{2,}}{ending}\b",
            rf"{ending}_\w+",
            rf"\b[a-z]+-{other}-[0-9a-f]{{12}}",
            rf"\b{other}_\w+_\d{{8}}",
        )
        forms += (rf"nightly_{other}\b", rf"home_{other}\b", rf"source_{other}/")
        yield from (f"{hit[0]} of force {other}" for form in forms if (hit := re.search(form, plain)))
        if ids := (persons[other] - persons[code]) & set(PERSON.findall(text)):
            yield f"{sorted(ids)[0]} of force {other}"


def _persons(home: Home) -> set[str]:
    nights = home.published()
    return {row["person_id"] for row in Run(nights[-1], home).rows("link", "person")} if nights else set()


def received(made: Region, name: str) -> dict[str, str]:
    """What a shared partner holds, in clear, by the name of the file."""
    ring = Keyring(made.shared / "standin" / name / "keyring")
    try:
        return {path.name: decrypted(ring, path) for path in sorted((made.shared / "drops" / name).glob("*.gpg"))}
    finally:
        ring.rest()


def decrypted(ring: Keyring, path: Path) -> str:
    """The content of a file that was encrypted to this keyring."""
    command = ["gpg", "--homedir", str(ring.folder), "--batch", "--quiet", "--decrypt", str(path)]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode(errors="replace")


def main() -> int:
    """Run the nights, and print what was read and what was found."""
    parser = argparse.ArgumentParser(prog="tests.night.region", description=__doc__)
    parser.add_argument("--nights", type=int, default=14)
    count, begun = parser.parse_args().nights, time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, region(Path(scratch)) as made:
        made.run([FIRST + timedelta(days=number) for number in range(count)])
        wrong = traces(made)
        failed = sorted({f"{dag} {task} {state}" for dag, task, state in made.tasks() if state != "success"})
        for code in ENDINGS:
            read = list(of_a_force(made, code))
            print(f"force {code}: {len(read)} files, {sum(len(text) for _, text in read):,} characters read")
        for name in SHARED:
            print(f"{name}: {len(received(made, name))} files of {len(ENDINGS)} forces")
    print(f"{count} nights of {len(ENDINGS)} forces in {time.monotonic() - begun:.0f} s")
    print("\n".join([*failed, *wrong]) or "Nothing of one force was found with another.")
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
