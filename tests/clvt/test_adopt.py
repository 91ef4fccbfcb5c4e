"""A force begins with `clvt adopt`: its files are whole but for what only the force can know, and no other force's."""

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clvt.adopt import QUESTIONS, AdoptError, adopt, asked
from clvt.checks import of_files
from clvt.command import main
from connectors.store.paths import Home
from expectations.reference import codes
from expectations.site import load
from night.run import Run
from tests.expectations.test_settings import damages_of

FORCES = sorted({row["force_code"] for row in codes("authorities")} - {""})
LEICESTERSHIRE = {
    "force": ["Leicestershire"],
    "area": ["City West=Leicester", "Charnwood=Leicestershire", "Melton=Leicestershire,Rutland"],
    "panel": ["MACE=Leicester", "LCEP=Leicestershire,Rutland", "Youth=Leicester,Leicestershire"],
}
ANSWERED = {
    "role": ["Sergeant"],
    "email": ["lines@example.police.uk"],
    "phone": ["0116 496 0101"],
    "night": ["0116 496 0999"],
}
OF_THE_EXAMPLE = re.compile(r"[Nn]ottingham|\bCCEP\b|\bSYVP\b|\bCITY\b|\bCOUNTY\b(?! LINES)|\bNG\d")


def begun(folder: Path, answers: dict[str, list[str]]) -> Run:
    home = Home(folder)
    adopt(home, answers)
    return Run(date(2022, 6, 1), home)


def answered(home: Home) -> None:
    for path in home.recipients.glob("*.yml"):
        path.write_text(path.read_text().replace('"?"', '"ISA-1"'))


def test_there_are_forty_three_territorial_forces_of_england_and_wales() -> None:
    assert len(FORCES) == 43


@pytest.mark.parametrize("code", FORCES)
def test_every_force_begins_with_files_that_lack_only_what_it_alone_can_know(tmp_path: Path, code: str) -> None:
    run = begun(tmp_path / "home", {"force": [code]})
    said = of_files(run)
    assert all("is still a question mark" in one for sentences in said.values() for one in sentences)
    assert len(said["site"]) == 4
    for own in ("site", "pnd", "sca", *(f"mash_{short.lower()}" for short in run.site.local_authorities)):
        assert said[own]
    assert {one.force for one in run.site.places.all if one.code in run.site.local_authorities} == {code}
    written = {path: path.read_text() for path in run.home.root.rglob("*.yml")}
    assert code == "31" or [path.name for path, text in written.items() if OF_THE_EXAMPLE.search(text)] == []


def test_once_all_is_answered_check_has_nothing_to_say_of_the_files(tmp_path: Path) -> None:
    run = begun(tmp_path / "home", LEICESTERSHIRE | ANSWERED)
    answered(run.home)
    assert {name: said for name, said in of_files(run).items() if said} == {}
    assert run.site.all_panels == {"MACE", "LCEP", "Youth"}
    hear = {one.settings["panel"]: one.population.where for one in run.contracts().values() if one.exporter == "panel"}
    assert {name: where["local_authority"] for name, where in hear.items()} == {
        "MACE": ("LEICESTER",),
        "LCEP": ("LEICESTERSHIRE", "RUTLAND"),
        "Youth": ("LEICESTER", "LEICESTERSHIRE"),
    }
    assert run.site.authority_of_area("Charnwood") == "LEICESTERSHIRE"
    assert run.site.authority_of_area("Melton") is None  # of two authorities: each child is asked about


def test_a_home_that_has_anything_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "recipients").mkdir()
    assert main(["adopt", "--home", str(tmp_path), "--force", "33"]) == 2
    assert "has recipients already: nothing was written" in capsys.readouterr().err
    assert not (tmp_path / "site.yml").exists()
    assert not list((tmp_path / "recipients").iterdir())


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"force": ["99"]}, "99 is no territorial force of England or Wales"),
        ({}, "Nothing is no territorial force"),
        ({"force": ["33"], "area": ["Charnwood=Liecester"]}, "Liecester is none of the authorities LEICESTER, "),
        ({"force": ["33"], "area": ["Charnwood"]}, "nothing is none of the authorities"),
        ({"force": ["33"], "meeting": ["Tue 1"]}, "Tue 1 is no meeting: write a weekday and a week from 1 to 4"),
    ],
)
def test_an_answer_that_is_none_is_told_and_nothing_is_written(
    tmp_path: Path, answers: dict[str, list[str]], sentence: str
) -> None:
    with pytest.raises(AdoptError, match=re.escape(sentence)):
        adopt(Home(tmp_path / "home"), answers)
    assert not (tmp_path / "home").exists()


def test_the_command_takes_the_answers_as_arguments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    assert main(["adopt", "--home", str(home), "--force", "Dyfed-Powys", "--meeting", "Friday 2"]) == 0
    assert str(home / "recipients" / "mash.yml") in capsys.readouterr().out
    site = load(home / "site.yml")
    assert (site.force_code, site.force_name, site.meeting.weekday) == ("63", "Dyfed-Powys Police", "Friday")


def test_somebody_at_the_terminal_answers_line_by_line() -> None:
    by_name = {one.name: one for one in QUESTIONS}
    lines = iter(["Charnwood=Leicestershire", "City=Leicester", ""])
    assert asked(by_name["area"], lambda _: next(lines)) == ["Charnwood=Leicestershire", "City=Leicester"]
    assert asked(by_name["force"], lambda _: "33") == ["33"]
    assert asked(by_name["email"], lambda _: "") == []


# ── damaged files of a force: each is told, or routes no child elsewhere ─────────────────────────────────────────────

SAMPLE = 120  # of the 500 of `python -m tests.clvt.test_adopt`


def routing(run: Run) -> dict[str, object]:
    """Whose children each recipient hears of, and whose children live in each area, by the country's codes."""
    site, found = run.site, {}
    for area in site.policing_areas:
        code = site.authority_of_area(area)
        found[f"area {area}"] = site.places.authority(code).ons if code else None
    for name, one in run.contracts().items():
        for key, value in one.population.where.items():
            own = site.places.authority(str(value)) if "authority" in key else None
            found[f"{name} {key}"] = own.ons if own else value
        found[f"{name} everywhere"] = not one.population.where
    return found


def unsafe(folder: Path, count: int) -> list[str]:
    """Damaged files of which nothing is said, and by which a child would be told of to others than before."""
    whole = begun(folder / "whole", LEICESTERSHIRE | ANSWERED)
    answered(whole.home)
    right, found = routing(whole), []
    files = [whole.home.root / "site.yml", *sorted(whole.home.recipients.glob("*.yml"))]
    for number, (path, text) in enumerate(damages_of(files, "adopted", count)):
        home = Home(folder / str(number))
        shutil.copytree(whole.home.root, home.root)
        (home.root / path.relative_to(whole.home.root)).write_text(text, encoding="utf-8")
        run = replace(whole, home=home)
        said = [one for sentences in of_files(run).values() for one in sentences]
        crashed = [one for one in said if "tell the engineer" in one or "has a value that is not possible" in one]
        now = {} if said else routing(run)  # a recipient of another name has neither a key nor a connection
        wrong = [key for key in now.keys() & right.keys() if now[key] not in (right[key], None)]
        found += [f"{path.name}: {one}\n{text}" for one in crashed + wrong]
        shutil.rmtree(home.root)
    return found


def test_a_damaged_file_is_told_or_tells_nobody_of_another_child(tmp_path: Path) -> None:
    assert unsafe(tmp_path, SAMPLE) == []


if __name__ == "__main__":
    import tempfile

    print("\n\n".join(unsafe(Path(tempfile.mkdtemp()), 500)) or "each of 500 is told, or routes no child elsewhere")
