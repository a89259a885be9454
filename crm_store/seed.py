"""Demo data: a small company with customers, orders, agents and queues in English and Chinese.

Every number is from a range set aside for fiction (North America's 555-01xx, Australia's), every
e-mail address at example.com: nobody can be called or written to by trying the demo.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crm_store import accounts, agents, calendars, customers, identities, orders, queues, schema
from crm_store import seed_data as data
from crm_store.ids import Ids

ACTOR = "seed"


class Seeded(msgspec.Struct, frozen=True):
    """How many rows the demo data added; all 0 where there were some already."""

    customers: int = 0
    accounts: int = 0
    orders: int = 0
    transactions: int = 0
    agents: int = 0
    queues: int = 0
    calendars: int = 0


class _Seeder:
    """The demo data on its way into one connection, at one instant."""

    def __init__(self, connection: Connection, at: datetime, ids: Ids) -> None:
        self.connection = connection
        self.at = at
        self.ids = ids
        self.agents: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        self.customers: dict[str, customers.Customer] = {}

    def run(self) -> Seeded:
        self.add_calendars()
        self.add_queues()
        self.add_agents()
        self.add_accounts()
        self.add_customers()
        transactions = self.add_orders()
        return Seeded(
            customers=len(data.CUSTOMERS),
            accounts=len(data.ACCOUNTS),
            orders=len(data.ORDERS),
            transactions=transactions,
            agents=len(data.AGENTS),
            queues=len(data.QUEUES),
            calendars=len(data.CALENDARS),
        )

    def add_calendars(self) -> None:
        for name, settings in data.CALENDARS.items():
            calendars.put(self.connection, name, settings, at=self.at, ids=self.ids, actor=ACTOR)

    def add_queues(self) -> None:
        for name, settings in data.QUEUES.items():
            queues.put(self.connection, name, settings, at=self.at, ids=self.ids, actor=ACTOR)

    def add_agents(self) -> None:
        for new in data.AGENTS:
            made = agents.create(self.connection, new, at=self.at, ids=self.ids, actor=ACTOR)
            self.agents[made.name] = made.id
        for name, stand_in in data.STAND_INS.items():
            agents.update(
                self.connection,
                self.agents[name],
                0,
                agents.AgentChanges(stand_in_id=self.agents[stand_in]),
                at=self.at,
                ids=self.ids,
                actor=ACTOR,
            )

    def add_accounts(self) -> None:
        for account in data.ACCOUNTS:
            made = accounts.create(
                self.connection,
                account.name,
                tier=account.tier,
                owner_id=self.agents.get(account.owner),
                at=self.at,
                ids=self.ids,
                actor=ACTOR,
            )
            self.accounts[account.name] = made.id

    def add_customers(self) -> None:
        for person in data.CUSTOMERS:
            made = customers.create(
                self.connection,
                customers.NewCustomer(
                    name=person.name,
                    first_name=person.first_name,
                    language=person.language,
                    tier=person.tier,
                    tags=person.tags,
                    preferred_channel=person.preferred_channel,
                    preferred_hours=person.preferred_hours,
                    account_id=self.accounts.get(person.account),
                    owner_id=self.agents.get(person.owner),
                ),
                at=self.at,
                ids=self.ids,
                actor=ACTOR,
            )
            self.customers[person.name] = made
            for kind, value in person.identities:
                identities.add(
                    self.connection,
                    made.id,
                    kind,
                    value,
                    "crm_import",
                    at=self.at,
                    ids=self.ids,
                    actor=ACTOR,
                )

    def add_orders(self) -> int:
        """Add the orders; how many transactions they have."""
        transactions = 0
        for demo in data.ORDERS:
            customer = self.customers[demo.customer]
            placed_at = self.at - timedelta(days=demo.days_ago)
            made = orders.create(
                self.connection,
                orders.NewOrder(
                    number=demo.number,
                    status=demo.status,
                    total_minor=demo.total_minor,
                    currency=demo.currency,
                    items=demo.items,
                    customer_id=customer.id,
                    account_id=customer.account_id,
                    placed_at=placed_at,
                    promised_at=placed_at + timedelta(days=demo.promised_days),
                ),
                at=self.at,
                ids=self.ids,
                actor=ACTOR,
            )
            for number, kind in enumerate(data.MONEY[demo.status]):
                orders.add_transaction(
                    self.connection,
                    made.id,
                    kind,
                    demo.total_minor,
                    reference=f"{demo.number}-{number + 1}",
                    at=min(placed_at + timedelta(hours=1 + 24 * number), self.at),
                    ids=self.ids,
                    actor=ACTOR,
                )
                transactions += 1
        return transactions


def is_empty(connection: Connection) -> bool:
    """Whether nobody has set anything up yet: no customer, agent, queue or calendar."""
    tables = (
        schema.customers,
        schema.agents,
        schema.queues,
        schema.calendars,
        schema.accounts,
        schema.orders,
    )
    return all(
        connection.execute(sa.select(sa.literal(1)).select_from(t).limit(1)).first() is None for t in tables
    )


def seed(connection: Connection, *, at: datetime, ids: Ids) -> Seeded:
    """Add the demo data to an empty store; one that holds anything already is left as it is.

    ``at`` is when the orders are told from. Two processes that seed at once are for the caller to
    keep apart (the second one fails with `Conflict` on the first taken name).
    """
    return _Seeder(connection, at, ids).run() if is_empty(connection) else Seeded()
