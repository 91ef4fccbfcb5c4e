"""The PND-style export: persons, objects, places, events and what ties them, as POLE XML.

PND-style, because the load format of the Police National Database is not public: entities and attributes are those of
the NPCC/PDS Minimum POLE Data Standards Dictionary v1.1, the schema is ours. FULL replaces everything that the database
holds of ours; DELTA changes it and names the hash of the file before, so that a break is seen and a FULL asked for.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import phonenumbers
from lxml import etree

from expectations.reference import crosswalk
from transforms.export.document import CONTROL, Document
from transforms.export.exporter import Drop, Exporter, ended
from transforms.export.holdings import Operation
from transforms.export.if_you_meet import if_you_meet

NAMESPACE = "urn:county-lines-tracker:pnd-style:{}"
SCHEMAS = {"1.0": "pnd_style", "2.0": "pnd_style_2"}  # by the version of the form
PERSON = (  # field, element, attribute of the dictionary
    ("given_names", "GivenNames", "DS_031"),
    ("surname", "Surname", "DS_032"),
    ("date_of_birth", "DateOfBirth", "DS_034"),
    ("age", "Age", "DS_120"),
    ("gender", "Gender", "DS_037"),
    ("ethnicity", "SelfDefinedEthnicity", "DS_038"),
)
CONTACT = (("address", "DS_007"), ("postcode", "DS_010"), ("telephone", "DS_053"))
GUARDIAN = ("DS_031", "DS_032", "DS_047")  # of the parent or guardian, whom P_009 asks for
TELEPHONES = {phonenumbers.PhoneNumberType.MOBILE: "MOBH", phonenumbers.PhoneNumberType.FIXED_LINE: "LANH"}
ENDING = {  # what an ending says, by attribute
    **{"merged_into": "mergedInto", "kind": "ending", "action": "action", "says": "says", "review_on": "reviewOn"},
}
TRACKER = {"status": "status", "involvement": "involvement"}
REFERRAL = {"nrm_status": "nrmStatus", "nrm_submitted_on": "nrmSubmittedOn", "nrm_outcome": "nrmOutcome"}
LINE = {"name": "line_name", "ownerForce": "owner_force", "status": "status"}
EVENTS = (  # type, id, field, attributes
    (
        "INTELLIGENCE",
        "report",
        "reports",
        {"date": "date", "scheme": "scheme", "grade": "grade", "handling": "handling"},
    ),
    ("MISSING", "missing", "missing", {"date": "from", "until": "until", "risk": "risk", "force": "found_force"}),
    ("RAIL", "rail", "rail", {"date": "date", "place": "station", "journey": "journey", "grade": "grade"}),
)


class Pnd(Exporter):
    """One XML file; version 1 is written for whoever has not taken up version 2."""

    schema = "pnd_style"
    everywhere = True
    versions = tuple(SCHEMAS)
    formats = ("xml",)
    needs_fields = (
        *("given_names", "surname", "date_of_birth", "dob_status", "age", "age_presumed", "gender", "status"),
        "is_missing",
    )
    needs_settings = ("business_area",)

    def documents(self, drop: Drop) -> Iterator[Document]:
        """A FULL or a DELTA, where it says something."""
        if drop.says_something:
            refs = tuple(one.record.ref for one in drop.operations)
            supersedes = drop.previous_file if drop.is_full else ""
            yield Document(drop.kind.lower(), "xml", export(drop), drop.kind, refs, supersedes)


def export(drop: Drop) -> bytes:
    """The XML file of a drop."""
    namespace = NAMESPACE.format(drop.recipient.version.partition(".")[0])
    root = etree.Element(f"{{{namespace}}}PndStyleExport", nsmap={None: namespace})  # type: ignore[dict-item]
    about = drop.about()
    header = {
        "fileId": f"{drop.site.force_code}-CLVT-{drop.sequence:06d}",
        "schemaVersion": drop.recipient.version,
        "kind": drop.kind,
        "asOf": about["as_of"],
        "producerForce": drop.site.force_code,
        "marking": about["marking"],
        "agreement": about["agreement"],
        "previousSha256": about["previous_sha256"],
        "recordCount": str(len(drop.operations)),
    }
    for name, value in header.items():
        root.set(name, value)
    _add(root, "Contact", **drop.site.contact)
    for one in drop.operations:
        _record(root, drop, one)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _record(root: Any, drop: Drop, one: Operation) -> None:
    urn = f"{drop.site.force_code}/CLVT/{one.record.ref}"
    record = _add(root, "Record", urn=urn, operation=one.operation, previousHash=one.previous)
    if one.operation in ("DELETE", "ENDED"):
        for name, value in ended(drop, one).items():
            record.set(ENDING[name], value)
        return
    content = one.record.content
    record.set("hash", one.record.sha256)
    record.set("ownerForce", drop.site.force_code)
    record.set("businessArea", drop.recipient.settings["business_area"])
    record.set("reviewGroup", drop.site.review_group)
    record.set("category", content["category"])
    is_first = drop.recipient.version == "1.0"
    _person(record, content)
    if not is_first:
        _instructions(record, drop, content)
    _objects(record, content, is_first)
    _location(record, content)
    if not is_first:
        _seen(record, content)
    _events(record, content, is_first)
    _tracker(record, content, is_first)
    _reliability(record, drop, content)


def _person(record: Any, content: Mapping[str, Any]) -> None:
    """P_009 Vulnerable Child once ratified; P_008 Subject while the role rests on intelligence alone."""
    entity = "P_008" if content["status"] == "PROPOSED" else "P_009"
    person = _add(record, "Person", id="person", entity=entity)
    for name, element, ref in PERSON:
        if content.get(name) is None:
            _add(person, "Missing", ref=ref, reason="NOT_KNOWN_OR_WITHHELD")
        else:
            _add(person, element, str(content[name]), ref=ref, **_code(name, content))
    for alias in content.get("aliases", []):
        _add(person, "Alias", alias, ref="DS_033")
    for name, ref in CONTACT:
        if not content.get(name):
            _add(person, "Missing", ref=ref, reason="NOT_KNOWN_OR_WITHHELD")
    if entity == "P_009":
        for ref in GUARDIAN:
            _add(person, "Missing", ref=ref, reason="GUARDIAN_NOT_HELD")


def _code(name: str, content: Mapping[str, Any]) -> dict[str, str]:
    if name == "date_of_birth":
        return {"status": content["dob_status"]}
    if name == "ethnicity":
        code = crosswalk("ethnicity", "sde", "pole").get(content["ethnicity"])
        return {"poleCode": code or "Unmapped Local Code"}
    return {}


def _objects(record: Any, content: Mapping[str, Any], is_first: bool) -> None:
    if content.get("telephone"):
        _telephone(record, "telephone", content["telephone"])
        _tie(record, "person", "telephone", "USES")
    if content.get("pnc_id"):
        _add(_add(record, "Object", id="pnc", entity="O_008"), "PncId", content["pnc_id"], ref="DS_072")
        _tie(record, "person", "pnc", "IDENTIFIED_BY")
    for number, line in enumerate(content.get("lines", []), start=1):
        given = {attribute: line[name] for attribute, name in LINE.items() if line[name]}
        _add(record, "Object", id=f"line{number}", entity="LINE", lineRef=line["ref"], kind=line["kind"], **given)
        role = {} if is_first else {name: line[name] for name in ("role", "first", "last") if line.get(name)}
        _tie(record, "person", f"line{number}", "RECORDED_ON_LINE", **role)
        if line["deal_number"]:
            _telephone(record, f"deal{number}", line["deal_number"])
            _tie(record, f"line{number}", f"deal{number}", "USES")


def _telephone(record: Any, key: str, number: str) -> None:
    """O_003: type, country and number; what the number does not show is missing, never guessed."""
    telephone = _add(record, "Object", id=key, entity="O_003")
    kind, country = _about(number)
    for element, ref, value in (("TelephoneType", "DS_051", kind), ("TelephoneCountry", "DS_052", country)):
        if value:
            _add(telephone, element, value, ref=ref)
        else:
            _add(telephone, "Missing", ref=ref, reason="NOT_KNOWN_OR_WITHHELD")
    _add(telephone, "TelephoneNumber", number, ref="DS_053")


def _about(number: str) -> tuple[str, str]:
    """Type and country code of a number, each empty where the number does not tell."""
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return "", ""
    return TELEPHONES.get(phonenumbers.number_type(parsed), ""), f"+{parsed.country_code}"


def _location(record: Any, content: Mapping[str, Any]) -> None:
    """L_001: the address as one text, because it is not held in its parts; L_004 for the area."""
    if content.get("address") or content.get("postcode"):
        home = _add(record, "Location", id="home", entity="L_001")
        if content.get("address"):
            _add(home, "AddressText", content["address"])
        if content.get("postcode"):
            _add(home, "PostCode", content["postcode"], ref="DS_010")
        _tie(record, "person", "home", "LIVES_AT")
    if content.get("policing_area"):
        _add(_add(record, "Location", id="area", entity="L_004"), "Area", content["policing_area"], ref="DS_016")
        _tie(record, "person", "area", "LIVES_AT")


def _seen(record: Any, content: Mapping[str, Any]) -> None:
    """L_004 for each area in which the child was seen, with the days: beside the home, never in its place."""
    for number, seen in enumerate(content.get("seen_areas") or (), start=1):
        _add(_add(record, "Location", id=f"seen{number}", entity="L_004"), "Area", seen["area"], ref="DS_016")
        _tie(record, "person", f"seen{number}", "SEEN_AT", first=seen["first"], last=seen["last"])


def _events(record: Any, content: Mapping[str, Any], is_first: bool) -> None:
    """Intelligence, missing episodes and reports from the railway; the dictionary has no entity for intelligence."""
    quoted = {} if is_first else {one["ref"]: one for one in content.get("report_refs") or ()}
    for kind, key, field, attributes in EVENTS:
        for number, event in enumerate(content.get(field) or (), start=1):
            by = quoted.get(event["ref"], {"urn": event["ref"], "force": None})
            given = {"ownerForce": by["force"], **{name: event[of] for name, of in attributes.items()}}
            known = {name: value for name, value in given.items() if value}
            _add(record, "Event", id=f"{key}{number}", type=kind, eventRef=by["urn"], **known)
            _tie(record, "person", f"{key}{number}", "SUBJECT_OF")


def _tracker(record: Any, content: Mapping[str, Any], is_first: bool) -> None:
    names = TRACKER if is_first else TRACKER | REFERRAL
    _add(record, "Tracker", **{attribute: content[name] for name, attribute in names.items() if content.get(name)})


def _instructions(record: Any, drop: Drop, content: Mapping[str, Any]) -> None:
    """What an officer does who meets the child, as sentences in order."""
    steps = if_you_meet(drop.site, content)
    missing = "true" if steps["is_missing"] else "false"
    element = _add(record, "IfYouMeet", byDay=steps["by_day"], byNight=steps["by_night"], isMissing=missing)
    for sentence in steps["do"]:
        _add(element, "Do", sentence)


def _reliability(record: Any, drop: Drop, content: Mapping[str, Any]) -> None:
    reliability = _add(record, "Reliability", asOf=drop.as_of.isoformat())
    if content.get("dob_status"):
        reliability.set("dobStatus", content["dob_status"])
    reliability.set("agePresumed", "true" if content.get("age_presumed") else "false")
    for name, status in content["accuracy"]["known_as"].items():
        _add(reliability, "Fact", name=name, known=status)
    for grade in content["accuracy"]["grades"]:
        _add(reliability, "Grade", grade)


def _tie(record: Any, one: str, other: str, kind: str, **role: str) -> None:
    _add(record, "Association", type=kind, **{"from": one, "to": other}, **role)


def _add(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    """An element below another; a character that XML cannot hold becomes the replacement character."""
    element = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{tag}")
    for name, value in attributes.items():
        element.set(name, CONTROL.sub("\ufffd", value))
    if text is not None:
        element.text = CONTROL.sub("\ufffd", text)
    return element
