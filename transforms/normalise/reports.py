"""Is this version of an intelligence report taken, and what does it say?

Only authorised, flagged reports are taken. A version that breaks a rule is stopped with every reason that it breaks;
a subject that cannot be placed is stopped alone.
"""

from expectations.agreed import GRADES, REPORT_STATUSES
from expectations.plain import Row
from expectations.spelling import agreed_of, is_same
from transforms.normalise import codes
from transforms.normalise.moments import day_of, moment_of
from transforms.normalise.records import Ignored, Mentioned, Night, Rules, Stopped, Taken, broken, mentioned
from transforms.normalise.text import tidy

NOT_FLAGGED = "NOT_FLAGGED"
WITH_CONDITIONS = "C"


def judge(report: Row, subjects: list[Row], night: Night) -> Taken | Ignored | list[Stopped]:
    """What becomes of one landed version of a report with its subjects."""
    version = version_of(report)
    if version is None:
        return [Stopped(report["source"], report["record_key"], None, "VERSION_UNREADABLE")]
    ignored = _ignored_for(report, night)
    if ignored:
        return Ignored(report["report_ref"], version, report["stamp"], ignored, report["landed_on"])
    reasons = broken(report, RULES, night)
    if reasons:
        return [Stopped(report["source"], report["record_key"], version, reason) for reason in reasons]
    return _taken(report, version, subjects, night)


def version_of(report: Row) -> int | None:
    """The version as a number from 1; None where it is none."""
    text = tidy(report["version"]) or ""
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def _ignored_for(report: Row, night: Night) -> str | None:
    status = agreed_of(report["status"], REPORT_STATUSES)
    if status not in (None, "AUTHORISED"):
        return status
    is_flagged = any(is_same(flag, night.site.flag) for flag in _flags(report))
    return None if is_flagged else NOT_FLAGGED


def _flags(report: Row) -> list[str]:
    parts = (tidy(part) for part in (report["flags"] or "").split("|"))
    return [part for part in parts if part]


def status_unknown(report: Row, _night: Night) -> bool:
    """A status that the contract does not name."""
    return agreed_of(report["status"], REPORT_STATUSES) is None


def marking_unknown(report: Row, night: Night) -> bool:
    """A marking that the site may not hold."""
    return agreed_of(report["protective_marking"], night.site.markings) is None


def force_unknown(report: Row, _night: Night) -> bool:
    """A source force that is on no list of forces."""
    return _force(report) not in codes.forces()


def intelligence_date_unreadable(report: Row, _night: Night) -> bool:
    """No day of the calendar."""
    return day_of(report["intelligence_date"]) is None


def intelligence_date_in_future(report: Row, night: Night) -> bool:
    """A day that the night has not seen."""
    day = day_of(report["intelligence_date"])
    return day is not None and day >= night.as_of


def time_unreadable(report: Row, night: Night) -> bool:
    """A timestamp that is missing, has no offset and the site names no zone for it, or is none."""
    given = [report["created_at"], report["updated_at"]]
    given += [report["withdrawn_at"]] if tidy(report["withdrawn_at"]) else []
    return any(moment_of(text, night.site.source_timezone) is None for text in given)


def grade_scheme_unknown(report: Row, _night: Night) -> bool:
    """A scheme of neither national form."""
    return _scheme(report) not in GRADES


def grade_unreadable(report: Row, _night: Night) -> bool:
    """A grade that is not of its own scheme."""
    form = GRADES.get(_scheme(report))
    return form is not None and not form.match(_grade(report))


def conditions_missing(report: Row, _night: Night) -> bool:
    """Handling C that does not say on which conditions."""
    return _handling(report) == WITH_CONDITIONS and tidy(report["handling_conditions"]) is None


def conditions_without_c(report: Row, night: Night) -> bool:
    """Conditions on a report that says it may be shared without."""
    given = any(tidy(report[name]) for name in ("action_code", "sanitisation_code", "handling_conditions"))
    return given and _handling(report) != WITH_CONDITIONS and not grade_unreadable(report, night)


def action_code_unknown(report: Row, _night: Night) -> bool:
    """An action code that the handling guidance does not have."""
    return codes.code_of(report["action_code"], "report", "action_code")[1]


def sanitisation_code_unknown(report: Row, _night: Night) -> bool:
    """A sanitisation code that the handling guidance does not have."""
    return codes.code_of(report["sanitisation_code"], "report", "sanitisation_code")[1]


RULES: Rules = {
    "STATUS_UNKNOWN": status_unknown,
    "MARKING_UNKNOWN": marking_unknown,
    "FORCE_UNKNOWN": force_unknown,
    "INTELLIGENCE_DATE_UNREADABLE": intelligence_date_unreadable,
    "INTELLIGENCE_DATE_IN_FUTURE": intelligence_date_in_future,
    "TIME_UNREADABLE": time_unreadable,
    "GRADE_SCHEME_UNKNOWN": grade_scheme_unknown,
    "GRADE_UNREADABLE": grade_unreadable,
    "CONDITIONS_MISSING": conditions_missing,
    "CONDITIONS_WITHOUT_C": conditions_without_c,
    "ACTION_CODE_UNKNOWN": action_code_unknown,
    "SANITISATION_CODE_UNKNOWN": sanitisation_code_unknown,
}


def role_unknown(subject: Row, _night: Night) -> bool:
    """A subject of whom the report does not say what they are to it."""
    return codes.code_of(subject["role"], "mention", "role")[0] is None


SUBJECT_RULES: Rules = {"SUBJECT_ROLE_UNKNOWN": role_unknown}


def _force(report: Row) -> str:
    return (tidy(report["source_force"]) or "").upper()


def _scheme(report: Row) -> str:
    return (tidy(report["grade_scheme"]) or "").upper()


def _grade(report: Row) -> str:
    return (tidy(report["grade"]) or "").upper()


def _handling(report: Row) -> str:
    return _grade(report)[-1:]


def _taken(report: Row, version: int, subjects: list[Row], night: Night) -> Taken:
    row = _report_row(report, version, night)
    people, stopped = [], []
    for subject in sorted(subjects, key=lambda subject: subject["subject_no"]):
        key = f"{report['record_key']}#{subject['subject_no']}"
        reasons = broken(subject, SUBJECT_RULES, night)
        stopped += [Stopped(report["source"], key, version, reason) for reason in reasons]
        if not reasons:
            people.append(_subject(subject, row, report, night))
    source, ref, stamp = report["source"], report["report_ref"], report["stamp"]
    return Taken(source, ref, version, stamp, "report", row, tuple(people), tuple(stopped))


def _report_row(report: Row, version: int, night: Night) -> Row:
    zone = night.site.source_timezone
    kept = ("source_system", "handling_conditions", "line_ref", "policing_area", "location")
    return {
        **{name: tidy(report[name]) for name in kept},
        "report_ref": report["report_ref"],
        "version": version,
        "source_force": _force(report),
        "intelligence_date": day_of(report["intelligence_date"]),
        "created_at": moment_of(report["created_at"], zone),
        "updated_at": moment_of(report["updated_at"], zone),
        "withdrawn_at": moment_of(report["withdrawn_at"], zone),
        "flags": _flags(report),
        "protective_marking": agreed_of(report["protective_marking"], night.site.markings),
        "grade_scheme": _scheme(report),
        "grade": _grade(report),
        "handling": _handling(report),
        "action_code": codes.code_of(report["action_code"], "report", "action_code")[0],
        "sanitisation_code": codes.code_of(report["sanitisation_code"], "report", "sanitisation_code")[0],
        "landed_on": report["landed_on"],
    }


def _subject(subject: Row, row: Row, report: Row, night: Night) -> Mentioned:
    involvement, strange_involvement = codes.code_of(subject["involvement"], "mention", "involvement")
    strange_area = row["policing_area"] is not None and row["policing_area"] not in night.site.policing_areas
    strange = {"INVOLVEMENT_UNKNOWN_CODE": strange_involvement, "AREA_UNKNOWN_CODE": strange_area}
    return mentioned(
        subject,
        "intel",
        f"{row['report_ref']}#{subject['subject_no']}",
        night,
        recorded_on=row["intelligence_date"],
        version=row["version"],
        stamp=report["stamp"],
        withdrawn=row["withdrawn_at"] is not None,
        role=codes.code_of(subject["role"], "mention", "role")[0],
        involvement=involvement,
        grade=row["grade"],
        policing_area=None if strange_area else row["policing_area"],
        line_ref=row["line_ref"],
        warnings=tuple(code for code, is_strange in strange.items() if is_strange),
    )
