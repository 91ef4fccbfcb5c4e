"""What does a file that left say that its recipient may not know?

Opens a file as its recipient would, and judges every word of it against what the force was given: the source's own
rows, not the pipeline's picture of them. It shares no rule on who may know what with the code that wrote the file.
"""

import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree, html
from openpyxl import load_workbook

from expectations.recipients import Recipient
from expectations.record import FIELDS
from night.run import Run
from tests.export.a_replay import asked, rows
from transforms.export.document import words as in_words
from transforms.export.records import record_ref
from transforms.export.shareable import COARSE, ref_of

RUN_OF_WORDS = 4  # so many words of a report's text, one after the other, are a piece of it
PARTS = (
    *("full", "delta", "names", "tracker", "children", "notices_of_concern", "guardian_referrals", "rail_referrals"),
    *("corrections", "manifest", "CL-31-[0-9A-F]{12}"),
)
TOLD = {"CREATE", "UPDATE"}
TOLD_IN_WORDS = {"new", "changed", "as before", "new reference"}
REF = re.compile(r"\b(?:CL|SU)-31-[0-9A-F]{12}\b")
VALUES = ("address", "postcode", "telephone", "pnc_id", "school", "date_of_birth")  # that are looked for as such
JUDGED = (*VALUES, "given_names", "surname")  # that must stand in a record that may be told

Words = tuple[str, ...]


def words_of(text: str) -> Words:
    return tuple(re.findall(r"\w+", text.casefold()))


# ---- a file, as its recipient opens it


def said(form: str, content: bytes) -> Iterator[str]:
    """Every text of a file, in whatever corner of it."""
    if form == "json":
        yield from _json_texts(json.loads(content))
    elif form == "xml":
        yield from _markup(etree.fromstring(content))
    elif form == "html":
        yield from _markup(html.fromstring(content.decode()))
    elif form == "csv":
        yield from (cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) for cell in row)
    else:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            for member in book.namelist():
                yield from _markup(etree.fromstring(book.read(member)))


def _json_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield str(name)
            yield from _json_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _json_texts(item)
    elif value is not None:
        yield str(value)


def _markup(root: Any) -> Iterator[str]:
    for element in root.iter():
        if element.tag != "style":
            yield from (text for text in (element.text, element.tail, *element.attrib.values()) if text)


def fields_named(form: str, content: bytes) -> set[str]:
    """Names of the catalogue's fields that a file has a place for, in its records and its corrections."""
    if form == "json":
        read = json.loads(content)
        groups = [group for record in read.get("records", []) for group in record.values() if isinstance(group, dict)]
        groups += [notice["correct_values"] for notice in _notices(read)]
        return {name for group in groups for name in group} & FIELDS.keys()
    if form == "xml":
        return set()
    titles = {in_words(name): name for name in FIELDS if name != "status"}  # every sheet of a pack has a status
    return {titles[text.strip()] for text in said(form, content) if text.strip() in titles}


def _notices(read: dict[str, Any]) -> list[dict[str, Any]]:
    return read["notices"] if read["schema"] == "correction_notices" else []


def told(form: str, content: bytes) -> set[str]:
    """The references of the records that a file tells something of."""
    if form == "json":
        read = json.loads(content)
        records = [one["record_ref"] for one in read.get("records", []) if one["operation"] in TOLD]
        told_right = [n["merged_into"] or n["record_ref"] for n in _notices(read) if n["correct_values"]]
        return {*records, *told_right, *([read["record_ref"]] if "fields" in read else [])}
    if form == "xml":
        records = [one for one in etree.fromstring(content).iterfind("{*}Record") if one.get("operation") in TOLD]
        return {one.get("urn").rsplit("/", 1)[-1] for one in records}
    if form == "html":
        page = html.fromstring(content.decode())
        heads = [f"{head.text_content()}" for head in page.iter("h2")]
        packs = [row.text_content() for row in page.iter("tr") if "Record ref" in row.text_content()]
        is_pack = "form, page by page" in " ".join(heads)
        named = (
            packs if is_pack else [head for head in heads if head.endswith((": new", ": changed", ": new reference"))]
        )
        return {ref for text in named for ref in REF.findall(text)}
    told_by = TOLD if form == "csv" else TOLD_IN_WORDS
    return {
        row[0] for row in _table(form, content) if REF.fullmatch(row[0]) and row[1].removesuffix(", missing") in told_by
    }


def _table(form: str, content: bytes) -> list[list[str]]:
    """The rows of the sheet that has all facts."""
    if form == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    page = load_workbook(io.BytesIO(content))["Children"]
    return [[cell or "" for cell in row] for row in page.iter_rows(values_only=True)]


# ---- what the force was given


class Given:
    """The source's free texts, places and lines, and the values of its people, as runs of words by their kind."""

    def __init__(self, force: Path) -> None:
        self.force = force
        self.decisions = rows(force / "decisions.csv")
        self.phrases: dict[Words, set[str]] = defaultdict(set)
        self.numbers: dict[str, str] = {}
        self.aliases: set[Words] = set()
        self._seen: dict[str, frozenset[str]] = {}
        self._people([*asked(force, "SELECT * FROM report_subject"), *rows(force / "opening_tracker.csv")])
        self._intelligence()
        self._feeds()

    def _intelligence(self) -> None:
        for report in asked(self.force, "SELECT * FROM intelligence_report"):
            self._text(report["title"], report["text"], report["handling_conditions"])
            self._put("location", report["location"])
        for line in asked(self.force, "SELECT * FROM county_line WHERE kind = 'IDENTIFIED'"):
            self._put("lines", line["line_name"])
            self.numbers.setdefault(line["deal_number"][-9:], "lines")
        self._text(*(text for row in self.decisions for text in (row["reason"], row["value"])))

    def _feeds(self) -> None:
        for path in sorted((self.force / "inbox").glob("*.csv")):
            for row in rows(path):
                self._text(row.get("circumstances"), row.get("found_place"))
                self._put("rail", row.get("station"))
                self._put("rail", row.get("journey"))

    def _people(self, subjects: list[dict[str, Any]]) -> None:
        own = set()
        for subject in subjects:
            alias = words_of(subject["alias"] or "")
            self.aliases |= set(_runs(alias)) | {alias}
            own.add(re.sub(r"\D", "", subject.get("telephone") or "")[-9:])
            for name in VALUES:
                if len(words_of(subject.get(name) or "")) > 1 or name in ("telephone", "pnc_id"):
                    self._put(name, subject.get(name))
        self.numbers |= {number: "telephone" for number in own if number}

    def _put(self, kind: str, text: str | None) -> None:
        phrase = words_of(text or "")
        if phrase and phrase not in self.aliases:
            self.phrases[phrase].add(kind)

    def _text(self, *texts: str | None) -> None:
        for text in texts:
            for run in _runs(words_of(text or "")):
                if run not in self.aliases:  # hostile text comes as an alias, too, and an alias may be told
                    self.phrases[run].add("text")

    @cached_property
    def _by_first(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for phrase in self.phrases:
            found[phrase[0]].add(len(phrase))
        return found

    def kinds_in(self, text: str) -> frozenset[str]:
        """What a text of a file is made of, by the kinds of what the force was given."""
        if text not in self._seen:
            found = set()
            words = words_of(text)
            for start, first in enumerate(words):
                for length in self._by_first.get(first, ()):
                    found |= self.phrases.get(words[start : start + length], set())
            digits = re.sub(r"\D", "", text)
            found |= {kind for number, kind in self.numbers.items() if number in digits}
            self._seen[text] = frozenset(found)
        return self._seen[text]


def _runs(words: Words) -> Iterator[Words]:
    return (words[start : start + RUN_OF_WORDS] for start in range(len(words) - RUN_OF_WORDS + 1))


@dataclass
class Reader:
    """Judges the files of one night by what was given up to then."""

    given: Given
    run: Run

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        """The children of the night by record reference."""
        return {record_ref("31", row["person_id"]): row for row in self.run.rows("reconcile", "child")}

    @cached_property
    def mentions(self) -> dict[str, dict[str, Any]]:
        return {row["mention_key"]: row for row in self.run.rows("normalise", "mention")}

    @cached_property
    def reports(self) -> dict[str, dict[str, Any]]:
        return {row["report_ref"]: row for row in self.run.rows("normalise", "report")}

    @cached_property
    def closed(self) -> dict[str, str]:
        """Records of which nothing may be told to anybody, and why, by the decisions and the birthdays themselves."""
        person = {row["mention_key"]: row["person_id"] for row in self.run.rows("link", "person")}
        found: dict[str, dict[str, bool]] = defaultdict(dict)
        for row in sorted(self.given.decisions, key=lambda row: row["decided_at"]):
            if row["decided_at"][:10] < self.run.as_of.isoformat() and row["mention_key"] in person:
                marks = found[record_ref("31", person[row["mention_key"]])]
                for mark in ("RESTRICT", "DISPUTE"):
                    if row["action"] in (mark, f"UN{mark}"):
                        marks[mark] = row["action"] == mark
                if row["action"] == "SUSPECT_EVIDENCE":
                    marks["SUSPECT"] = True
        shut = {
            ref: next(mark for mark, on in marks.items() if on) for ref, marks in found.items() if any(marks.values())
        }
        return shut | {ref: "ADULT" for ref, row in self.people.items() if self._is_adult(row)}

    def _is_adult(self, row: dict[str, Any]) -> bool:
        """By a date that settles it; by any other the person is presumed a child (Modern Slavery Act 2015 s.51)."""
        born, night = row["date_of_birth"], self.run.as_of
        if row["dob_status"] not in ("VERIFIED", *self.run.site.ages_out_by_itself):
            return False
        return born is not None and (night.year - born.year, night.month, night.day) >= (18, born.month, born.day)

    def leaks(self, recipient: Recipient, name: str, content: bytes) -> list[str]:
        """What is wrong with a file of the night; nothing, as it should be."""
        form = name.rsplit(".", 1)[-1]
        wrong = [] if self._is_neutral(recipient, name) else ["the file's name says more than it may"]
        stranger = fields_named(form, content) - {*recipient.fields, "accuracy"}
        if recipient.settings.get("suspects"):
            stranger -= {"given_names", "surname", "aliases"}
        wrong += [f"it has a place for {field}" for field in sorted(stranger)]
        kinds = {kind for text in said(form, content) for kind in self.given.kinds_in(text)}
        wrong += [f"it says something of the kind {kind}" for kind in sorted(kinds) if not _may_have(recipient, kind)]
        refs = told(form, content)
        wrong += [f"it tells of a closed record: {self.closed[ref]}" for ref in sorted(refs & self.closed.keys())]
        wrong += ["it tells of nobody known" for ref in refs if ref.startswith("CL-") and ref not in self.people]
        return wrong

    def _is_neutral(self, recipient: Recipient, name: str) -> bool:
        stem = f"31_{recipient.name}_{self.run.as_of:%Y%m%d}"
        return re.fullmatch(rf"{stem}_\d{{6}}_({'|'.join(PARTS)})\.(json|xml|csv|xlsx|html)", name) is not None

    # ---- a record that a recipient holds after the night's files

    def unfounded(self, recipient: Recipient, ref: str, content: dict[str, Any]) -> list[str]:
        """Values of a record that no mention says which may be told to the recipient, and no decision."""
        child = self.people[ref]
        mentions = [self.mentions[key] for key in child["mention_keys"]]
        open_ones = [one for one in mentions if one["role"] == "CHILD" and self.may_be_told(one, recipient)]
        wrong = []
        for name in JUDGED:
            told_value = content.get(name)
            how = recipient.fields.get(name, "exact")
            may = {COARSE[how](str(one[name])) for one in open_ones if one[name] is not None} | self._decided(
                child, name
            )
            if told_value and told_value not in may:
                wrong.append(f"{name} rests on nothing that may be told")
        reports = {ref_of(one["record_ref"]) for one in open_ones if one["source"] == "intelligence"}
        if not {event["ref"] for event in content.get("reports") or [] if isinstance(event, dict)} <= reports:
            wrong.append("it names a report that may not be told")
        if (content.get("report_count") or 0) > len(reports):
            wrong.append("it counts a report that may not be told")
        return wrong

    def _decided(self, child: dict[str, Any], name: str) -> set[str]:
        if name != "date_of_birth":
            return set()
        keys = set(child["mention_keys"])
        values = {
            row["value"] for row in self.given.decisions if row["action"] == "SET_DOB" and row["mention_key"] in keys
        }
        return values | {value[:7] for value in values}

    def may_be_told(self, mention: dict[str, Any], recipient: Recipient) -> bool:
        """The rules of the sources and of the contract, said once more and in another way than the exporter does."""
        if mention["withdrawn"] or mention["source"] not in recipient.release.sources:
            return False
        report = self.reports.get(mention["record_ref"]) if mention["source"] == "intelligence" else None
        grade = report["grade"] if report else mention["grade"]
        if grade is None:
            return mention["source"] in ("opening", "missing_episodes", "panel_outcomes", "sca_referrals")
        if "3" in grade[0] or "E" in grade[1] or ((grade[0] == "D" or grade[1] == "5") and grade[2].isdigit()):
            return False
        if grade[2] not in recipient.release.handling:
            return False
        if grade[2] not in "C5":
            return report is None or report["withdrawn_at"] is None
        if report is None or report["action_code"] == "A1":
            return False
        if report["sanitisation_code"] == "S2" and not self._is_approved(report, recipient):
            return False
        return report["handling_conditions"] in recipient.release.conditions

    def _is_approved(self, report: dict[str, Any], recipient: Recipient) -> bool:
        return any(
            one.report == report["report_ref"] and one.version == report["version"] and recipient.name in one.recipients
            for one in self.run.site.originator_approvals
        )


def _may_have(recipient: Recipient, kind: str) -> bool:
    if kind in VALUES:
        return recipient.fields.get(kind) == "exact"
    return kind in recipient.fields


def files_of(left: Any) -> Iterable[tuple[str, str, bytes]]:
    """(recipient, file name, bytes) of everything that left in a night."""
    for path, content in sorted(left.files.items()):
        recipient, _, name = path.partition("/")
        yield recipient, name, content
