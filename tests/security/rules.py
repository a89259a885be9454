"""Who may use which route: written down here once more, apart from the code, so that the two are compared.

A role may do what those before it may. Other words:

    open     anybody, from any page                 pages    anybody, but from pages of ours only
    session  whoever has a session's cookie         socket   see `test_sockets`
    secret   nobody of `office.Knock`: a signature or a secret of a machine or visitor is needed
    nowhere  there is nothing, for anybody
"""

from __future__ import annotations

from typing import Final

API: Final = """
agent
    GET    /contacts
    GET    /contacts/{contact_id}
    GET    /contacts/{contact_id}/timeline
    GET    /contacts/{contact_id}/why
    GET    /contacts/{contact_id}/path
    GET    /contacts/{contact_id}/messages
    POST   /contacts/{contact_id}/messages
    POST   /contacts/{contact_id}/notes
    POST   /contacts/{contact_id}/typing
    POST   /contacts/{contact_id}/hand-back
    GET    /works
    GET    /works/{work_id}
    GET    /works/{work_id}/why
    POST   /works/{work_id}/take
    POST   /works/{work_id}/hold
    POST   /works/{work_id}/mute
    POST   /works/{work_id}/record
    POST   /works/{work_id}/consult
    POST   /works/{work_id}/consult/cancel
    POST   /works/{work_id}/consult/join
    POST   /works/{work_id}/consult/complete
    POST   /works/{work_id}/requeue
    POST   /works/{work_id}/transfer
    POST   /works/{work_id}/end
    POST   /works/{work_id}/wrap-up
    POST   /works/{work_id}/hand-back
    GET    /offers/{offer_id}
    POST   /offers/{offer_id}/accept
    POST   /offers/{offer_id}/decline
    GET    /states
    GET    /agents/{agent_id}/state
    PUT    /agents/{agent_id}/presence
    GET    /lines
    GET    /desk-setup
    POST   /replies
    PUT    /replies/{reply_id}
    DELETE /replies/{reply_id}
    GET    /phone
    POST   /phone/token
    GET    /recordings/{recording_id}/audio
    GET    /customers
    POST   /customers
    GET    /customers/{customer_id}
    PATCH  /customers/{customer_id}
    POST   /customers/{customer_id}/contacts
    POST   /customers/{customer_id}/identities
    DELETE /customers/{customer_id}/identities/{identity_id}
    PUT    /customers/{customer_id}/consents
    GET    /customers/{customer_id}/merges
    GET    /customers/{customer_id}/merge-candidates
    GET    /tickets
    POST   /tickets
    GET    /tickets/{ticket}
    POST   /tickets/{ticket}/claim
    POST   /tickets/{ticket}/notes
    POST   /tickets/{ticket}/contacts
    POST   /tickets/{ticket}/link
    POST   /tickets/{ticket}/unlink
    POST   /tickets/{ticket}/prioritise
    POST   /tickets/{ticket}/reassign
    POST   /tickets/{ticket}/wait
    POST   /tickets/{ticket}/escalate
    POST   /tickets/{ticket}/resolve
    POST   /tickets/{ticket}/reopen
    POST   /tickets/{ticket}/close
    GET    /orders
    GET    /orders/{number}
    GET    /agents
    GET    /agents/{agent_id}
    GET    /queues
    GET    /queues/{name}
    GET    /calendars
    GET    /calendars/{name}
supervisor
    GET    /contacts/{contact_id}/replay
    POST   /works/{work_id}/supervise
    POST   /works/{work_id}/reassign
    GET    /wallboard
    GET    /live/contacts
    GET    /live/agents
    GET    /flows
    GET    /flows/{name}
    GET    /flows/{name}/check
    GET    /log
    GET    /log/export
    POST   /customers/{customer_id}/merges
    POST   /merges/{merge_id}/undo
    PUT    /orders/{number}
    GET    /bot-reviews
    GET    /bot-reviews/{review}
    POST   /bot-reviews/{review}/label
    POST   /bot-reviews/{review}/dismiss
administrator
    POST   /agents
    PUT    /agents/{agent_id}
    PUT    /queues/{name}
    PUT    /calendars/{name}
    GET    /tokens
    POST   /tokens
    DELETE /tokens/{token_id}
    GET    /audit
open
    GET    /openapi.json
    POST   /session
session
    GET    /session
    DELETE /session
socket
    GET    /desk
secret
    POST   /bot/actions/{action}
nowhere
    *      /{rest}
"""

OTHERS: Final = """
open
    GET    /
    GET    /healthz
    GET    /readyz
    GET    /metrics
    GET    /api/docs
    GET    /desk
    GET    /desk/{tail}
    GET    /chat/demo
    GET    /chat/{file}
    GET    /phone
    GET    /phone/
    GET    /phone/icon.svg
    GET    /phone/assets/{name}
pages
    OPTIONS /chat/files
    OPTIONS /chat/files/{file}
socket
    GET    /chat/socket
    GET    /phone/socket
agent
    GET    /chat/files/{file}
    POST   /chat/contacts/{contact}/files
secret
    POST   /chat/files
    PUT    /phone/recordings/{recording}/{number}
    *      /local/{path}
"""

WEBHOOKS: Final = ("/twilio/voice/", "/twilio/messaging/", "/console/")
"""Whatever lies under these is a channel's: signed, or with a secret."""


def _read(text: str, prefix: str) -> dict[tuple[str, str], str]:
    rules: dict[tuple[str, str], str] = {}
    rule = ""
    for line in text.strip().splitlines():
        if line.startswith(" "):
            method, address = line.split()
            rules[method, prefix + address] = rule
        else:
            rule = line
    return rules


RULES: Final = _read(API, "/api/v1") | _read(OTHERS, "")


def rule_of(method: str, address: str) -> str | None:
    """The rule for a route; None where none is written down. ``*`` beside other methods answers 405."""
    asked = "GET" if method == "HEAD" else method
    if (asked, address) in RULES:
        return RULES[asked, address]
    if address.startswith(WEBHOOKS):
        return "secret"
    if method == "*" and any(known == address for _, known in RULES):
        return "nowhere"
    return None
