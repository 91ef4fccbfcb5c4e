"""The prefill pack for a National Referral Mechanism referral: one child, for a trained first responder.

A person makes the referral, on the Home Office's own form; nothing here submits anything. The pack holds every field of
the form by its key. Only what structured, verified data can say is filled in, and that too is to be confirmed; the rest
is empty with the form's question. Narratives are never filled: copied text marks a poor referral. What they are written
from stands beside the form; a pack is sent again only where something of the form changed. Where a first night would
bring more packs than people can take up one by one, they come as a baseline: all packs of an authority in one file.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from expectations.plain import Row
from expectations.reference import codes, crosswalk
from transforms.export.document import Document, as_json, as_sheet, twin, words
from transforms.export.exporter import Drop, Exporter, first_sentences
from transforms.export.holdings import Operation
from transforms.export.meanings import readable

BACKGROUND = ("address", "postcode", "seen_areas", "chronology", "missing_now", "school")  # of the force's own staff
BASELINE, MOST_SINGLY = "baseline", 100
BASELINE_SCHEMA = "nrm_prefill_baseline"
PACKS = uuid.UUID("6b0f3f0e-6d0d-5c0f-9c57-0b7f6f3a1d10")


class Nrm(Exporter):
    """One JSON pack and one readable sheet a child; of a first night with many, one of each an authority."""

    schema = "nrm_prefill_pack"
    everywhere = True
    kind = "PREFILL"
    is_whole = False
    formats = ("json", "html")
    needs_fields = (
        *("given_names", "surname", "aliases", "date_of_birth", "dob_status", "age", "gender"),
        *("local_authority", "involvement"),
    )
    needs_settings = ("form",)

    def documents(self, drop: Drop) -> Iterator[Document]:
        """Packs of children who are new or of whom something changed; a new pack supersedes the child's last one."""
        disclosing = drop.disclosing
        if drop.is_full and len(disclosing) > MOST_SINGLY:
            for authority, ones in _by_authority(disclosing):
                yield from self._baseline(drop, authority, ones)
        else:
            packs = ((form, one) for form in self.formats for one in drop.as_form(form).disclosing)
            made = [self._singly(drop, one, form) for form, one in packs]
            yield from sorted(made, key=lambda document: document.part)

    def _singly(self, drop: Drop, one: Operation, form: str) -> Document:
        ref, pack = one.record.ref, self._pack(drop, one)
        content = as_json(pack) if form == "json" else self._readable(drop, [pack])
        is_of_the_week = bool(drop.digest) and form != "json"  # which sheet people read last no file says
        is_of_a_baseline = f"_{BASELINE}" in one.last_file  # which is of others, too
        supersedes = "" if is_of_the_week or is_of_a_baseline else twin(one.last_file, form)
        return Document(ref, form, content, self.kind, (ref,), supersedes)

    def _baseline(self, drop: Drop, authority: str, ones: Sequence[Operation]) -> Iterator[Document]:
        part, refs = f"{BASELINE}_{authority}", tuple(one.record.ref for one in ones)
        packs = [self._pack(drop, one) for one in ones]
        whole = {"schema": BASELINE_SCHEMA, "version": drop.recipient.version, **drop.about(), "packs": packs}
        yield Document(part, "json", as_json(whole), self.kind, refs)
        yield Document(part, "html", self._readable(drop, packs), self.kind, refs)

    def _pack(self, drop: Drop, one: Operation) -> dict[str, Any]:
        ref = one.record.ref
        pack = {
            "schema": self.schema,
            "version": drop.recipient.version,
            **drop.about(),
            "record_ref": ref,
            "former_ref": one.former_ref,
            "operation": one.operation,
            "sha256": one.record.sha256,
            "external_ref": external_ref(ref),
            "status": "READY_FOR_FIRST_RESPONDER",
            "fields": fields(drop, one),
        }
        pack["checks"] = checks(pack["fields"])
        pack["background"] = {name: one.record.content[name] for name in BACKGROUND if name in one.record.content}
        pack["accuracy_of_record"] = one.record.content["accuracy"]
        return pack

    def _readable(self, drop: Drop, packs: Sequence[Mapping[str, Any]]) -> bytes:
        """One pack, or the packs of a baseline, each under its child's name."""
        about: list[tuple[str, Any]] = _about(packs[0]) if len(packs) == 1 else [("Packs in this file", len(packs))]
        about += [("Not settled by any source", gap) for gap in drop.recipient.gaps]
        blocks = [(pack, _blocks(pack)) for pack in packs]
        records = blocks[0][1] if len(packs) == 1 else [one for pack, them in blocks for one in _under(pack, them)]
        lead = [drop.recipient.purpose, *first_sentences(drop)]
        title = "NRM prefill pack" if len(packs) > 1 else f"NRM prefill pack: {_whose(packs[0])}"
        return as_sheet(title, drop.recipient.marking, lead, records, about)


def _about(pack: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("Record ref", pack["record_ref"]),
        ("External ref", pack["external_ref"]),
        ("Status", words(pack["status"].lower())),
        ("As of", pack["as_of"]),
        ("How each fact is known", readable("accuracy", pack["accuracy_of_record"])),
    ]


def _under(pack: Mapping[str, Any], blocks: list[Row]) -> list[Row]:
    """A pack of a baseline under the name of its child; the name alone is listed at the head of the page."""
    head = {"heading": _whose(pack), "apart": True, "tables": [("about", _about(pack))]}
    return [head, *(block | {"unlisted": True} for block in blocks)]


def _whose(pack: Mapping[str, Any]) -> str:
    value = {row["key"]: row["value"] for row in pack["fields"]}
    name = f"{value['pv-name-last-name']}, {value['pv-name-first-name']}".strip(", ")
    return f"{name} ({pack['record_ref']})"


def _blocks(pack: Mapping[str, Any]) -> list[Row]:
    """What is known, the form page by page, and what to ask before it is submitted."""
    pages: dict[str, list[tuple[str, str]]] = {}
    for row in pack["fields"]:
        answer = f"{row['value']} (confirm)" if row["value"] else "For you to answer."
        only = f" Only where {_condition(row['only_when'])}." if row["only_when"] else ""
        pages.setdefault(row["page"].strip("/").replace("-", " "), []).append((row["prompt"], answer + only))
    known = [(name, readable(name, value)) for name, value in pack["background"].items() if value]
    checked = [(row["question"], row["answer"] or "For you to answer.") for row in pack["checks"]]
    background = {"heading": "What is known, to write the narratives from", "tables": [("background", known)]}
    form = {"heading": "The form, page by page", "tables": list(pages.items())}
    return [*([background] if known else []), form, {"heading": "Before you submit", "tables": [("checks", checked)]}]


def _condition(only_when: str) -> str:
    """When the form asks a question, in words: the names are those of its pages and answers."""
    return " ".join(
        re.sub("(?<!>)!?=", lambda sign: " is not " if sign[0] == "!=" else " is ", only_when).replace("-", " ").split()
    )


def _by_authority(operations: Sequence[Operation]) -> list[tuple[str, list[Operation]]]:
    """The operations by the home authority that may be told, as a part of a file's name."""
    found: dict[str, list[Operation]] = defaultdict(list)
    for one in operations:
        authority = one.record.content["local_authority"] or "not known"
        found[re.sub("[^a-z0-9]+", "_", authority.casefold())].append(one)
    return sorted(found.items())


def external_ref(ref: str) -> str:
    """The key against a double referral: the same for a child in every pack."""
    return str(uuid.uuid5(PACKS, ref))


def fields(drop: Drop, one: Operation) -> list[Row]:
    """Every field of the form for a child, in its order: key, page, prompt, and the value where there is one."""
    known = prefilled(drop, one)
    return [
        row | {"value": known[row["key"]], "fill": "confirm"} if known.get(row["key"]) else row for row in _empty_form()
    ]


@cache
def _empty_form() -> list[Row]:
    """The rows that nothing is known for: the same ones in every pack, because a first night has thousands of packs."""
    return [
        {
            "key": row["key"],
            "page": row["page"],
            "required": row["required"].startswith("R"),
            "only_when": row["only_when"],
            "prompt": row["question"] or f"{words(row['key'].replace('-', ' '))} (see the form)",
            "control": row["control"],
            "value": "",
            "fill": "first responder",
        }
        for row in codes("nrm_fields")
    ]


def prefilled(drop: Drop, one: Operation) -> dict[str, str | None]:
    """Values by field key; only keys that the form's table lets a machine prefill."""
    content, form = one.record.content, drop.recipient.settings["form"]
    is_verified = content["dob_status"] == "VERIFIED" and content["age"] is not None and content["age"] < 18
    authority = drop.site.local_authorities.get(content["local_authority"] or "")
    named = "local-authority-contacted-about-child-local-authority"
    return {
        "reference": one.record.ref,
        "user-organisation": drop.site.force_name,
        "fr-location": form["location"],
        "pv-under-age": "yes" if is_verified else "not-sure",
        f"{named}-name": authority.name if authority else None,
        f"{named}-phone": authority.phone if authority else None,
        f"{named}-email": authority.email if authority else None,
        "current-pv-location-uk-region": form["region"] if authority else None,
        "types-of-exploitation-forced-to-commit-crime": "yes" if content["involvement"] == "INVOLVED" else None,
        "pv-want-to-submit-nrm": "yes",
        "pv-name-first-name": content["given_names"],
        "pv-name-last-name": content["surname"],
        "pv-name-nickname": "; ".join(content["aliases"]),
        "pv-dob": content["date_of_birth"] if is_verified else None,
        "pv-gender": crosswalk("gender", "pole", "nrm").get(content["gender"] or ""),
        "fr-alternative-contact": drop.site.contact["email"],
    }


def checks(answers: list[Row]) -> list[dict[str, str]]:
    """The questions of a good referral; the machine answers only what it can see in the pack."""
    value = {row["key"]: row["value"] for row in answers}
    named = "local-authority-contacted-about-child-local-authority"
    seen = {
        "dob_verified": bool(value["pv-dob"]),
        "authority_contact": all(value[f"{named}-{part}"] for part in ("name", "phone", "email")),
        "second_contact": bool(value["fr-alternative-contact"]),
    }
    return [
        {"check": row["check"], "question": row["question"], "answer": _answer(seen, row)}
        for row in codes("nrm_checks")
    ]


def _answer(seen: Mapping[str, bool], row: Mapping[str, str]) -> str:
    return "" if row["who"] == "person" else "yes" if seen[row["check"]] else "no"
