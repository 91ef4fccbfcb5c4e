"""A small night that has something in every section of the pages, hostile names among it. All people are invented.

23 November 2022: five children on the tracker, one proposed, one declined, two removed this year.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from expectations.contracts import contract
from expectations.feeds import SEEN_IN
from expectations.recipients import Agreement, Delivery, Recipient
from expectations.site import load
from transforms.reconcile.profile import LINKS_SHOWN, links, places, profile
from transforms.report.contents import Contents
from transforms.report.news import KEY

AS_OF = date(2022, 11, 23)
SITE = load()

SCRIPT = "<script>document.title='taken'</script>"
FORMULA = '=HYPERLINK("http://evil.example","click")'
BACKWARDS = "\u202eecilA"

OKAFOR, SCRIPTED, ARABIC, PRESUMED, OPENED = (
    "P-0000000001",
    "P-0000000002",
    "P-0000000003",
    "P-0000000008",
    "P-0000000009",
)
AGED_OUT, MOVED, PROPOSED, DECLINED = "P-0000000004", "P-0000000005", "P-0000000006", "P-0000000007"

WEIGHTS = (
    '[{"field": "surname", "level": "SAME", "weight": 6.2},'
    ' {"field": "given", "level": "ALIKE", "weight": 3.1},'
    ' {"field": "birth", "level": "DIFFERENT", "weight": -4.5}]'
)


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str, hour: int = 14) -> datetime:
    return datetime.fromisoformat(text).replace(hour=hour, tzinfo=UTC)


def row(of: str, /, **given: Any) -> dict[str, Any]:
    return dict.fromkeys(contract(of).names) | given


def child(person_id: str, state: str, surname: str | None, given_names: str | None, **given: Any) -> dict[str, Any]:
    born = given.pop("born", None)
    on = state in ("OPEN", "VULNERABLE", "REMOVED")
    ordinary = {
        "tracker_id": f"CLVT-{person_id[-6:]}" if on else None,
        "status": state if state in ("OPEN", "VULNERABLE") else "OPEN" if on else None,
        "dob_status": "VERIFIED" if born else "UNKNOWN",
        "date_of_birth": day(born) if born else None,
        "attains_18_on": day(born).replace(year=day(born).year + 18) if born else None,
        "age": (AS_OF - day(born)).days * 4 // 1461 if born else None,
        "age_presumed": born is None,
        "gender": "Male",
        "local_authority": "COUNTY",
        "panel": "SYVP",
        "policing_area": "Gedling North",
        "data_subject_category": "VICTIM_OR_MAY_BE",
        "restricted": False,
        "disputed": False,
        "report_count": 1,
        "last_seen_on": day("2022-11-20"),
        "mention_keys": [key for key, person in PERSON_OF.items() if person == person_id],
    }
    return row(
        "child", person_id=person_id, state=state, surname=surname, given_names=given_names, **(ordinary | given)
    )


def mention(key: str, surname: str, given_names: str, recorded: str = "2022-11-20", **given: Any) -> dict[str, Any]:
    ordinary = {
        "source": "opening" if key.startswith("opening") else "intelligence",
        "record_ref": key.split(":")[1].split("#")[0],
        "version": 1,
        "stamp": at(recorded),
        "recorded_on": day(recorded),
        "first_landed_on": day(recorded),
        "landed_on": day(recorded),
        "withdrawn": False,
        "role": "CHILD",
        "dob_precision": "NONE",
        "dob_status": "UNKNOWN",
    }
    return row("mention", mention_key=key, surname=surname, given_names=given_names, **(ordinary | given))


def decision(decision_id: str, on: str, action: str, mention_key: str, **given: Any) -> dict[str, Any]:
    made = {"decided_at": at(on), "decided_by": "sgt.4417", "meeting_ref": f"CLVT-{on[:7]}", "landed_on": day(on)}
    return row("decision", decision_id=decision_id, action=action, mention_key=mention_key, **(made | given))


def review(review_id: str, kind: str, mention_key: str, why: str, **given: Any) -> dict[str, Any]:
    asked = {"asked_on": day("2022-11-21"), "person_id": PERSON_OF.get(mention_key), "is_open": True}
    return row("review", review_id=review_id, kind=kind, mention_key=mention_key, why=why, **(asked | given))


def fact(person: str, field: str, value: str, status: str, key: str | None, on: str, *more: str, **given: Any) -> Any:
    said = {"mention_key": key, "recorded_on": day(on), "supporting_mention_keys": [*([key] if key else []), *more]}
    return row("fact", person_id=person, field=field, value=value, status=status, **(said | given))


PERSON_OF = {
    "opening:0001": OKAFOR,
    "intel:31/2022/000100#1": OKAFOR,
    "intel:31/2022/000900#1": OKAFOR,
    "intel:31/2022/000200#1": SCRIPTED,
    "opening:0003": ARABIC,
    "opening:0004": AGED_OUT,
    "opening:0005": MOVED,
    "intel:31/2022/000600#1": PROPOSED,
    "missing:M-77": PROPOSED,
    "intel:31/2022/000700#1": DECLINED,
    "intel:31/2022/000800#1": PRESUMED,
    "opening:0009": OPENED,
    "sca:S-1": OPENED,
    "intel:31/2022/000901#2": "P-0000000010",
}

CHILDREN = [
    child(
        OKAFOR,
        "OPEN",
        "Okafor",
        "Daniel",
        born="2007-03-14",
        line_refs=["L1"],
        added_on=day("2021-06-01"),
        aliases=["Dan"],
    ),
    child(SCRIPTED, "VULNERABLE", FORMULA, SCRIPT, born="2010-05-02", added_on=day("2022-03-01"), gender="Female"),
    child(ARABIC, "VULNERABLE", "الأحمد", BACKWARDS, born="2004-12-01", added_on=day("2021-06-01"), disputed=True),
    child(PRESUMED, "OPEN", "Whitlock", "Sasha", added_on=day("2022-11-01"), gender=None, restricted=True),
    child(
        OPENED,
        "VULNERABLE",
        "Ní Bhriain",
        "Zoë",
        born="2008-09-09",
        added_on=day("2021-06-01"),
        local_authority="CITY",
        line_refs=["L1"],
    ),
    child(
        AGED_OUT,
        "REMOVED",
        "Grant",
        "Leon",
        born="2004-06-01",
        added_on=day("2021-06-01"),
        removed_on=day("2022-06-01"),
        removal_reason="AGED_OUT",
    ),
    child(
        MOVED,
        "REMOVED",
        "Sowa",
        "Łukasz",
        born="2006-01-30",
        added_on=day("2021-06-01"),
        removed_on=day("2022-09-06"),
        removal_reason="MOVED_AREA",
    ),
    child(PROPOSED, "PROPOSED", "王", "小明", born="2009-02-03", proposed_on=day("2022-11-21"), line_refs=["L2"]),
    child(DECLINED, "DECLINED", "Pike", "Jordan", born="2008-08-08", declined_on=day("2022-11-01")),
]

SPELLS = [
    ("opening:0001", OKAFOR, "2021-06-01", "opening:0001", None, None, None),
    ("", SCRIPTED, "2022-03-01", "D-1", None, None, None),
    ("", ARABIC, "2021-06-01", "opening:0003", None, None, None),
    ("", PRESUMED, "2022-11-01", "D-4", None, None, None),
    ("", OPENED, "2021-06-01", "opening:0009", None, None, None),
    ("", AGED_OUT, "2021-06-01", "opening:0004", "2022-06-01", "AGED_OUT", "attains_18"),
    ("", MOVED, "2021-06-01", "opening:0005", "2022-09-06", "MOVED_AREA", "D-2"),
]

ROWS: dict[str, list[dict[str, Any]]] = {
    "child": CHILDREN,
    "spell": [
        row(
            "spell",
            person_id=person,
            tracker_id=f"CLVT-{person[-6:]}",
            number=1,
            added_on=day(added),
            added_by=by,
            removed_on=day(removed) if removed else None,
            removal_reason=reason,
            removed_by=removed_by,
        )
        for _, person, added, by, removed, reason, removed_by in SPELLS
    ],
    "person": [row("person", mention_key=key, person_id=person) for key, person in PERSON_OF.items()],
    "mention": [
        mention(
            "intel:31/2022/000100#1",
            "Okafor",
            "Daniel",
            date_of_birth=day("2007-03-14"),
            dob_precision="DAY",
            dob_status="VERIFIED",
            telephone="+447700900123",
            grade="1BP",
            policing_area="Gedling North",
            line_ref="L1",
        ),
        mention(
            "intel:31/2022/000900#1",
            "Okafor",
            "Dan",
            "2022-11-21",
            date_of_birth=day("2007-04-13"),
            dob_precision="DAY",
            dob_status="STATED",
            grade="2CP",
        ),
        mention("intel:31/2022/000901#2", "Okafor", SCRIPT, "2022-11-21", postcode="NG5 1AA", grade="2CP"),
        mention("intel:31/2022/000200#1", FORMULA, SCRIPT),
        mention(
            "intel:31/2022/000600#1",
            "王",
            "小明",
            grade="1BP",
            line_ref="L2",
            involvement="INVOLVED",
            policing_area="Mansfield North",
        ),
        mention("missing:M-77", "Wang", "Xiao", "2022-11-18", source="missing_episodes"),
        mention("intel:31/2022/000700#1", "Pike", "Jordan"),
        mention("intel:31/2022/000800#1", "Whitlock", "Sasha"),
        mention("sca:S-1", "Ní Bhriain", "Zoë", source="sca_referrals"),
    ],
    "decision": [
        decision("D-1", "2022-03-01", "RATIFY", "intel:31/2022/000200#1", value="VULNERABLE"),
        decision(
            "D-2", "2022-09-06", "REMOVE", "opening:0005", reason_code="MOVED_AREA", reason="Family moved to Leeds"
        ),
        decision("D-3", "2022-11-01", "DECLINE", "intel:31/2022/000700#1", reason="Threshold not met"),
        decision("D-4", "2022-11-01", "RATIFY", "intel:31/2022/000800#1", value="OPEN"),
        decision("D-5", "2022-11-22", "REMOVE", "intel:31/2022/000700#1", reason_code="MOVED_AREA", reason=SCRIPT),
    ],
    "refusal": [
        row(
            "refusal",
            decision_id="D-5",
            decided_at=at("2022-11-22"),
            decided_by="sgt.4417",
            action="REMOVE",
            mention_key="intel:31/2022/000700#1",
            reason_code="NOT_ON_TRACKER",
            reason="The child is not on the tracker, so there is nothing to remove.",
            refused_on=AS_OF,
        )
    ],
    "review": [
        review(
            "Q-RATIFY000001",
            "ratify",
            "intel:31/2022/000600#1",
            "New intelligence names this child: ratify, or decline.",
        ),
        review(
            "Q-SAME00000001",
            "same_person",
            "intel:31/2022/000100#1",
            "LIKELY: likely, but the evidence does not decide by itself. Agree: surname. Differ: date of birth.",
            other_mention_key="intel:31/2022/000901#2",
            match_weight=4.8,
            weights=WEIGHTS,
            settles=3,
        ),
        review("Q-AGE000000001", "age", "intel:31/2022/000800#1", "No date of birth is known: find out the date."),
        review(
            "Q-UNSUP0000001",
            "unsupported",
            "opening:0003",
            "Every report was withdrawn: decide whether the entry stands.",
        ),
        review(
            "Q-OLD000000001",
            "ratify",
            "intel:31/2022/000700#1",
            "Answered long ago.",
            is_open=False,
            answered_on=day("2022-11-01"),
            answer="DECLINE",
        ),
    ],
    "action": [
        row(
            "action",
            action_id="A:sca:S-1",
            person_id=OPENED,
            kind="SCA_REFERRAL",
            mention_key="sca:S-1",
            what="Review and action the referral",
            owner="County Lines team",
            raised_on=day("2022-11-10"),
            due_on=day("2022-11-15"),
        )
    ],
    "unheard": [
        row(
            "unheard",
            action_id="A:unheard:opened:HOME:CITY",
            person_id=OPENED,
            kind="UNHEARD",
            mention_key="sca:S-1",
            what="No file tells children's services of Nottingham City Council (CITY). Action code A1.",
            owner="County Lines team",
            raised_on=day("2022-11-10"),
            due_on=day("2022-11-10"),
            recipient="mash_city",
            reason_code="COVERT_A1",
        )
    ],
    "forecast": [
        row(
            "forecast",
            person_id=ARABIC,
            attains_18_on=day("2022-12-01"),
            days=8,
            threshold=30,
            meaning="Tell the partners; settle what stays open with the panel.",
        )
    ],
    "change": [
        row(
            "change",
            person_id=PROPOSED,
            kind="PROPOSED",
            effective_on=day("2022-11-21"),
            noticed_on=AS_OF,
            cause="intel:31/2022/000600#1",
        ),
        row(
            "change",
            person_id=OKAFOR,
            tracker_id="CLVT-000001",
            kind="FACT",
            effective_on=AS_OF,
            noticed_on=AS_OF,
            fields=["telephone"],
            cause="intel:31/2022/000100#1",
        ),
    ],
    "line": [
        row("line", line_ref="L1", line_name="Jay line", kind="IDENTIFIED"),
        row("line", line_ref="L2", line_name=SCRIPT, kind="IDENTIFIED"),
    ],
    "quarantine": [
        row(
            "quarantine",
            source="intelligence",
            record_key="31/2022/000735",
            reason_code="GRADE_UNREADABLE",
            reason="The grade is not of its scheme. Correct it in the record system: the next version is taken in.",
            first_seen_on=day("2022-10-05"),
        ),
        row(
            "quarantine",
            source="btp_reports",
            record_key="B-9",
            reason_code="RELEASED_ONE",
            reason="It was mended.",
            first_seen_on=day("2022-10-05"),
            released_on=day("2022-11-22"),
        ),
    ],
    "check": [
        row(
            "check",
            table="child",
            rule="local_authority.known",
            sentence="A child on the tracker has a local authority.",
            severity="warning",
            passed=False,
            ran=True,
            failed_keys=["P-0000000008"],
        ),
        row(
            "check",
            table="child",
            rule="tracker_id.single",
            sentence="No two children have the same tracker id.",
            severity="blocking",
            passed=True,
            ran=True,
        ),
    ],
    "held_back": [
        row(
            "held_back",
            recipient=name,
            person_id=PRESUMED,
            field="*",
            reason_code="RESTRICTED",
            reason="The record is restricted: it leaves the force for nobody.",
        )
        for name in ("barnardos", "mash_county")
    ],
    "report": [
        row(
            "report",
            report_ref=report_ref,
            version=1,
            source_force="31",
            intelligence_date=day(created),
            created_at=at(created),
            updated_at=at(created),
            protective_marking="OFFICIAL",
            grade_scheme="3X5X2",
            grade="1BP",
            handling="P",
            location=location,
            landed_on=day(created),
        )
        for report_ref, created, location in (
            ("31/2021/000001", "2021-05-01", None),
            ("31/2021/000002", "2021-12-01", None),
            ("31/2022/000003", "2022-02-03", None),
            ("31/2022/000100", "2022-04-01", f"bus  station {SCRIPT}"),
            ("31/2022/000200", "2022-11-22", f"bus station {SCRIPT}"),
        )
    ],
    "btp_report": [],
    "missing_episode": [
        row("missing_episode", mention_key="missing:M-77", missing_from=at("2022-11-18", 21), risk="HIGH"),
    ],
    "fact": [
        fact(OKAFOR, "surname", "Okafor", "VERIFIED", "opening:0001", "2021-06-01", "intel:31/2022/000100#1"),
        fact(OKAFOR, "date_of_birth", "2007-03-14", "VERIFIED", "intel:31/2022/000100#1", "2022-11-20"),
        fact(OKAFOR, "local_authority", "COUNTY", "DECIDED", None, "2022-03-01", decision_id="D-9"),
        fact(OKAFOR, "school", SCRIPT, "STATED", "missing:M-1", "2022-11-19"),
        fact(PROPOSED, "surname", "王", "STATED", "intel:31/2022/000600#1", "2022-11-20"),
    ],
}


def recipient(name: str, title: str) -> Recipient:
    agreement = Agreement("ISA-1", day("2022-01-01"), day("2023-12-31"))
    return Recipient(
        name, title, "safeguarding", "DPA 2018", agreement, Delivery(f"partner_{name}", receipts="receipts"), "OFFICIAL"
    )


def delivery(recipient: str, run: str, state: str, **given: Any) -> dict[str, Any]:
    sent = {
        "sent_at": f"{run}T02:14:00+00:00" if state in ("delivered", "acknowledged") else "",
        "receipt": "",
        "supersedes": "",
        "reason": "",
    }
    file = f"{recipient}_{run}.csv.gpg"
    return (
        {
            "run": run,
            "recipient": recipient,
            "file": file,
            "sha256": "a" * 64,
            "bytes": 10,
            "records": 1,
            "state": state,
        }
        | sent
        | given
    )


DELIVERIES = [
    delivery("barnardos", "2022-11-22", "acknowledged", receipt="r-1"),
    delivery("barnardos", "2022-11-20", "delivered"),
    delivery("mash_city", "2022-11-23", "failed"),
]
DISCLOSURES = [
    {
        "run": "2022-11-22",
        "recipient": "barnardos",
        "file": f"barnardos_2022-11-22.{form}",
        "person_id": person,
        "operation": operation,
    }
    for form in ("csv", "html")
    for person, operation in ((OKAFOR, "CREATE"), (OPENED, "UPDATE"))
]


HOLDINGS = [
    {
        "recipient": "barnardos",
        "person_id": OKAFOR,
        "first_sent_on": date(2022, 11, 1),
        "last_sent_on": date(2022, 11, 22),
        "content": "{}",
    },
    {
        "recipient": "mash_city",
        "person_id": OKAFOR,
        "first_sent_on": date(2022, 5, 2),
        "last_sent_on": date(2022, 6, 3),
        "content": "{}",
    },
]


ROWS = {name: [] for name in (*SEEN_IN, *KEY, "person_id")} | ROWS


def tables(**changed: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: contract(name).table_of(rows) for name, rows in (ROWS | changed).items()}


def a_night(**changed: list[dict[str, Any]]) -> Contents:
    """The night; rows of single tables may be given anew."""
    rows = ROWS | changed
    return Contents(
        as_of=AS_OF,
        night=AS_OF,
        site=SITE,
        tables=tables(**changed),
        profile=profile(rows["child"], rows["spell"], rows["report"], AS_OF, SITE),
        links=links(rows["child"], places(rows["child"], rows["mention"], rows), LINKS_SHOWN),
        changes=rows["change"],
        disclosures=DISCLOSURES,
        holdings=HOLDINGS,
        deliveries=DELIVERIES,
        recipients={
            "barnardos": recipient("barnardos", "Barnardo’s"),
            "mash_city": recipient("mash_city", "City MASH"),
        },
        counts={"normalise": {"mentions": 9}},
    )


def a_failed_night() -> Contents:
    """A night that failed before its tracker was published: the last one published is shown."""
    failed = "Night 2022-11-24: link failed. The disk is full."
    return replace(a_night(), night=date(2022, 11, 24), failure=failed, deliveries=[], disclosures=[], counts={})


def a_first_night_failed() -> Contents:
    """A night that failed before any tracker was published."""
    return Contents(as_of=AS_OF, night=AS_OF, site=SITE, tables={}, failure="Night 2022-11-23: pull failed. No answer.")
