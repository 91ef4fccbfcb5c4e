"""How is a file of settings read, and what is wrong with one that cannot be used?

Site, recipients and table contracts are YAML files read into pydantic data classes that know every key and every value
they may have. What is wrong is one sentence: where, by its key, and what it has to be.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml
from pydantic import AfterValidator, ConfigDict, TypeAdapter, ValidationError

FORM = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Made = TypeVar("Made")


class Unusable(ValueError):
    """A file of settings that cannot be used; the message says where and why."""


class Lined(dict[Any, Any]):
    """A block of settings that knows in which line of its file each of its keys stands."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.lines: dict[Any, int] = dict(getattr(given[0], "lines", {})) if given else {}


LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


class _Once(LOADER):  # type: ignore[misc]
    """YAML in which no key stands twice: the second would take the first one's place without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if isinstance(key, str) and keys.count(key) > 1 and key != "<<"), None)
        if twice is not None:
            raise Unusable(f"{twice} stands twice, in line {node.start_mark.line + 1} or below")
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found

    def block(self, node: yaml.MappingNode) -> Iterator[Lined]:
        """A block, made in two steps as YAML's anchors need it."""
        made = Lined()
        yield made
        made.update(self.construct_mapping(node))
        made.lines.update(
            {key: mark.start_mark.line + 1 for mark, _ in node.value for key in made if key == mark.value}
        )


_Once.add_constructor("tag:yaml.org,2002:map", _Once.block)


def line_of(raw: Any, path: Iterable[Any]) -> str:
    """`line 7: `, where a setting of a file, or else the block around it, begins; empty where no line is known."""
    line = 0
    for key in path:
        if not isinstance(raw, Mapping) or key not in raw:
            break
        line = getattr(raw, "lines", {}).get(key, line)
        raw = raw[key]
    return f"line {line}: " if line else ""


def laid_over(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with one's own values laid over the common ones, block by block."""
    merged = Lined(common)
    for key, value in own.items():
        under = common.get(key)
        merged[key] = laid_over(under, value) if isinstance(value, dict) and isinstance(under, dict) else value
    merged.lines |= getattr(own, "lines", {})
    return merged


def unlined(raw: Any) -> Any:
    """The same settings without their lines: those of another file mean nothing in this one."""
    return {key: unlined(value) for key, value in raw.items()} if isinstance(raw, dict) else raw


UNANSWERED = "?"


def unanswered(raw: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Settings that wait for somebody's answer: their value is a question mark."""
    if raw == UNANSWERED:
        yield path
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from unanswered(value, (*path, str(key)))


def one_of(values: Iterable[str]) -> AfterValidator:
    """A value that has to be one of these words."""
    possible = tuple(values)

    def check(given: str) -> str:
        if given not in possible:
            raise ValueError(f"must be one of {', '.join(possible)}")
        return given

    return AfterValidator(check)


def expression(given: str) -> str:
    """A regular expression, as text; ValueError where it is none."""
    try:
        re.compile(given)
    except re.error:
        raise ValueError("must be a regular expression") from None
    return given


def settings_of(path: Path) -> dict[str, Any]:
    """The settings of a file; Unusable where it is no mapping in UTF-8."""
    try:
        return mapping_of(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Unusable("this is no text in UTF-8") from None


def _placed(text: str, found: yaml.MarkedYAMLError) -> yaml.MarkedYAMLError:
    """The error as PyYAML's own reader finds it, slowly but in its line: libyaml often names the one below."""
    try:
        yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        return error
    return found


def mapping_of(text: str) -> dict[str, Any]:
    """The settings in a YAML text by their names; Unusable where it is no YAML, or no list of `name: value`.

    An empty text has no settings.
    """
    try:
        raw = yaml.load(text, _Once)  # noqa: S506 (a safe loader)
    except yaml.MarkedYAMLError as found:
        error = _placed(text, found)
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Unusable(f"this is no YAML{line}: {error.problem or 'it cannot be read'}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Unusable(str(error) if isinstance(error, Unusable) else "this is no YAML that can be read") from None
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise Unusable("there have to be settings, each as `name: value` on a line of its own")
    odd = next((key for key in raw if not isinstance(key, str)), None)
    if odd is not None:
        raise Unusable(f"there is no setting {odd}")
    return raw


def made_of(kind: type[Made], raw: Mapping[str, Any], written: Any = None) -> Made:
    """A data class made of raw settings; Unusable with a sentence for each key that is wrong.

    `written` are the settings as the file has them, with their lines.
    """
    try:
        return TypeAdapter(kind).validate_python(raw)
    except ValidationError as error:
        sentences = dict.fromkeys(line_of(written, one["loc"]) + _sentence(one, kind) for one in error.errors())
        raise Unusable("; ".join(sentences)) from None


def _sentence(error: Any, kind: type) -> str:
    steps = (part for part in error["loc"] if not _is_of_a_choice(part))
    where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in steps)
    context, what = error.get("ctx", {}), error["type"]
    if what in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"there is no setting {where}{_perhaps(error['loc'], kind)}"
    if what == "missing":
        return f"{where} is missing"
    if what == "value_error":
        return f"{where} {context['error']}".strip()
    if what == "literal_error":
        return f"{where} must be one of {context['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    return f"{where} {_must(what, context)}"


def _is_of_a_choice(part: object) -> bool:
    """True of what pydantic adds to a place for one of several possible forms, or for a key instead of its value."""
    return part in ("str", "[key]") or str(part).startswith(("tuple[", "function-", "lax-or-strict"))


def _perhaps(place: tuple[Any, ...], kind: type) -> str:
    """The setting that was probably meant, where the settings of this block are known."""
    if len(place) != 1:
        return ""
    near = get_close_matches(str(place[0]), list(get_type_hints(kind)), 1, 0.75)
    return f"; perhaps {near[0]} is meant" if near else ""


def _must(what: str, context: Mapping[str, Any]) -> str:
    for start, sentence in _MUST.items():
        if what.startswith(start):
            return sentence.format(**context)
    return "has a value that is not possible"


_MUST = {
    "string_type": "must be text: write it in quotes",
    "dict_type": "must be a block of settings",
    "dataclass_type": "must be a block of settings",
    "tuple_type": "must be a list such as [A, B]",
    "too_short": "needs at least {min_length} entry",
    "int_": "must be a whole number",
    "float_": "must be a number",
    "finite_number": "must be a number",
    "bool_": "must be true or false",
    "date_": "must be a date such as 2022-05-03",
    "time_": "must be a time such as 18:30",
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
}
