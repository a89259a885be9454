"""The reference as one plain HTML page, made from the OpenAPI document: no script, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from contact_center.api.models.common import PREFIX
from contact_center.api.openapi import describe
from contact_center.api.problems import PROBLEMS
from contact_center.api.table import ENDPOINTS
from contact_center.web_headers import with_style

STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}
body{color:#1a1a1a;background:#fff}
code{background:#f2f2f2;padding:.1em .3em;border-radius:3px}
code,td{overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;vertical-align:top;border-bottom:1px solid #ddd;padding:.3rem .5rem}
summary{cursor:pointer;padding:.3rem 0}
.method{display:inline-block;min-width:4.5rem;font-weight:700}
@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}code{background:#2b2b2b}
th,td{border-color:#444}a{color:#8ab4f8}}
"""

CONTENT_SECURITY_POLICY: Final = with_style(STYLE)


def page() -> str:
    """The page."""
    document = describe(ENDPOINTS)
    tags = "".join(_tag(tag, document) for tag in document["tags"])
    contents = " · ".join(f'<a href="#{tag["name"]}">{tag["name"]}</a>' for tag in document["tags"])
    models = "".join(
        _model(name, schema) for name, schema in sorted(document["components"]["schemas"].items())
    )
    problems = "".join(
        f'<tr id="problem-{code}"><td><code>{code}</code></td><td>{kind.status}</td>'
        f"<td>{escape(kind.title)}</td><td>{_text(kind.remedy)}</td></tr>"
        for code, kind in PROBLEMS.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(document['info']['title'])} API</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(document['info']['title'])} API {escape(document['info']['version'])}</h1>"
        f"<p>{_text(document['info']['description'])}</p>"
        f'<p>As a document for programs: <a href="{PREFIX}/openapi.json">openapi.json</a> (OpenAPI 3.1)</p>'
        f"<nav>{contents}</nav>{tags}"
        "<h2>Problems</h2><table><tr><th>Code</th><th>Status</th><th>Title</th><th>What to do</th></tr>"
        f"{problems}</table><h2>Models</h2>{models}</main></body></html>"
    )


def _tag(tag: dict[str, Any], document: dict[str, Any]) -> str:
    operations = [
        _operation(method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    ]
    return f'<h2 id="{tag["name"]}">{tag["name"]}</h2><p>{_text(tag["description"])}</p>{"".join(operations)}'


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"<p>{_text(operation['description'])}</p>"]
    if operation.get("parameters"):
        rows = "".join(_parameter(parameter) for parameter in operation["parameters"])
        parts.append(f"<table><tr><th>Parameter</th><th>Type</th><th></th></tr>{rows}</table>")
    if "requestBody" in operation:
        parts.append(f"<p>Body: {_content(operation['requestBody'])}</p>")
    rows = "".join(
        f"<tr><td>{status}</td><td>{_text(response['description'])}</td><td>{_content(response)}</td></tr>"
        for status, response in operation["responses"].items()
    )
    parts.append(f"<table><tr><th>Status</th><th></th><th>Body</th></tr>{rows}</table>")
    return (
        f'<details id="{operation["operationId"]}"><summary><span class="method">{method.upper()}</span> '
        f"<code>{escape(path)}</code> {escape(operation['summary'])}</summary>{''.join(parts)}</details>"
    )


def _parameter(parameter: dict[str, Any]) -> str:
    needed = "" if not parameter["required"] else " (needed)"
    return (
        f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{_type(parameter['schema'])}</td>"
        f"<td>{_text(parameter.get('description', ''))}{needed}</td></tr>"
    )


def _model(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", ())
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{_type(told)}</td>"
        f"<td>{_text(told.get('description', ''))}{' (needed)' if field in needed else ''}</td></tr>"
        for field, told in schema.get("properties", {}).items()
    )
    return (
        f'<details id="model-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        f"<p>{_text(schema.get('description', ''))}</p>"
        f"<table><tr><th>Field</th><th>Type</th><th></th></tr>{rows}</table></details>"
    )


def _content(holder: dict[str, Any]) -> str:
    return ", ".join(
        _type(content["schema"]) if "$ref" in content["schema"] else f"<code>{escape(media)}</code>"
        for media, content in holder.get("content", {}).items()
    )


def _type(schema: dict[str, Any]) -> str:
    """A schema in few words."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#model-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if "enum" in schema:
        return " ".join(f"<code>{escape(str(choice))}</code>" for choice in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}" if schema.get("items") else "list"
    if schema.get("type") == "null":
        return "null"
    return escape(str(schema.get("format") or schema.get("type") or "anything"))


def _text(text: str) -> str:
    """Words with ``code`` in backticks."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
