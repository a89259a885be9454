"""``request``: asks another system over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ivr_flows import fields as read
from ivr_flows.effects import HttpRequest
from ivr_flows.expressions import Template
from ivr_flows.fields import spec, way
from ivr_flows.flow import Node
from ivr_flows.inputs import AnyInput, Done
from ivr_flows.visit import Move, Visit


@dataclass(frozen=True, kw_only=True)
class Request(Node):
    """Sends an HTTP request and keeps the body of the answer."""

    kind: ClassVar[str] = "request"
    example: ClassVar[str] = """
kind: request
method: POST
url: "https://example.com/orders/{{ order_number | urlencode }}"
headers: {Accept: application/json}
body: {number: "{{ order_number }}", urgent: "= severity == 'urgent'"}
timeout: 4
save_as: answer
next: goodbye
on_error: goodbye
"""

    method: str = spec(read.one_of("GET", "POST", "PUT", "PATCH", "DELETE"), "the HTTP method", "GET")
    url: Template = spec(read.template, "the address; put values through `urlencode`")
    headers: dict[str, Template] = spec(read.mapping_of(read.template), "headers of the request", None)
    body: Any = spec(read.body, "sent as JSON; each text is a template or '= expression'", None)
    timeout: float = spec(read.number(0.2, 30), "seconds to wait for the answer", 5.0)
    save_as: str = spec(read.saved_as, "variable for the body of the answer", "")
    next: str = way("where to with a good answer (status 200 to 299)")
    on_error: str = way("where to with none, or a bad one", quiet=True)

    def enter(self, visit: Visit) -> Move:
        """Send it."""
        headers = {name: visit.render(value) for name, value in (self.headers or {}).items()}
        return HttpRequest(
            self.method, visit.render(self.url).strip(), headers, visit.value(self.body), self.timeout
        )

    def resume(self, visit: Visit, given: AnyInput) -> Move:
        """Keep the answer."""
        if not isinstance(given, Done):
            return "on_error"
        visit.save(self.save_as, given.result.get("body"))
        return "next" if given.result.get("ok") else "on_error"
