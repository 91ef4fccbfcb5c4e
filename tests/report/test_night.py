"""The stage report: what it writes for a night that is well, and for one that failed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from clvt.command import main
from connectors.register.database import LogEntry, log, processing_log, writing
from connectors.store import sealed
from night.report import contents_of, meeting_pack_pdf, report
from night.run import Run
from tests.register.tampering import change
from tests.report import a_night as night
from tests.report.a_home import a_home
from tests.report.test_page import said
from transforms.report.balance import balance, demand


@pytest.fixture
def run(tmp_path):
    return a_home(tmp_path / "home")


def written(run: Run, name: str = "report.html") -> bytes:
    return sealed.read_file(run.folder, "report", name)


def test_it_writes_the_page_the_worklist_and_the_pack(run):
    assert sealed.files(run.folder, "report") == ["meeting_pack.html", "report.html", "worklist.xlsx"]
    assert sealed.counts(run.folder, "report")["questions"] == 6


def test_the_same_night_again_changes_no_byte_and_leaves_no_second_trace(run):
    before = (run.folder.stage("report") / "SEAL.json").read_text()
    report(run, "Night 2022-11-23: deliver[barnardos] failed. The partner did not answer.")
    assert (run.folder.stage("report") / "SEAL.json").read_text() == before
    with run.register.connect() as connection:
        looks = processing_log.select().where(processing_log.c.operation == "CONSULTATION")
        assert len(connection.execute(looks).all()) == 1


def test_what_a_night_disclosed_is_not_cut_off_the_log_unseen(run, capsys):
    with writing(run.register) as connection:
        log(connection, [LogEntry("DISCLOSURE", "nightly", "CL-1", night.OPENED, "pnd", "f" * 64, str(run.as_of))])
    report(run)
    change(run.register, "DELETE FROM processing_log WHERE operation = 'DISCLOSURE'", "DELETE FROM row_proof")
    assert main(["audit", "--verify", "--home", str(run.home.root)]) == 1
    assert "its end is lost" in capsys.readouterr().err


def test_its_numbers_are_those_of_the_profile(run):
    contents = contents_of(run)
    year, reports = balance(contents), demand(contents)
    assert year.closing == contents.profile["closing"] == contents.profile["open"] + contents.profile["vulnerable"]
    assert reports.so_far == contents.profile["reports_fy_2022_23_to_date"]
    assert reports.whole_last_year == contents.profile["reports_fy_2021_22"]


def test_a_night_that_failed_early_shows_the_last_published_tracker_and_says_what_failed(run):
    failed = replace(run, as_of=run.as_of + timedelta(days=1))
    report(failed, "Night 2022-11-24: pull failed. The intelligence database does not answer.")
    text = said(written(failed))
    assert "Night 2022-11-24: pull failed. The intelligence database does not answer." in text
    assert "that of Wednesday 23 November 2022" in text
    assert "5 children on the tracker" in text


def test_a_very_first_night_that_failed_has_a_report_too(tmp_path):
    run = Run(night.AS_OF, replace(a_home(tmp_path / "other").home, root=tmp_path / "empty"))
    report(run, "Night 2022-11-23: pull failed. The intelligence database does not answer.")
    assert "No tracker was published yet." in said(written(run))


def test_the_pack_is_on_paper_in_the_days_before_a_meeting_and_whenever_asked_for(run):
    assert meeting_pack_pdf(run).startswith(b"%PDF")
    before_meeting = replace(run, as_of=night.day("2022-12-05"))
    report(before_meeting)
    assert "meeting_pack.pdf" in sealed.files(before_meeting.folder, "report")


def test_no_name_is_in_a_file_name_or_a_count(run):
    names = [*sealed.files(run.folder, "report"), *sealed.counts(run.folder, "report")]
    assert not [name for name in names if "okafor" in name.lower()]
