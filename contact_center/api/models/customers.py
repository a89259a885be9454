"""Customers as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contact_center.api.models.common import Given, Language, Line, Paging, Prose, Shown, Tag, Tier, Word
from contact_center.api.models.contacts import Contact
from contact_center.api.models.orders import Order
from contact_center.api.models.tickets import Ticket

IdentityKind = Literal["phone", "email", "whatsapp", "web", "external"]
Evidence = Literal["crm_import", "said_by_customer", "agent", "verified", "first_contact"]


class Customer(Shown):
    """A customer's profile."""

    id: str
    name: str
    first_name: str
    language: str
    tier: str
    tags: list[str]
    preferred_channel: str
    preferred_hours: str
    notes: str
    account_id: str | None
    owner_id: str | None
    merged_into: str | None = Field(description="The customer that this one turned out to be")
    version: int = Field(description="To be sent as `If-Match` with a change")
    created_at: datetime
    updated_at: datetime


class Identity(Shown):
    """An address by which a customer is recognised, and why we believe it."""

    id: str
    kind: str
    value: str
    evidence: str
    verified_at: datetime | None
    created_at: datetime


class Consent(Shown):
    """Whether messages may be sent to one of the customer's numbers."""

    kind: str
    address: str
    opted_out: bool


class CustomerDetail(Customer):
    """A customer with all that an agent wants to see first; contacts and orders are the latest 20."""

    identities: list[Identity]
    consents: list[Consent] = Field(description="For each number that messages could go to")
    orders: list[Order]
    open_tickets: list[Ticket]
    contacts: list[Contact]


class CustomerQuery(Paging):
    """Parameters of the list of customers."""

    text: Line | None = Field(default=None, description="A part of the name or of an identity")
    tier: Tier | None = None
    tag: Tag | None = None
    language: Word | None = None
    account: Word | None = Field(default=None, description="Id of the account")
    owner: Word | None = Field(default=None, description="Id of the agent who owns the customer")
    merged: Literal["no", "yes", "all"] = Field(default="no", description="Those merged into others")


class NewIdentity(Given):
    """An address of a customer."""

    kind: IdentityKind
    value: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    evidence: Evidence = "agent"


class NewCustomer(Given):
    """A customer to create; everything is optional."""

    name: Line = ""
    first_name: Annotated[str, StringConstraints(max_length=100)] = ""
    language: Language = ""
    tier: Tier = "standard"
    tags: list[Tag] = Field(default=[], max_length=50)
    preferred_channel: Annotated[str, StringConstraints(max_length=20)] = ""
    preferred_hours: Annotated[str, StringConstraints(max_length=100)] = Field(
        default="", description="As `09:00-12:00 Asia/Shanghai`"
    )
    notes: Prose = ""
    account_id: Word | None = None
    owner_id: Word | None = None
    identities: list[NewIdentity] = Field(default=[], max_length=20)


class CustomerPatch(Given):
    """New values; what is left out stays as it is."""

    name: Line = ""
    first_name: Annotated[str, StringConstraints(max_length=100)] = ""
    language: Language = ""
    tier: Tier = "standard"
    tags: list[Tag] = Field(default=[], max_length=50)
    preferred_channel: Annotated[str, StringConstraints(max_length=20)] = ""
    preferred_hours: Annotated[str, StringConstraints(max_length=100)] = ""
    notes: Prose = ""
    account_id: Word | None = None
    owner_id: Word | None = None


class NewMerge(Given):
    """Merge another customer into this one."""

    from_id: Word = Field(description="The customer that goes; everything of it moves to this one")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500)] = Field(
        description="How you know that the two are one"
    )
    link: Annotated[str, StringConstraints(max_length=255)] = Field(
        default="", description="The number or e-mail address that both have, where there is one"
    )


class Merge(Shown):
    """A merge that was made; ``undone_at`` where it was taken back."""

    id: str
    from_id: str
    into_id: str
    reason: str
    actor: str
    merged_at: datetime
    undone_at: datetime | None
    undone_by: str | None
    moved: dict[str, list[str]] = Field(description="Ids of what changed hands, by table")


class MergeCandidate(Shown):
    """Another customer who has called or written from the same address, and how often."""

    customer_id: str
    name: str
    address: str
    contacts: int


class NewConsent(Given):
    """Whether messages may be sent to a number."""

    kind: Literal["sms", "whatsapp"]
    address: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    opted_out: bool


class CustomerContact(Given):
    """A contact that is this customer's."""

    contact_id: Word
