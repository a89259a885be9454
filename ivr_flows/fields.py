"""The schema of nodes: what each field is read from, what it may be, and what it means.

A node kind is a dataclass whose attributes are declared with `spec`; its reader turns a `Raw` YAML
value into the attribute's value or raises `Wrong` with what is wrong and what to do.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from ivr_flows.expressions import (
    Expression,
    ExpressionError,
    Template,
    Text,
    compile_expression,
    compile_template,
)
from ivr_flows.flow import Finding, Use, public
from ivr_flows.yaml_tree import Raw

T = TypeVar("T")
KNOWN_NAMES: Final = frozenset({"customer", "contact", "company", "line", "now", "language"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_REQUIRED: Final = object()


class Wrong(Exception):
    """A value that its field does not take."""

    def __init__(self, message: str, remedy: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message, self.remedy, self.line = message, remedy, line


class Reading:
    """Where the loader stands, and all that it has found so far."""

    def __init__(self, file: str, flow: str) -> None:
        self.file, self.flow = file, flow
        self.node = self.field = ""
        self.languages: tuple[str, ...] = ()
        self.defaults: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self.lines: dict[tuple[str, str], int] = {}
        self.uses: list[Use] = []
        self.saved: set[str] = set()

    def note(self, line: int, message: str, remedy: str = "", level: str = "error") -> None:
        """Keep a finding about the present node and field."""
        self.findings.append(
            Finding(level, self.flow, message, self.node, self.field, self.file, line, remedy)
        )

    def uses_names(self, line: int, names: frozenset[str]) -> None:
        """Keep the names that a template of the present field uses."""
        if names:
            self.uses.append(Use(self.node, self.field, line, names))


Reader = Callable[[Raw, Reading], T]


@dataclasses.dataclass(frozen=True, slots=True)
class Spec:
    """How one field is read. ``target`` is set for exits: the field or special exit it falls back to.

    ``at_once``: the exit can be taken with no wait before it, though the node waits.
    ``quiet``: the exit is taken when the customer says nothing.
    """

    read: Reader[Any]
    doc: str
    required: bool
    target: str | None = None
    at_once: bool = False
    quiet: bool = False


def spec(read: Reader[Any], doc: str, default: Any = _REQUIRED) -> Any:
    """A field of a node; without ``default`` it must be written."""
    required = default is _REQUIRED
    described = Spec(read, doc, required)
    return dataclasses.field(default=None if required else default, metadata={"spec": described})


def way(doc: str, default: str | None = None, *, at_once: bool = False, quiet: bool = False) -> Any:
    """A field that is an exit. ``default``: the other exit, `PERSON` or `END` it is when left out."""
    described = Spec(name, doc, default is None, default or "", at_once, quiet)
    return dataclasses.field(default="", metadata={"spec": described})


def closest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """ "did you mean 'x'?" for the nearest of ``known``, else ``otherwise``."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else otherwise


def read_fields(
    kind: type[T],
    raw: Raw,
    reading: Reading,
    *,
    extra: Iterable[str] = (),
    defaults: Mapping[str, Any] | None = None,
) -> T | None:
    """The dataclass ``kind`` from a mapping; every mistake is noted, and None says there was one.

    ``extra`` names fields that somebody else reads, ``defaults`` the values of fields that are not written.
    """
    if not isinstance(raw.value, dict):
        raise Wrong(f"expected a mapping and found {raw.kind()}", "indent its fields below it")
    path, before = reading.field, len(reading.findings)
    prefix = f"{path}." if path else ""
    specs: dict[str, Spec] = {
        f.name: f.metadata["spec"]
        for f in dataclasses.fields(kind)  # type: ignore[arg-type]  # every T is a dataclass
        if "spec" in f.metadata
    }
    values: dict[str, Any] = {}
    written = {_attribute(name): item for name, item in raw.value.items() if name not in extra}
    for attribute, item in written.items():
        reading.field = prefix + public(attribute)
        reading.lines[(reading.node, reading.field)] = item.line
        if attribute not in specs:
            known = [public(name) for name in specs]
            remedy = closest(public(attribute), known, f"its fields are {', '.join(known)}")
            reading.note(item.line, f"there is no field '{public(attribute)}' here", remedy)
            continue
        try:
            values[attribute] = specs[attribute].read(item, reading)
        except Wrong as wrong:
            reading.note(wrong.line or item.line, wrong.message, wrong.remedy)
    for attribute, described in specs.items():
        if attribute in written:
            continue
        if defaults and attribute in defaults:
            values[attribute] = defaults[attribute]
        elif described.required:
            reading.field = prefix + public(attribute)
            reading.note(raw.line, "it is missing", described.doc)
    reading.field = path
    failed = any(f.level == "error" for f in reading.findings[before:])
    return None if failed else kind(**values)


def _attribute(field: str) -> str:
    return f"{field}_" if field in ("else", "exits", "pass") else field


# --- readers -----------------------------------------------------------------------------------


def string(raw: Raw, _: Reading) -> str:
    """Text as written."""
    if not isinstance(raw.value, str):
        raise Wrong(f"expected text and found {raw.kind()}", "write it on one line or quote it")
    return raw.value


def name(raw: Raw, reading: Reading) -> str:
    """A name of a node, flow, queue, calendar or variable."""
    text = string(raw, reading)
    if not re.fullmatch(r"[\w.:-]{1,64}", text, re.ASCII):
        raise Wrong(f"{raw.kind()} is not a name", "use letters, digits and _, up to 64 of them")
    return text


def saved_as(raw: Raw, reading: Reading) -> str:
    """The variable that a node saves into."""
    text = string(raw, reading)
    if not _NAME.fullmatch(text):
        raise Wrong(f"{raw.kind()} is not a name for a variable", "use letters, digits and _")
    if text in KNOWN_NAMES:
        raise Wrong(f"'{text}' is a name of the engine's own", f"call it my_{text}")
    reading.saved.add(text)
    return text


def boolean(raw: Raw, _: Reading) -> bool:
    """true or false."""
    if raw.value in ("true", "false"):
        return raw.value == "true"
    raise Wrong(f"expected true or false and found {raw.kind()}")


def integer(low: int, high: int) -> Reader[int]:
    """A whole number from ``low`` to ``high``."""

    def read(raw: Raw, _: Reading) -> int:
        value = raw.data()
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise Wrong(f"expected a whole number from {low} to {high} and found {raw.kind()}")
        return value

    return read


def number(low: float, high: float) -> Reader[float]:
    """A number from ``low`` to ``high``."""

    def read(raw: Raw, _: Reading) -> float:
        value = raw.data()
        if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
            raise Wrong(f"expected a number from {low:g} to {high:g} and found {raw.kind()}")
        return float(value)

    return read


def one_of(*allowed: str) -> Reader[str]:
    """One of a few words."""

    def read(raw: Raw, reading: Reading) -> str:
        text = string(raw, reading)
        if text not in allowed:
            raise Wrong(f"{raw.kind()} is not one of {', '.join(allowed)}", closest(text, allowed))
        return text

    return read


def keys(raw: Raw, reading: Reading) -> str:
    """One or more telephone keys."""
    text = string(raw, reading)
    if not re.fullmatch(r"[0-9*#]{1,8}", text):
        raise Wrong(f"{raw.kind()} is not a key", 'use 0-9, * and #, in quotes: "1"')
    return text


def _compiled(source: str, raw: Raw, reading: Reading) -> Template:
    try:
        template = compile_template(source)
    except ExpressionError as error:
        raise Wrong(
            f"the template does not compile: {error}", "see docs/flows.md, Templates", raw.line
        ) from error
    reading.uses_names(raw.line, template.names)
    return template


def template(raw: Raw, reading: Reading) -> Template:
    """A text with {{ }} that does not depend on the language."""
    return _compiled(string(raw, reading), raw, reading)


def expression(raw: Raw, reading: Reading) -> Expression:
    """A Jinja2 expression."""
    source = string(raw, reading)
    try:
        compiled = compile_expression(source)
    except ExpressionError as error:
        raise Wrong(f"the expression does not compile: {error}", "see docs/flows.md, Templates") from error
    reading.uses_names(raw.line, compiled.names)
    return compiled


def value(raw: Raw, reading: Reading) -> Template | Expression:
    """A template, or after ``=`` an expression whose value keeps its type."""
    source = string(raw, reading)
    if source.lstrip().startswith("="):
        return expression(Raw(source.lstrip()[1:].strip(), raw.line, raw.quoted), reading)
    return template(raw, reading)


def text(raw: Raw, reading: Reading) -> Text:
    """What the customer hears or reads, in every language of the flow."""
    if isinstance(raw.value, str):
        compiled = _compiled(raw.value, raw, reading)
        if len(reading.languages) > 1 and re.search(r"[^\W\d_]", _spoken(raw.value)):
            reading.note(
                raw.line,
                f"one text for {len(reading.languages)} languages",
                "write {" + ", ".join(f"{tag}: ..." for tag in reading.languages) + "}",
            )
        return Text({"": compiled} if len(reading.languages) != 1 else {reading.languages[0]: compiled})
    if not isinstance(raw.value, dict):
        raise Wrong(f"expected text and found {raw.kind()}", "write a text or {language: text}")
    parts: dict[str, Template] = {}
    for tag, item in raw.value.items():
        if tag not in reading.languages:
            raise Wrong(
                f"'{tag}' is not a language of this flow",
                closest(tag, reading.languages, f"its languages are {', '.join(reading.languages)}"),
                item.line,
            )
        parts[tag] = _compiled(string(item, reading), item, reading)
    missing = [tag for tag in reading.languages if tag not in parts]
    if missing:
        reading.note(raw.line, f"no text in {', '.join(missing)}", "translate it")
    if not parts:
        raise Wrong("no text in any language")
    return Text(parts)


def _spoken(source: str) -> str:
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", source, flags=re.DOTALL)


def words(raw: Raw, reading: Reading) -> dict[str, tuple[str, ...]]:
    """Words by language, or one list for all languages."""
    listed = list_of(string)
    if isinstance(raw.value, dict):
        unknown = [tag for tag in raw.value if tag not in reading.languages]
        if unknown:
            raise Wrong(
                f"'{unknown[0]}' is not a language of this flow", closest(unknown[0], reading.languages)
            )
        return {tag: listed(item, reading) for tag, item in raw.value.items()}
    return {"": listed(raw, reading)}


def list_of(read: Reader[T], at_least: int = 0) -> Reader[tuple[T, ...]]:
    """A list; one value alone is a list of one."""

    def read_list(raw: Raw, reading: Reading) -> tuple[T, ...]:
        items = raw.value if isinstance(raw.value, list) else [raw]
        path = reading.field
        values = []
        for index, item in enumerate(items):
            reading.field = f"{path}[{index + 1}]" if isinstance(raw.value, list) else path
            reading.lines[(reading.node, reading.field)] = item.line
            try:
                values.append(read(item, reading))
            except Wrong as wrong:
                reading.note(wrong.line or item.line, wrong.message, wrong.remedy)
        reading.field = path
        if len(items) < at_least:
            raise Wrong(f"expected at least {at_least} of them")
        return tuple(values)

    return read_list


def group(kind: type[T]) -> Reader[T | None]:
    """A mapping with fields of its own, such as a choice of a menu."""
    return lambda raw, reading: read_fields(kind, raw, reading)


def mapping_of(read: Reader[T], key: Reader[str] = string) -> Reader[dict[str, T]]:
    """Names to values."""

    def read_mapping(raw: Raw, reading: Reading) -> dict[str, T]:
        if not isinstance(raw.value, dict):
            raise Wrong(f"expected name: value pairs and found {raw.kind()}")
        path, made = reading.field, {}
        for entry, item in raw.value.items():
            reading.field = f"{path}.{entry}"
            reading.lines[(reading.node, reading.field)] = item.line
            made[key(Raw(entry, item.line), reading)] = read(item, reading)
        reading.field = path
        return made

    return read_mapping


def body(raw: Raw, reading: Reading) -> Any:
    """Lists and mappings of any depth with a template or ``= expression`` at each end."""
    if isinstance(raw.value, dict):
        return {entry: body(item, reading) for entry, item in raw.value.items()}
    if isinstance(raw.value, list):
        return [body(item, reading) for item in raw.value]
    if not isinstance(raw.data(), str):
        return raw.data()
    return value(raw, reading)
