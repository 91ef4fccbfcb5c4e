"""pull: what is fetched, what is refused unread, what is caught late; on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import paramiko
import pytest
import sqlalchemy as sa

from connectors.delivery.openpgp import Keyring
from connectors.endpoints import Endpoint, EndpointError
from connectors.sources import database, intelligence
from connectors.sources.database import SourceError
from connectors.sources.intelligence import Earlier, Landed, Wanted
from night.failures import NightFailed
from night.land import land
from night.night import attempt
from night.normalise import normalise
from night.pull import pull, source_columns
from night.run import Run
from tests.postgres import cluster
from tests.pull.force import KEYS, REPORT, SUBJECT, Force, decision, fill, until_normalised

WANTED = Wanted("COUNTY LINES", ("OFFICIAL", "OFFICIAL-SENSITIVE"), datetime(2022, 3, 2, tzinfo=UTC))
LANDED = Earlier({(KEYS["report_ref"], "1"): Landed(subjects=1)})
Source = tuple[sa.Engine, Endpoint]


@pytest.fixture
def force(tmp_path: Path) -> Force:
    return Force(tmp_path / "force")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """An empty intelligence database of each kind, and the connection to it."""
    if request.param == "sqlite":
        path = tmp_path / "intelligence.sqlite"
        yield sa.create_engine(f"sqlite:///{path}"), Endpoint("intelligence_db", "sqlite", host=str(path))
        return
    url = sa.make_url(request.getfixturevalue("postgres_url"))
    engine = sa.create_engine(url)
    yield (
        engine,
        Endpoint("intelligence_db", "postgres", url.host, url.port, url.username, str(url.password), url.database),
    )
    with engine.begin() as connection:
        for name in source_columns():
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    engine.dispose()


def read(source: Source, known: Earlier | None = None, wanted: Wanted = WANTED) -> intelligence.Intelligence:
    return intelligence.read(source[1], wanted, known or Earlier(), source_columns())


def test_flagged_authorised_reports_come_with_their_people(source: Source) -> None:
    fill(source[0], intelligence_report=[REPORT], report_subject=[SUBJECT])
    found = read(source)
    assert [row["report_ref"] for row in found.reports] == [KEYS["report_ref"]]
    assert [(row["surname"], row["subject_no"]) for row in found.subjects] == [("Canarywharf", "1")]


@pytest.mark.parametrize(
    ("change", "counted"),
    [
        ({"flags": "BURGLARY"}, "not_flagged"),
        ({"flags": "COUNTY LINES OLD"}, "not_flagged"),
        ({"status": "DRAFT"}, "not_authorised"),
    ],
)
def test_what_is_not_flagged_or_not_authorised_stays_where_it_is(source: Source, change: dict, counted: str) -> None:
    fill(source[0], intelligence_report=[{**REPORT, **change}])
    found = read(source)
    assert found.reports == []
    assert getattr(found, counted) == 1


@pytest.mark.parametrize("marking", ["SECRET", "TOP SECRET", "", None])
def test_a_report_marked_too_high_or_not_at_all_is_refused_unread(source: Source, marking: str | None) -> None:
    fill(source[0], intelligence_report=[{**REPORT, "protective_marking": marking}], report_subject=[SUBJECT])
    found = read(source)
    assert (found.reports, found.subjects) == ([], [])
    assert [one.key for one in found.refused] == [KEYS["report_ref"]]


def test_a_row_that_arrives_late_is_read_the_first_time_it_is_seen(source: Source) -> None:
    late = {**REPORT, "report_ref": "31/2022/000002", "updated_at": "2021-06-01T10:00:00+01:00"}
    fill(source[0], intelligence_report=[REPORT, late])
    found = read(source, LANDED)
    assert [row["report_ref"] for row in found.reports] == ["31/2022/000002"]


def test_a_stamp_counts_in_london_time_and_the_cut_off_is_not_yet_known(source: Source) -> None:
    summer = Wanted("COUNTY LINES", WANTED.markings, datetime.fromisoformat("2022-07-01T00:00:00+01:00"))
    before = {**REPORT, "updated_at": "2022-06-30T22:59:59+00:00"}
    at_midnight = {**REPORT, "report_ref": "31/2022/000002", "updated_at": "2022-06-30T23:00:00+00:00"}
    fill(source[0], intelligence_report=[before, at_midnight])
    found = read(source, wanted=summer)
    assert [row["report_ref"] for row in found.reports] == [KEYS["report_ref"]]


def test_a_later_version_that_lost_its_flag_is_still_read(source: Source) -> None:
    second = {**REPORT, "version": "2", "flags": "BURGLARY"}
    fill(source[0], intelligence_report=[REPORT])
    first = read(source)
    fill(source[0], intelligence_report=[second])
    found = read(source, Earlier(first.landed))
    assert [row["version"] for row in found.reports] == ["2"]


@pytest.mark.parametrize("source", ["postgresql"], indirect=True)
def test_a_status_of_a_type_of_the_databases_own_is_held_against_the_agreed_ones_as_text(source: Source) -> None:
    fill(source[0], intelligence_report=[REPORT])
    with source[0].begin() as connection:
        connection.exec_driver_sql("CREATE TYPE stage AS ENUM ('AUTHORISED', 'SUPPRESSED')")
        connection.exec_driver_sql("ALTER TABLE intelligence_report ALTER status TYPE stage USING status::stage")
    first = read(source)
    with source[0].begin() as connection:
        connection.exec_driver_sql("UPDATE intelligence_report SET status = 'SUPPRESSED'")
    assert [row["status"] for row in read(source, Earlier(first.landed)).reports] == ["SUPPRESSED"]


def test_the_source_is_read_only(source: Source) -> None:
    fill(source[0], intelligence_report=[REPORT])
    with pytest.raises(database.SourceError), database.snapshot(source[1]) as connection:
        connection.exec_driver_sql("DELETE FROM intelligence_report")
    assert read(source).in_source == 1


def test_more_than_one_batch_comes_whole(source: Source) -> None:
    refs = [f"31/2022/{number:06d}" for number in range(intelligence.BATCH + 7)]
    fill(source[0], intelligence_report=[{**REPORT, "report_ref": ref} for ref in refs])
    assert len(read(source).reports) == len(refs)


def test_a_column_the_contract_does_not_name_is_a_signal_and_loses_nothing(source: Source) -> None:
    fill(source[0], intelligence_report=[REPORT])
    with source[0].begin() as connection:
        connection.exec_driver_sql("ALTER TABLE intelligence_report ADD COLUMN new_thing TEXT")
    found = read(source)
    assert len(found.reports) == 1
    assert ("intelligence_report.new_thing", "COLUMN_UNKNOWN") in found.signals


def test_a_source_without_its_tables_is_one_sentence(source: Source) -> None:
    source[0].connect().close()
    with pytest.raises(SourceError, match="no table intelligence_report"):
        read(source)


@pytest.mark.postgres
def test_a_wrong_password_is_one_sentence_without_it(postgres_url: str) -> None:
    url = sa.make_url(postgres_url)
    endpoint = Endpoint(
        "intelligence_db", "postgres", str(url.host), url.port, str(url.username), "hunter2-secret", str(url.database)
    )
    with pytest.raises(SourceError, match="refuses the login") as caught:
        intelligence.read(endpoint, WANTED, Earlier(), source_columns())
    assert not caught.value.worth_another_try
    assert "hunter2" not in str(caught.value)


def test_an_empty_database_is_a_night_with_nothing_new(force: Force) -> None:
    assert pull(force.night("2022-03-02"))["reports"] == 0


def test_the_night_knows_what_was_stamped_before_it_and_not_what_came_after(force: Force) -> None:
    force.report()
    force.report("31/2022/000002", updated_at="2022-03-02T00:00:00+00:00")
    assert pull(force.night("2022-03-02"))["reports"] == 1


def test_what_was_landed_is_not_fetched_again_and_what_is_late_is(force: Force) -> None:
    force.report()
    for stage in (pull, land):
        stage(force.night("2022-03-02"))
    force.report("31/2022/000002")
    assert pull(force.night("2022-03-03"))["reports"] == 1


def test_once_landed_a_night_fetches_nothing_more(force: Force) -> None:
    force.report()
    first = pull(force.night("2022-03-02"))
    land(force.night("2022-03-02"))
    force.report("31/2022/000002")
    assert pull(force.night("2022-03-02")) == first


def test_a_marking_that_is_too_high_leaves_its_reference_and_reason_only(force: Force) -> None:
    force.report(protective_marking="SECRET")
    run = force.night("2022-03-02")
    pull(run), land(run)
    assert [(r["record_key"], r["reason_code"]) for r in run.rows("land", "landed_refusal")] == [
        (KEYS["report_ref"], "MARKING_TOO_HIGH")
    ]
    everything = b"".join(path.read_bytes() for path in run.folder.root.rglob("*") if path.is_file())
    assert b"Canarywharf" not in everything


def test_decisions_count_from_the_night_after_they_were_made(force: Force) -> None:
    force.report()
    force.decide(decision(1, "2022-03-01T14:00:00+00:00"), decision(2, "2022-03-02T14:00:00+00:00"))
    for as_of, known in (("2022-03-02", ["D1"]), ("2022-03-03", ["D2"])):
        run = force.night(as_of)
        pull(run), land(run)
        assert [row["decision_id"] for row in run.rows("land", "landed_decision")] == known


def test_a_decision_that_was_changed_under_its_id_is_refused_and_the_first_stands(force: Force) -> None:
    force.report()
    force.decide(decision(1, "2022-03-01T14:00:00+00:00", value="OPEN"))
    first = force.night("2022-03-02")
    pull(first), land(first)
    force.decide(decision(1, "2022-03-01T14:00:00+00:00", value="VULNERABLE"))
    second = force.night("2022-03-03")
    pull(second), land(second)
    assert second.rows("land", "landed_decision") == []
    assert [(r["record_key"], r["reason_code"]) for r in second.rows("land", "landed_refusal")] == [
        ("D1", "DECISION_CHANGED")
    ]


def test_the_spreadsheet_kept_so_far_may_be_xlsx_with_real_dates(force: Force) -> None:
    force.spreadsheet(
        entry_ref="P1", status="Open to the County Lines team", date_added=date(2021, 10, 12), surname="Canarywharf"
    )
    run = force.night("2022-03-02")
    pull(run), land(run)
    (row,) = run.rows("land", "landed_opening")
    assert (row["entry_ref"], row["date_added"]) == ("P1", "12/10/2021")


def test_a_feed_is_taken_once_and_a_mended_file_of_the_same_name_again(force: Force) -> None:
    name = force.inbox / "missing_episodes_20220301.csv"
    name.write_text("episode_ref,given_names,surname,missing_from\nMFH-1,Robin,Canarywharf,2022-02-27T10:00:00+00:00\n")
    taken = []
    for as_of in ("2022-03-02", "2022-03-03", "2022-03-04"):
        run = force.night(as_of)
        taken.append(pull(run)["files"])
        land(run)
        if as_of == "2022-03-03":
            name.write_text(name.read_text().replace("10:00", "11:00"))
    assert taken == [1, 0, 1]


def test_an_encrypted_feed_is_decrypted_in_one_night_only(force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Keyring(force.home.keyring)
    own = keyring.generate("Force and sender")
    plain = force.folder / "plain"
    plain.write_text("report_ref,surname\nB1,Canarywharf\n")
    keyring.encrypt_all([(plain, force.inbox / "btp_reports_20220301.csv.gpg")], own)
    first = force.night("2022-03-02")
    assert pull(first)["files"] == 1
    land(first)
    assert [row["surname"] for row in first.rows("land", "landed_btp")] == ["Canarywharf"]
    monkeypatch.setattr(Keyring, "decrypt", lambda *_: pytest.fail("it was decrypted again"))
    for as_of in ("2022-03-03", "2022-03-04"):
        run = force.night(as_of)
        assert pull(run)["files"] == 0
        land(run)
    keyring.rest()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing_episodes_20220301.csv", b"given_names,surname\nRobin,Canarywharf\n", "FILE_WITHOUT_KEY_COLUMN"),
        ("missing_episodes_20220301.csv", b"\xff\xfe\x00bad", "FILE_IS_NOT_UTF8"),
        ("sca_referrals_20220301.json", b"{not json", "FILE_IS_NOT_JSON"),
        ("btp_reports_20220301.csv", b"report_ref,surname\n,Canarywharf\n", "ROW_WITHOUT_KEY"),
        ("btp_reports_20220301.csv", b"report_ref,surname\nB1,Canarywharf,too,many\n", "ROW_HAS_TOO_MANY_VALUES"),
        ("btp_reports_20220301.csv", b"report_ref,surname,shoe_size\nB1,Canarywharf,9\n", "COLUMN_UNKNOWN"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason_and_the_night_goes_on(
    force: Force, name: str, content: bytes, code: str
) -> None:
    force.report()
    (force.inbox / name).write_bytes(content)
    run = force.night("2022-03-02")
    pull(run)
    assert land(run)["reports"] == 1
    refused = run.rows("land", "landed_refusal")
    assert [row["reason_code"] for row in refused] == [code]
    assert "Canarywharf" not in str(refused)


def test_a_connection_that_is_not_configured_fails_the_night_in_one_sentence(force: Force) -> None:
    def nothing(name: str) -> Endpoint:
        raise EndpointError(f"Connection {name} is not configured.")

    run = force.night("2022-03-02")
    with pytest.raises(
        NightFailed, match=r"^Night 2022-03-02: pull failed. Connection intelligence_db is not configured.$"
    ):
        attempt(type(run)(run.as_of, run.home, nothing), "pull")
    assert not run.folder.stage("pull").exists()


def test_a_missing_inbox_fails_the_night_in_one_sentence(force: Force) -> None:
    force.inbox.rmdir()
    with pytest.raises(NightFailed, match="partner_inbox: there is no folder"):
        attempt(force.night("2022-03-02"), "pull")


def test_an_inbox_whose_server_is_away_is_asked_again(force: Force) -> None:
    key = paramiko.ECDSAKey.generate()
    extra = {"host_key": f"{key.get_name()} {key.get_base64()}"}
    away = Endpoint("partner_inbox", "sftp", host="127.0.0.1", port=9, login="clvt", password="x", extra=extra)
    run = force.night("2022-03-02")
    find = run.endpoint
    with pytest.raises(NightFailed, match="partner_inbox") as failed:
        attempt(replace(run, endpoint=lambda name: away if name == "partner_inbox" else find(name)), "pull")
    assert failed.value.worth_another_try


def test_a_report_whose_marking_is_raised_no_longer_supports_anything(force: Force) -> None:
    force.report()
    first = force.night("2022-03-02")
    pull(first), land(first), normalise(first)
    force.report(version="2", protective_marking="SECRET", updated_at="2022-03-02T10:00:00+00:00")
    second = force.night("2022-03-03")
    pull(second), land(second), normalise(second)
    (refused,) = second.rows("land", "landed_refusal")
    assert (refused["record_key"], refused["version"]) == (KEYS["report_ref"], 2)
    assert [row["withdrawn"] for row in second.rows("normalise", "mention")] == [True]


def test_what_a_night_landed_before_it_failed_is_taken_in_by_the_next(force: Force) -> None:
    force.report()
    failed = force.night("2022-03-02")
    pull(failed), land(failed)
    following = force.night("2022-03-03")
    pull(following), land(following), normalise(following)
    assert [row["mention_key"] for row in following.rows("normalise", "mention")] == ["intel:31/2022/000001#1"]


def stamps_that_cannot_be_read(run: Run) -> list[tuple[int, date | None]]:
    rows = run.rows("normalise", "quarantine")
    return [(row["version"], row["released_on"]) for row in rows if row["reason_code"] == "STAMP_UNREADABLE"]


def test_a_stamp_that_cannot_be_read_stands_outside_until_it_is_mended_in_its_place(force: Force) -> None:
    force.report(updated_at="last Tuesday")
    first, second = (until_normalised(force.night(on)) for on in ("2022-03-02", "2022-03-03"))
    assert stamps_that_cannot_be_read(first) == stamps_that_cannot_be_read(second) == [(1, None)]
    assert second.rows("normalise", "mention") == []
    with force.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE intelligence_report SET updated_at = '2022-03-01T10:00:00+00:00'")
    mended = until_normalised(force.night("2022-03-04"))
    assert [row["mention_key"] for row in mended.rows("normalise", "mention")] == ["intel:31/2022/000001#1"]
    assert stamps_that_cannot_be_read(mended) == [(1, mended.as_of)]


def test_a_stamp_that_cannot_be_read_is_released_by_a_later_version_and_by_no_earlier_one(force: Force) -> None:
    force.report(version="2", updated_at="last Tuesday")
    until_normalised(force.night("2022-03-02"))
    force.report(version="1")
    earlier = until_normalised(force.night("2022-03-03"))
    assert stamps_that_cannot_be_read(earlier) == [(2, None)]
    force.report(version="3")
    for on in ("2022-03-04", "2022-03-05"):
        assert stamps_that_cannot_be_read(until_normalised(force.night(on))) == [(2, date(2022, 3, 4))]


@pytest.mark.parametrize("version", ["two", "1.5", "-1"])
def test_a_version_that_cannot_be_read_either_stands_outside_and_the_others_come_in(force: Force, version: str) -> None:
    force.report()
    force.report("31/2022/000002", updated_at="last Tuesday")
    with force.engine.begin() as connection:
        change = sa.text("UPDATE intelligence_report SET version = :version WHERE report_ref LIKE '%2'")
        connection.execute(change, {"version": version})
    for on in ("2022-03-02", "2022-03-03"):
        run = until_normalised(force.night(on))
        assert [row["record_ref"] for row in run.rows("normalise", "mention")] == [KEYS["report_ref"]]
        assert [released for _, released in stamps_that_cannot_be_read(run)] == [None]


@pytest.mark.parametrize("column", ["report_ref", "version"])
def test_a_report_without_a_key_stands_outside_and_the_others_come_in(force: Force, column: str) -> None:
    force.report()
    force.report("31/2022/000002")
    with force.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE intelligence_report SET {column} = '' WHERE report_ref LIKE '%2'")
    for on in ("2022-03-02", "2022-03-03"):
        run = until_normalised(force.night(on))
        assert [row["record_ref"] for row in run.rows("normalise", "mention")] == [KEYS["report_ref"]]
        outside = [row for row in run.rows("normalise", "quarantine") if row["reason_code"] == "ROW_WITHOUT_KEY"]
        assert [row["released_on"] for row in outside] == [None]


@pytest.mark.parametrize("change", [{"flags": "BURGLARY"}, {"status": "DRAFT"}])
def test_a_stamp_that_cannot_be_read_is_nothing_to_us_in_a_report_that_is_not_taken(
    source: Source, change: dict
) -> None:
    fill(source[0], intelligence_report=[{**REPORT, **change, "updated_at": "last Tuesday"}])
    assert read(source).refused == []
