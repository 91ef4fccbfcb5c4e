"""Is a file that was written what its contract says?

Reads the bytes back as the recipient would: schema, fields, marking, number of records. What it finds is a sentence
without any value of a record.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators  # type: ignore[import-untyped]
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from expectations.recipients import Recipient
from expectations.record import FIELDS
from expectations.schemas import json_schema, xsd
from transforms.export.document import words
from transforms.export.exporter import FACTS, LAST_LIST
from transforms.export.nrm import BASELINE_SCHEMA
from transforms.export.panel import PERPETRATORS
from transforms.export.pnd import SCHEMAS as PND_SCHEMAS

OWN_COLUMNS = "columns"  # the exporter, and the schema, of a recipient's own columns
OWN_SCHEMAS = ("nrm_prefill_pack", "correction_notices", "manifest")


def problems(recipient: Recipient, content: bytes, row: Mapping[str, Any]) -> list[str]:
    """What is wrong with a file, given its row of `outgoing`; nothing, where it may leave."""
    form = row["file"].rsplit(".", 1)[-1]
    if form not in _CHECKS:
        return [f"{form} is no format that we can read back"]
    try:
        found = _CHECKS[form](recipient, content, row)
    except (ValueError, LookupError, TypeError, etree.XMLSyntaxError, csv.Error, CalamineError):
        return [f"it cannot be read as {form}"]
    return found


def _json(recipient: Recipient, content: bytes, row: Mapping[str, Any]) -> list[str]:
    read = _each_once(content)
    if read["schema"] == OWN_COLUMNS:
        return _own_columns(recipient, read, row)
    if read["schema"] == BASELINE_SCHEMA:
        return _baseline(recipient, read, row)
    name = read["schema"] if read["schema"] in OWN_SCHEMAS else "drop"
    with _validator(name) as validator:
        found = [
            f"{'/'.join(map(str, error.absolute_path)) or 'the file'} breaks the rule {error.validator}"
            for error in validator.iter_errors(read)
        ]
    if read.get("marking") != recipient.marking:
        found.append("its marking is not the contract's")
    if name == "drop" and len(read["records"]) != row["records"]:
        found.append("its number of records is not the one announced")
    return found + _strangers(recipient, _fields_held(read))


def _each_once(content: bytes) -> Any:
    """What a JSON file holds; objects that say the same, and hold no others, are one.

    A first night's file holds the 96 rows of a form for every child, nearly all of them alike.
    """
    known: dict[tuple[Any, ...], dict[str, Any]] = {}

    def shared(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        try:
            return known.setdefault((*made, *made.values(), *map(type, made.values())), made)  # 1 is not true
        except TypeError:  # it holds others
            return made

    return json.loads(content, object_pairs_hook=shared)


def _baseline(recipient: Recipient, read: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """Every pack is as one by itself, and there are as many as announced."""
    marked = {pack["marking"] for pack in read["packs"]} | {read["marking"]}
    found = [] if marked == {recipient.marking} else ["its marking is not the contract's"]
    with _validator("nrm_prefill_pack") as validator:
        broken = sum(not validator.is_valid(pack) for pack in read["packs"])
    found += [f"{broken} of its packs break their schema"] if broken else []
    return found if len(read["packs"]) == row["records"] else [*found, "its number of records is not the one announced"]


def _own_columns(recipient: Recipient, read: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    found = [] if read["marking"] == recipient.marking else ["its marking is not the contract's"]
    headings = list(recipient.settings["columns"])
    if any(list(record) != headings for record in read["records"]):
        found.append("its columns are not those of the contract")
    return (
        found if len(read["records"]) == row["records"] else [*found, "its number of records is not the one announced"]
    )


_OF_PROGRAMS = (("Record ref", "Operation"), ("Accuracy", "As of", "Marking"))  # columns before and after the fields
_OF_PEOPLE = (("Record ref", LAST_LIST), ("Accuracy",))


def _headings(recipient: Recipient, around: tuple[tuple[str, ...], tuple[str, ...]]) -> list[str]:
    if recipient.exporter == OWN_COLUMNS:
        return list(recipient.settings["columns"])
    return [*around[0], *map(words, recipient.fields), *around[1]]


def _fields_held(read: Mapping[str, Any]) -> set[str]:
    """Names of the catalogue's fields that a JSON file holds, in its records and its notices."""
    groups = [group for record in read.get("records", []) for group in record.values() if isinstance(group, dict)]
    if read["schema"] == "correction_notices":
        groups += [notice["correct_values"] for notice in read["notices"]]
    return {name for group in groups for name in group} & FIELDS.keys()


def _strangers(recipient: Recipient, names: set[str]) -> list[str]:
    allowed = {*recipient.fields, *_always(recipient)}
    return [f"it holds {name}, which the contract does not give" for name in sorted(names - allowed)]


def _always(recipient: Recipient) -> tuple[str, ...]:
    """What is in every record, and what is disclosed of a suspect."""
    return (
        "accuracy",
        *(("given_names", "surname", "aliases", "date_of_birth") if recipient.settings.get("suspects") else ()),
    )


def _xml(recipient: Recipient, content: bytes, row: Mapping[str, Any]) -> list[str]:
    schema = _xml_schema(PND_SCHEMAS[recipient.version])
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    found = [] if schema.validate(root) else [f"line {error.line} breaks the schema" for error in schema.error_log]
    if root.get("marking") != recipient.marking:
        found.append("its marking is not the contract's")
    if root.get("recordCount") != str(row["records"]) or len(root.findall("{*}Record")) != row["records"]:
        found.append("its number of records is not the one announced")
    return found


def _csv(recipient: Recipient, content: bytes, row: Mapping[str, Any]) -> list[str]:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return _table(_headings(recipient, _OF_PROGRAMS), rows[0], rows[1:], row)


def _xlsx(recipient: Recipient, content: bytes, row: Mapping[str, Any]) -> list[str]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    rows = book.get_sheet_by_name(FACTS).to_python(skip_empty_area=False)
    children = [cells for cells in rows[2:] if any(cells)]
    found = [] if rows[0][0] == recipient.marking else ["its marking is not the contract's"]
    suspects = len(book.get_sheet_by_name(PERPETRATORS).to_python()) - 2 if PERPETRATORS in book.sheet_names else 0
    return found + _table(
        _headings(recipient, _OF_PEOPLE), rows[1], children, {**row, "records": row["records"] - suspects}
    )


def _table(headings: list[str], header: list[Any], rows: list[list[Any]], row: Mapping[str, Any]) -> list[str]:
    found = [] if header == headings else ["its columns are not those of the contract"]
    return found if len(rows) == row["records"] else [*found, "its number of records is not the one announced"]


def _html(recipient: Recipient, content: bytes, _row: Mapping[str, Any]) -> list[str]:
    marked, scripts = [], 0
    looked_at = etree.iterparse(io.BytesIO(content), tag=("p", "script", "section"), html=True, encoding="utf-8")
    for _, part in looked_at:
        scripts += part.tag == "script"
        marked += [part.text] if part.tag == "p" and part.items() == [("class", "marking")] else []
        if part.tag == "section":
            part.clear()  # the page of a first night has a section for each child: they are not all held at once
    found = [] if marked == [recipient.marking] * 2 else ["its marking does not stand at the top and at the bottom"]
    return [*found, "it holds a script"] if scripts else found


_CHECKS: dict[str, Callable[[Recipient, bytes, Mapping[str, Any]], list[str]]] = {
    "json": _json,
    "xml": _xml,
    "csv": _csv,
    "xlsx": _xlsx,
    "html": _html,
}


@contextmanager
def _validator(name: str) -> Iterator[Draft202012Validator]:
    """The validator of a schema for one file: what was found sound in another is forgotten."""
    once, validator = _of_schema(name)
    try:
        yield validator
    finally:
        once.sound.clear()


@cache
def _of_schema(name: str) -> tuple["_Once", Draft202012Validator]:
    once, schema = _Once(json_schema(name)), json_schema(name)
    rules = {"items": once.items, "properties": once.properties, "$ref": once.ref}
    return once, validators.extend(Draft202012Validator, {**rules, "additionalProperties": once.others})(schema)


class _Once:
    """Four rules of JSON Schema, but what was found sound is not looked at again; no array of ours has a prefix.

    To look at each row of a form again, and to make a validator for each look, took a third of export.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.definitions = schema.get("$defs", {})
        self.sound: set[tuple[int, Any]] = set()
        self.validators: dict[int, Draft202012Validator] = {}

    def items(self, validator: Draft202012Validator, rule: Any, found: Any, _: Any) -> Iterator[ValidationError]:
        """The errors of an array's items."""
        for place, one in enumerate(found if isinstance(found, list) else []):
            yield from self._errors(validator, rule, one, place)

    def properties(self, validator: Draft202012Validator, rules: Any, found: Any, _: Any) -> Iterator[ValidationError]:
        """The errors of an object's fields."""
        for name, rule in rules.items() if isinstance(found, dict) else ():
            if name in found:
                yield from self._errors(validator, rule, found[name], name)

    def others(self, validator: Draft202012Validator, rule: Any, found: Any, within: Any) -> Iterator[ValidationError]:
        """The errors of an object's fields that its rules do not name."""
        if rule is False or not isinstance(found, dict):
            yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, rule, found, within) or ()
            return
        for name in found.keys() - within.get("properties", {}).keys():
            yield from self._errors(validator, rule, found[name], name)

    def ref(self, validator: Draft202012Validator, to: str, found: Any, _: Any) -> Iterator[ValidationError]:
        """The errors of a value by a rule that has a name."""
        yield from self._by(validator, self.definitions[to.removeprefix("#/$defs/")]).iter_errors(found)

    def _errors(
        self, validator: Draft202012Validator, rule: Any, one: Any, path: str | int
    ) -> Iterator[ValidationError]:
        mark = id(rule), id(one) if isinstance(one, dict | list) else (type(one), one)
        if mark in self.sound:
            return
        is_sound = True
        for error in self._by(validator, rule).iter_errors(one):
            is_sound = False
            error.path.appendleft(path)
            yield error
        self.sound |= {mark} if is_sound else set()

    def _by(self, validator: Draft202012Validator, rule: Any) -> Draft202012Validator:
        if id(rule) not in self.validators:
            self.validators[id(rule)] = validator.evolve(schema=rule)
        return self.validators[id(rule)]


@cache
def _xml_schema(name: str) -> Any:
    return etree.XMLSchema(etree.fromstring(xsd(name)))
