"""Templates and expressions of a flow: sandboxed Jinja2, compiled once when the flow is loaded.

A flow is written by an operator and filled with what strangers say, so a template sees plain
values only. It has no methods but a few of text and dates, no loops over more than `MOST_ITEMS`
items, and no operation whose result can be out of proportion to what it was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from ivr_flows import filters

LONGEST_SOURCE: Final = 4_000
LONGEST_RESULT: Final = 10_000
MOST_ITEMS: Final = 100
DEEPEST_LOOP: Final = 2

_METHODS: Final[dict[type, frozenset[str]]] = {
    str: frozenset({"lower", "upper", "strip", "startswith", "endswith", "isdigit"}),
    datetime: frozenset({"year", "month", "day", "hour", "minute", "weekday", "isoweekday"}),
    LoopContext: frozenset({"index", "index0", "first", "last", "length", "revindex"}),
}
_FORBIDDEN: Final = (
    nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends,
    nodes.Block, nodes.AssignBlock, nodes.FilterBlock,
)  # fmt: skip
_RESERVED: Final = frozenset({"self", "super", "caller"})
_OPERATORS: Final = frozenset({"+", "*", "**", "%"})


class _Strict(Undefined):
    """An unknown name: false in a test, an error where it is shown or looked into."""

    __slots__ = ()
    __str__ = __iter__ = __len__ = Undefined._fail_with_undefined_error


class _Refused(SecurityError):
    """An operation that the sandbox does not carry out; the message names no values."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = _OPERATORS

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``a.b``: an entry of a mapping or a permitted method, and nothing else of the object."""
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if attribute in _METHODS.get(type(obj), ()):
            return getattr(obj, attribute)
        if isinstance(obj, Undefined):
            return obj if isinstance(obj, ChainableUndefined) else obj[attribute]
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``a[b]``: an entry; never an attribute."""
        try:
            return obj[argument]
        except (LookupError, TypeError):
            # The entry's name may be a customer's answer, so it is not in the message.
            return self.undefined(hint="an entry that it looks up is not there")

    def is_safe_callable(self, obj: Any) -> bool:
        """Only what `getattr` hands out and `range`: nothing that arrives in a variable."""
        return obj is _range or getattr(obj, "__name__", "") in (_METHODS[str] | _METHODS[datetime])

    def call_binop(self, context: JinjaContext, operator: str, left: Any, right: Any) -> Any:
        """``+ * % **`` where the result stays small; text is joined, never multiplied."""
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "+" and not numbers:
            if isinstance(left, str) and isinstance(right, str):
                return (left + right)[:LONGEST_RESULT]
            raise _Refused("+ adds two numbers or joins two texts")
        if not numbers or operator == "**" or max(abs(left), abs(right)) > 1e15:
            raise _Refused(f"{operator} is for numbers of ordinary size")
        return super().call_binop(context, operator, left, right)


def _range(*bounds: int) -> range:
    return range(*bounds)[:MOST_ITEMS]


class _Limits(NodeTransformer):
    """Puts every loop and every ``~`` behind a filter that bounds it."""

    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - Jinja2's visitor names
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "bounded", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        parts = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(parts, "concat", [], [], None, None, lineno=node.lineno)


def _environment(undefined: type[Undefined]) -> _Sandbox:
    environment = _Sandbox(undefined=undefined, autoescape=False, keep_trailing_newline=False)
    builtin = {name: environment.filters[name] for name in filters.BUILT_IN}
    environment.filters = {**builtin, **filters.OWN}
    environment.globals = {"range": _range}
    return environment


_STRICT: Final = _environment(_Strict)
_LENIENT: Final = _environment(ChainableUndefined)


class ExpressionError(Exception):
    """A template or expression that cannot be compiled; the message says why."""


def _prepare(tree: nodes.Template) -> nodes.Template:
    for kind in _FORBIDDEN:
        if tree.find(kind) is not None:
            raise ExpressionError(f"{kind.__name__.lower()} is not available in flows")
    if any(name.name in _RESERVED for name in tree.find_all(nodes.Name)):
        raise ExpressionError(f"{', '.join(sorted(_RESERVED))} are not available in flows")
    if _depth(tree) > DEEPEST_LOOP:
        raise ExpressionError(f"loops may be nested {DEEPEST_LOOP} deep at most")
    prepared: nodes.Template = _Limits().visit(tree)
    return prepared


def _depth(node: nodes.Node) -> int:
    inner = max((_depth(child) for child in node.iter_child_nodes()), default=0)
    return inner + isinstance(node, nodes.For)


def _parse(source: str, *, expression: bool) -> tuple[Any, Any, frozenset[str]]:
    if len(source) > LONGEST_SOURCE:
        raise ExpressionError(f"it is longer than {LONGEST_SOURCE} characters")
    if expression and not source.strip():
        raise ExpressionError("it is empty")
    text = "{% set result = (" + source + "\n) %}" if expression else source
    if expression and re.search(r"%\}|\{%|\{\{|\}\}\}", source):
        raise ExpressionError("an expression is written without {{ }} and {% %}")
    try:
        names = frozenset(meta.find_undeclared_variables(_STRICT.parse(text)))
        strict = _STRICT.from_string(_prepare(_STRICT.parse(text)))
        lenient = _LENIENT.from_string(_prepare(_LENIENT.parse(text)))
    except TemplateSyntaxError as error:
        raise ExpressionError(error.message or "syntax error") from error
    except (RecursionError, TemplateError) as error:
        raise ExpressionError("it is nested too deeply or cannot be compiled") from error
    return strict, lenient, names - {"range"}


class Template:
    """A text with ``{{ }}`` in it. ``names`` are the variables it uses; a plain text has none."""

    __slots__ = ("_lenient", "_strict", "names", "plain", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.plain = "{{" not in source and "{%" not in source and "{#" not in source
        self.names: frozenset[str] = frozenset()
        self._strict: Any = None
        self._lenient: Any = None
        if not self.plain:
            self._strict, self._lenient, self.names = _parse(source, expression=False)

    def render(self, values: Mapping[str, Any], faults: list[str]) -> str:
        """The finished text, at most `LONGEST_RESULT` characters.

        Names that are not known become '' and are noted in ``faults``; any other failure raises.
        """
        if self.plain:
            return self.source
        try:
            return _output(self._strict, values)
        except TemplateError as error:
            faults.append(_blame(error))
        try:
            return _output(self._lenient, values)
        except TemplateError:
            return ""


def _output(template: Any, values: Mapping[str, Any]) -> str:
    parts: list[str] = []
    room = LONGEST_RESULT
    for part in template.root_render_func(template.new_context(values)):
        parts.append(part[:room])
        room -= len(part)
        if room <= 0:
            break
    return "".join(parts)


def _blame(error: TemplateError) -> str:
    """What is wrong, in words that hold names of the flow but no values of the customer."""
    if isinstance(error, UndefinedError | _Refused):
        return error.message or "a value is missing"
    return "it does something that flows may not"


class Expression:
    """A Jinja2 expression such as ``customer.tier == 'gold'``."""

    __slots__ = ("_lenient", "_strict", "names", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._strict, self._lenient, self.names = _parse(source, expression=True)

    def evaluate(self, values: Mapping[str, Any], faults: list[str]) -> Any:
        """The value as plain data; None, with a note in ``faults``, where a name is unknown."""
        try:
            return plain(self._result(self._strict, values))
        except TemplateError as error:
            faults.append(_blame(error))
        try:
            return plain(self._result(self._lenient, values))
        except TemplateError:
            return None

    @staticmethod
    def _result(template: Any, values: Mapping[str, Any]) -> Any:
        context = template.new_context(values)
        for _ in template.root_render_func(context):
            pass
        result = context.vars["result"]
        return None if isinstance(result, Undefined) else result


class Text:
    """What is said, by language. One template under '' serves every language."""

    __slots__ = ("parts",)

    def __init__(self, parts: dict[str, Template]) -> None:
        self.parts = parts
        if not parts:
            raise ValueError("a text has at least one language")

    def part(self, language: str) -> tuple[str, Template]:
        """The template for ``language``, or for the nearest language there is, and which it is."""
        found = self.parts.get(language)
        if found is not None:
            return language, found
        if "" in self.parts:
            return language, self.parts[""]
        base = language.partition("-")[0]
        for tag, template in self.parts.items():
            if tag.partition("-")[0] == base:
                return tag, template
        return next(iter(self.parts.items()))

    @property
    def plain(self) -> bool:
        """Whether no part of it needs to be rendered."""
        return all(template.plain for template in self.parts.values())


def plain(value: Any, depth: int = 6) -> Any:
    """``value`` as plain JSON data of bounded size, so that a session can always be saved."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _clean(str(value))
    if isinstance(value, int):
        return value if abs(value) < 2**53 else _clean(str(float(value)))
    if isinstance(value, float):
        return value if abs(value) < 1e300 else None
    if isinstance(value, datetime):
        return value.isoformat()
    if depth and isinstance(value, Mapping):
        items = list(value.items())[:200]
        return {_clean(str(key)): plain(item, depth - 1) for key, item in items}
    if depth and isinstance(value, list | tuple | range):
        return [plain(item, depth - 1) for item in value[:200]]
    return None


def _clean(text: str) -> str:
    text = text[:LONGEST_RESULT]
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


@lru_cache(maxsize=2_048)
def compile_template(source: str) -> Template:
    """`Template`, compiled once for the same source."""
    return Template(source)


@lru_cache(maxsize=2_048)
def compile_expression(source: str) -> Expression:
    """`Expression`, compiled once for the same source."""
    return Expression(source)
