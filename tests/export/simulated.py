"""A recipient that knows nothing but the files it gets, and does what they say."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from expectations.recipients import Recipient
from expectations.record import FIELDS
from transforms.export.document import FORMULA, words
from transforms.export.drops import Outcome
from transforms.export.exporter import FACTS, GONE, cell, in_words
from transforms.export.panel import SUSPECTS
from transforms.export.records import SUSPECT, canonical, digest
from transforms.export.shareable import ref_of

Content = dict[str, Any]
NS = "{*}"


class ChainBrokenError(Exception):
    """A DELTA does not follow on the file before."""


class NoticeOfNothingError(Exception):
    """A notice is about a record that its reader does not have."""


class Simulated:
    """Holds records by ref: of lists for people the text of each cell, of packs their hash, of all else the values."""

    def __init__(self, recipient: Recipient) -> None:
        self.recipient = recipient
        self.is_for_people = bool({"csv", "xlsx"} & set(recipient.formats))
        self.has_packs = recipient.exporter == "nrm"
        self.held: dict[str, Content] = {}
        self.ended: dict[str, str] = {}  # how each record is kept that is not in use any more
        self.leaving: set[str] = set()  # records that the list which came tonight names as no longer on it
        self.versions: dict[str, list[tuple[str, Content]]] = {}  # of each record held, by file without its extension
        self.last_sha256 = ""

    def take(self, outcome: Outcome) -> None:
        """Apply a night's files as the manifest lists them."""
        folder = self.recipient.name
        names = [row["file"] for row in outcome.outgoing if row["recipient"] == folder]
        before_tonight, self.leaving = set(self.held), set()
        manifests = [name for name in names if name.endswith("manifest.json")]
        for listed in (row for name in manifests for row in json.loads(outcome.files[f"{folder}/{name}"])["files"]):
            content = outcome.files[f"{folder}/{listed['file']}"]
            form = listed["file"].rsplit(".", 1)[-1]
            before = dict(self.held)
            if listed["kind"] == "NOTICE" and form == "json":
                self._correct(json.loads(content)["notices"], before_tonight)
            elif listed["kind"] != "NOTICE" and form != "html":
                getattr(self, f"_{form}")(content, listed)
            self._keep_versions(before, listed["file"])

    def _keep_versions(self, before: Mapping[str, Content], file: str) -> None:
        self.versions = {ref: self.versions.get(ref, []) for ref in self.held}
        for ref, values in self.held.items():
            if values is not before.get(ref):
                self.versions[ref].append((stem(file), values))

    def delete(self, file: str) -> None:
        """Delete all that was taken from a file, as a notice of withdrawal asks: what earlier files said stands again.

        What the file deleted stays deleted: nothing brings it back.
        """
        kept = {ref: [one for one in said if one[0] != stem(file)] for ref, said in self.versions.items()}
        self.versions = {ref: said for ref, said in kept.items() if said}
        self.held = {ref: said[-1][1] for ref, said in self.versions.items()}

    def _correct(self, notices: list[dict[str, Any]], before_tonight: set[str]) -> None:
        for notice in notices:
            self._expect_known(notice, before_tonight)
            ref, values = notice["record_ref"], self._as_held(notice["record_ref"], notice["correct_values"])
            if notice["merged_into"]:
                self.held.pop(ref, None)
                self._put_right(notice["merged_into"], values)
            elif self.is_for_people and ref not in self.held:
                continue  # it went with the list that came the same night, and the notice says why
            elif notice["action_requested"] == "RECTIFY":
                self._put_right(ref, {**self.held[ref], **values})
            elif notice["action_requested"] == "ERASE":
                self._erase(ref)
            else:
                self.ended[ref] = notice["action_requested"]

    def _expect_known(self, notice: dict[str, Any], before_tonight: set[str]) -> None:
        """A notice is about what is held; of a record that went with tonight's list it says how, as the list does."""
        ref, action = notice["record_ref"], notice["action_requested"]
        said_by_the_list = ref in self.leaving and action != "RECTIFY"
        if ref in self.held or (ref in before_tonight and (action == "ERASE" or said_by_the_list or _is_suspect(ref))):
            return
        raise NoticeOfNothingError(f"{self.recipient.name}: {action} {ref}, which they never had or have no longer")

    def _erase(self, ref: str) -> None:
        self.held.pop(ref, None)
        self.ended.pop(ref, None)

    def _put_right(self, ref: str, values: Content) -> None:
        """As a notice asks; of a pack the new one, which comes in the same night, is right by itself."""
        if not self.has_packs:
            self.held[ref] = values

    def _as_held(self, ref: str, values: Content) -> Content:
        if not self.is_for_people:
            return values
        kept = SUSPECTS if _is_suspect(ref) else (*self.recipient.fields, "accuracy")
        return {name: self._said(name, value) for name, value in values.items() if name in kept}

    def _json(self, content: bytes, _listed: Any) -> None:
        read = json.loads(content)
        if self.has_packs:
            self.held.pop(read["former_ref"], None)
            self._apply(read["operation"], read["record_ref"], {"sha256": read["sha256"]}, "", {})
            return
        before = self._begin(read["kind"])
        for record in read["records"]:
            kept_as = record.get("ending", {}).get("action", "")
            self._apply(record["operation"], record["record_ref"], _flat(record), kept_as, before)

    def _begin(self, kind: str) -> dict[str, Content]:
        """A FULL replaces everything held; what was held before."""
        before = dict(self.held)
        if kind == "FULL":
            self.held, self.ended = {}, {}
        return before

    def _xml(self, content: bytes, listed: Any) -> None:
        root = etree.fromstring(content)
        if root.get("kind") != "FULL" and root.get("previousSha256") != self.last_sha256:
            raise ChainBrokenError("ask for a FULL")
        before = self._begin(root.get("kind"))
        self.last_sha256 = listed["sha256"]
        for record in root.iterfind(f"{NS}Record"):
            values = _pole(record) if record.get("operation") in ("CREATE", "UPDATE") else {}
            ref = record.get("urn").split("/")[-1]
            self._apply(record.get("operation"), ref, values, record.get("action") or "", before)

    def _apply(self, operation: str, ref: str, values: Content, kept_as: str, before: dict[str, Content]) -> None:
        if operation == "DELETE":
            self._erase(ref)
        elif operation == "ENDED":
            self.held[ref] = before[ref]
            self.ended[ref] = kept_as
        else:
            self.held[ref] = values
            self.ended.pop(ref, None)

    def _csv(self, content: bytes, _listed: Any) -> None:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        self._list(rows[0], [[_unsafe(cell) for cell in row] for row in rows[1:]])

    def _xlsx(self, content: bytes, _listed: Any) -> None:
        book = load_workbook(io.BytesIO(content))
        pages = {page.title: [_cells(row) for row in page.iter_rows(values_only=True)] for page in book.worksheets}
        children = pages[FACTS]
        self._list(children[1], children[2:])
        for suspect in pages.get("Suspected perpetrators", [])[2:]:
            self.held[suspect[0]] = dict(zip(SUSPECTS, suspect[1:], strict=True))

    def _list(self, header: Any, rows: list[list[str]]) -> None:
        names = {words(name): name for name in [*self.recipient.fields, "accuracy"]}
        self.leaving |= {row[0] for row in rows if row[1] in ("ENDED", GONE)}
        self.held = {
            row[0]: {names[column]: cell for column, cell in zip(header, row, strict=True) if column in names}
            for row in rows
            if row[1] not in ("ENDED", GONE)
        }
        self.ended = {}

    def should_hold(self, content: Content) -> Content:
        """A record of the ledger, as this recipient has it."""
        if self.has_packs:
            return {"sha256": digest(canonical(content))}
        if not self.is_for_people:
            return content
        names = SUSPECTS if content["category"] == SUSPECT else (*self.recipient.fields, "accuracy")
        return {name: self._said(name, content[name]) for name in names}

    def _said(self, name: str, value: Any) -> str:
        """A field as the list has it: in words in a workbook, by its code in a file for programs."""
        return in_words(name, value) if "xlsx" in self.recipient.formats else cell(name, value)


def _is_suspect(ref: str) -> bool:
    """Of suspects a list names only those who are shared."""
    return ref.startswith("SU-")


def stem(file: str) -> str:
    """Of a file in all its forms."""
    return file.rsplit(".", 1)[0]


def _flat(record: dict[str, Any]) -> Content:
    own = [
        group
        for name, group in record.items()
        if isinstance(group, dict) and name not in ("social_care_codes", "referral", "if_you_meet")
    ]
    flat = {name: value for group in own for name, value in group.items()}
    return {name: value for name, value in flat.items() if name in FIELDS or name == "category"}


def _cells(row: Any) -> list[str]:
    return [unescape(cell or "") for cell in row]


def _unsafe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def _pole(record: Any) -> Content:
    """The fields of the PND contract, out of the XML."""

    def said(path: str) -> str | None:
        return record.findtext("/".join(f"{NS}{part}" for part in path.split("/")))

    reliability = record.find(f"{NS}Reliability")
    tracker = record.find(f"{NS}Tracker")
    facts = {fact.get("name"): fact.get("known") for fact in reliability.iterfind(f"{NS}Fact")}
    objects = {one.get("id"): one for one in record.iterfind(f"{NS}Object")}
    age = said("Person/Age")
    return {
        "category": record.get("category"),
        "given_names": said("Person/GivenNames"),
        "surname": said("Person/Surname"),
        "aliases": [one.text for one in record.iterfind(f"{NS}Person/{NS}Alias")],
        "date_of_birth": said("Person/DateOfBirth"),
        "dob_status": reliability.get("dobStatus"),
        "age": int(age) if age else None,
        "age_presumed": reliability.get("agePresumed") == "true",
        "gender": said("Person/Gender"),
        "ethnicity": said("Person/SelfDefinedEthnicity"),
        "address": said("Location/AddressText"),
        "postcode": said("Location/PostCode"),
        "policing_area": said("Location[@id='area']/Area"),
        "seen_areas": [_seen(record, one) for one in record.iterfind(f"{NS}Location") if one.get("id")[:4] == "seen"],
        "telephone": objects["telephone"].findtext(f"{NS}TelephoneNumber") if "telephone" in objects else None,
        "pnc_id": said("Object/PncId"),
        "status": tracker.get("status"),
        "involvement": tracker.get("involvement"),
        "lines": [_line(record, objects, one) for key, one in objects.items() if key.startswith("line")],
        "reports": [
            _event(one, "ref", "date", "scheme", "grade", "handling") | {"ref": _ref(one)}
            for one in _events(record, "INTELLIGENCE")
        ],
        "report_refs": [
            {"ref": _ref(one), "urn": one.get("eventRef"), "force": one.get("ownerForce")}
            for one in sorted(record.iterfind(f"{NS}Event"), key=lambda one: one.get("eventRef"))
        ],
        "missing": [
            _event(one, "ref", "from:date", "until", "risk", "found_force:force") | {"ref": _ref(one)}
            for one in _events(record, "MISSING")
        ],
        "rail": [
            _event(one, "ref", "date", "station:place", "journey", "grade") | {"ref": _ref(one)}
            for one in _events(record, "RAIL")
        ],
        "is_missing": record.find(f"{NS}IfYouMeet").get("isMissing") == "true",
        "nrm_status": tracker.get("nrmStatus"),
        "nrm_submitted_on": tracker.get("nrmSubmittedOn"),
        "nrm_outcome": tracker.get("nrmOutcome"),
        "accuracy": {"known_as": facts, "grades": [grade.text for grade in reliability.iterfind(f"{NS}Grade")]},
    }


def _events(record: Any, kind: str) -> list[Any]:
    return [one for one in record.iterfind(f"{NS}Event") if one.get("type") == kind]


def _ref(event: Any) -> str:
    """The reference in the files of other recipients, of what another force quotes as it is written."""
    kept_as = {"INTELLIGENCE": "{}", "MISSING": "missing:{}", "RAIL": "btp:{}"}
    return ref_of(kept_as[event.get("type")].format(event.get("eventRef")))


def _seen(record: Any, one: Any) -> Content:
    (tie,) = [tie for tie in record.iterfind(f"{NS}Association") if tie.get("to") == one.get("id")]
    area = one.findtext(f"{NS}Area")
    return {"ref": ref_of(area), "area": area, "first": tie.get("first"), "last": tie.get("last")}


def _event(one: Any, *names: str) -> Content:
    pairs = [(name.split(":")[0], name.split(":")[-1]) for name in names]
    return {name: one.get("eventRef" if attribute == "ref" else attribute) for name, attribute in pairs}


def _line(record: Any, objects: dict[str, Any], one: Any) -> Content:
    (tie,) = [tie for tie in record.iterfind(f"{NS}Association") if tie.get("to") == one.get("id")]
    deal = objects.get(one.get("id").replace("line", "deal"))
    return {
        "ref": one.get("lineRef"),
        "line_name": one.get("name"),
        "kind": one.get("kind"),
        "deal_number": deal.findtext(f"{NS}TelephoneNumber") if deal is not None else None,
        "owner_force": one.get("ownerForce"),
        "status": one.get("status"),
        "role": tie.get("role"),
        "first": tie.get("first"),
        "last": tie.get("last"),
    }
