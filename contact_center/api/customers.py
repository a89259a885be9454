"""Customers over the API: lists, profile, identities, merges, consents."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from contact_center.actions.act import Act
from contact_center.announcing import Told
from contact_center.api.endpoint import Call, Endpoint, Note, Nothing
from contact_center.api.models import customers as shapes
from contact_center.api.models.common import Page, listed
from contact_center.api.problems import Problem
from contact_center.api.views import customer_detail, customer_filter, open_contacts
from crm_store import consents, customers, identities, merges, works
from crm_store.addresses import normalise_identity
from crm_store.customers import CustomerChanges, NewCustomer
from crm_store.journal import NewEntry


async def list_customers(call: Call[shapes.CustomerQuery, Nothing]) -> Page[shapes.Customer]:
    asked = call.params
    found = await call.read(
        lambda connection: customers.search(connection, customer_filter(asked), asked.cursor, asked.limit)
    )
    return Page[shapes.Customer].model_validate(found)


async def get_customer(call: Call[Nothing, Nothing]) -> shapes.CustomerDetail:
    return await call.read(lambda connection: customer_detail(connection, call.path["customer_id"]))


async def create_customer(call: Call[Nothing, shapes.NewCustomer]) -> shapes.CustomerDetail:
    fields = call.body.model_dump(exclude={"identities"})
    new = NewCustomer(**fields | {"tags": tuple(call.body.tags)})

    def work(connection: Connection) -> shapes.CustomerDetail:
        customer = customers.create(connection, new, **call.by)
        for identity in call.body.identities:
            identities.add(
                connection, customer.id, identity.kind, identity.value, identity.evidence, **call.by
            )
        return customer_detail(connection, customer.id)

    return await call.write(work)


def _tell(connection: Connection, customer_id: str, told: Told) -> None:
    """Whoever has work about the customer sees it with the present name and tier."""
    for work in works.of_customer(connection, customer_id):
        told.work(work, work)


async def change_customer(call: Call[Nothing, shapes.CustomerPatch]) -> shapes.CustomerDetail:
    customer_id, version = call.path["customer_id"], call.needed_version()
    changes = call.given
    if "tags" in changes:
        changes["tags"] = tuple(changes["tags"])

    def work(deed: Act) -> shapes.CustomerDetail:
        connection = deed.connection
        customers.update(connection, customer_id, version, CustomerChanges(**changes), **call.by)
        call.changed[:] = open_contacts(connection, customer_id)
        _tell(connection, customer_id, deed.told)
        return customer_detail(connection, customer_id)

    return await call.act(work)


async def link_customer_contact(call: Call[Nothing, shapes.CustomerContact]) -> None:
    customer_id, contact_id = call.path["customer_id"], call.body.contact_id

    def work(deed: Act) -> None:
        customer, contact = customers.get(deed.connection, customer_id), deed.contact(contact_id)
        if contact.customer_id == customer.id:
            return
        if contact.customer_id is not None:
            raise Problem(
                "refused", "This contact is another customer's; if the two are one, merge the customers."
            )
        told = {"customer_id": customer.id, "evidence": "agent", "name": customer.name}
        entry = NewEntry(call.at, "customer_recognised", told | {"actor": call.caller.actor})
        deed.note_contact(contact_id, [entry], {"customer_id": customer.id})
        open_work = works.open_for_contact(deed.connection, contact_id)
        if open_work is not None:
            deed.told.work(open_work, open_work)

    await call.act(work, Note("contact.customer_linked", contact_id, {"customer_id": customer_id}))
    call.changed.append(contact_id)


async def add_identity(call: Call[Nothing, shapes.NewIdentity]) -> shapes.Identity:
    customer_id, body = call.path["customer_id"], call.body
    added = await call.write(
        lambda connection: identities.add(
            connection, customer_id, body.kind, body.value, body.evidence, **call.by
        )
    )
    return shapes.Identity.model_validate(added)


async def remove_identity(call: Call[Nothing, Nothing]) -> None:
    customer_id, identity_id = call.path["customer_id"], call.path["identity_id"]

    def work(connection: Connection) -> None:
        customers.get(connection, customer_id)
        if identity_id not in {known.id for known in identities.list_identities(connection, customer_id)}:
            raise Problem("not_found", "This customer has no such identity; the customer's page lists them.")
        identities.remove(connection, identity_id, **call.by)

    await call.write(work)


async def set_consent(call: Call[Nothing, shapes.NewConsent]) -> shapes.Consent:
    customer_id, body = call.path["customer_id"], call.body

    def work(connection: Connection) -> shapes.Consent:
        customers.get(connection, customer_id)
        number = normalise_identity("phone", body.address)
        known = {
            identity.value
            for identity in identities.list_identities(connection, customer_id)
            if identity.kind in ("phone", "whatsapp")
        }
        if number not in known:
            raise Problem("refused", "That is no number of this customer; add it as an identity first.")
        change = consents.opt_out if body.opted_out else consents.opt_in
        change(connection, body.kind, number, "agent", **call.by)
        return shapes.Consent(kind=body.kind, address=number, opted_out=body.opted_out)

    return await call.write(work)


async def merge_customers(call: Call[Nothing, shapes.NewMerge]) -> shapes.Merge:
    into_id, body = call.path["customer_id"], call.body

    def work(deed: Act) -> merges.Merge:
        connection = deed.connection
        going_on = open_contacts(connection, body.from_id)
        done = merges.merge(connection, body.from_id, into_id, body.reason, link=body.link, **call.by)
        call.changed[:] = going_on
        _tell(connection, into_id, deed.told)
        return done

    return shapes.Merge.model_validate(await call.act(work))


async def list_merges(call: Call[Nothing, Nothing]) -> Page[shapes.Merge]:
    customer_id = call.path["customer_id"]

    def work(connection: Connection) -> list[merges.Merge]:
        customers.get(connection, customer_id)
        return list(merges.list_merges(connection, customer_id).items)

    return listed(shapes.Merge, await call.read(work))


async def list_merge_candidates(call: Call[Nothing, Nothing]) -> Page[shapes.MergeCandidate]:
    customer_id = call.path["customer_id"]

    def work(connection: Connection) -> list[merges.Candidate]:
        customers.get(connection, customer_id)
        return merges.candidates(connection, customer_id)

    return listed(shapes.MergeCandidate, await call.read(work))


async def undo_merge(call: Call[Nothing, Nothing]) -> shapes.Merge:
    merge_id = call.path["merge_id"]

    def work(deed: Act) -> merges.Merge:
        connection, merged = deed.connection, merges.get(deed.connection, merge_id)
        going_on = open_contacts(connection, merged.into_id)
        undone = merges.undo(connection, merge_id, **call.by)
        call.changed[:] = going_on
        for customer_id in (merged.into_id, merged.from_id):
            _tell(connection, customer_id, deed.told)
        return undone

    return shapes.Merge.model_validate(await call.act(work))


ENDPOINTS = (
    Endpoint(
        "GET",
        "/customers",
        "agent",
        "List customers, or search them by name, number or e-mail",
        list_customers,
        Page[shapes.Customer],
        params=shapes.CustomerQuery,
    ),
    Endpoint(
        "POST",
        "/customers",
        "agent",
        "Create a customer",
        create_customer,
        shapes.CustomerDetail,
        body=shapes.NewCustomer,
        status=201,
        refusals=("refused",),
    ),
    Endpoint(
        "GET",
        "/customers/{customer_id}",
        "agent",
        "Get a customer with identities, consents, orders, open tickets and contacts",
        get_customer,
        shapes.CustomerDetail,
        refusals=("not_found",),
    ),
    Endpoint(
        "PATCH",
        "/customers/{customer_id}",
        "agent",
        "Change fields of a customer",
        change_customer,
        shapes.CustomerDetail,
        body=shapes.CustomerPatch,
        versioned=True,
        refusals=("not_found", "refused", "stale", "version_needed"),
    ),
    Endpoint(
        "POST",
        "/customers/{customer_id}/contacts",
        "agent",
        "Note that a contact of nobody known is this customer's",
        link_customer_contact,
        None,
        body=shapes.CustomerContact,
        status=204,
        refusals=("not_found", "refused", "conflict"),
        description="Whoever has the contact knows it by other means: no address is added to the customer.",
    ),
    Endpoint(
        "POST",
        "/customers/{customer_id}/identities",
        "agent",
        "Add an address by which the customer is recognised",
        add_identity,
        shapes.Identity,
        body=shapes.NewIdentity,
        status=201,
        refusals=("not_found", "refused"),
    ),
    Endpoint(
        "DELETE",
        "/customers/{customer_id}/identities/{identity_id}",
        "agent",
        "Remove an address from the customer",
        remove_identity,
        None,
        status=204,
        refusals=("not_found",),
    ),
    Endpoint(
        "PUT",
        "/customers/{customer_id}/consents",
        "agent",
        "Opt one of the customer's numbers out of messages, or in again",
        set_consent,
        shapes.Consent,
        body=shapes.NewConsent,
        refusals=("not_found", "refused"),
    ),
    Endpoint(
        "GET",
        "/customers/{customer_id}/merges",
        "agent",
        "List the merges that the customer was part of",
        list_merges,
        Page[shapes.Merge],
        refusals=("not_found",),
    ),
    Endpoint(
        "POST",
        "/customers/{customer_id}/merges",
        "supervisor",
        "Merge another customer into this one",
        merge_customers,
        shapes.Merge,
        body=shapes.NewMerge,
        status=201,
        refusals=("not_found", "refused"),
    ),
    Endpoint(
        "GET",
        "/customers/{customer_id}/merge-candidates",
        "agent",
        "List other customers seen at the same addresses",
        list_merge_candidates,
        Page[shapes.MergeCandidate],
        refusals=("not_found",),
    ),
    Endpoint(
        "POST",
        "/merges/{merge_id}/undo",
        "supervisor",
        "Take a merge back",
        undo_merge,
        shapes.Merge,
        refusals=("not_found", "refused"),
    ),
)
