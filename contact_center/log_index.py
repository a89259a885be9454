"""Keeps the index behind the search in the log up, in the background (see `crm_store.contact_words`)."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from contact_center.room import Room
from crm_store import contact_words, vocabulary
from crm_store.errors import StoreError
from crm_store.store import Store

log = structlog.get_logger(__name__)

SECONDS: Final = 1.0
"""Between two looks at what has changed."""

AT_A_TIME: Final = 10
"""Changes that are indexed in one transaction: on SQLite everything that is written waits meanwhile."""

IN_A_ROUND: Final = 500
"""Changes that are indexed in one look, at most."""

LEARNT_AT_A_TIME: Final = 100
"""Contacts of which the vocabulary learns in one transaction, after the upgrade that brought it."""

FOR_A_SEARCH: Final = 100
"""Changes that a search waits for. More are there only after an upgrade, or when far too much happens."""


async def catch_up(store: Store, most: int = FOR_A_SEARCH) -> int:
    """Index what has changed, at most so many changes; how many are missing still, as `missing` tells."""
    missing = await store.read(contact_words.missing)
    while missing and most > 0:
        done = await store.write(lambda connection: contact_words.drain(connection, AT_A_TIME))
        if not done:  # another process is at it
            break
        most -= done
        if done < AT_A_TIME:
            return 0
    return await store.read(contact_words.missing) if missing else 0


async def learn(store: Store, most: int = IN_A_ROUND) -> bool:
    """Have the vocabulary learn of what was indexed before it was there, at most so many contacts;
    whether there are more."""
    for _ in range(0, most, LEARNT_AT_A_TIME):
        if not await store.write(lambda connection: vocabulary.learn(connection, LEARNT_AT_A_TIME)):
            return False
    return True


class LogIndex:
    """`run` goes on until it is cancelled."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def run(self) -> None:
        """Look every `SECONDS` for what has changed; until the vocabulary is whole, take in some more."""
        learning = True
        while True:
            await asyncio.sleep(SECONDS)
            try:
                await catch_up(self.room.store, IN_A_ROUND)
                if learning:
                    learning = await learn(self.room.store)
            except StoreError as error:
                log.warning("the index of the log could not reach the store and tries again", why=str(error))
            except Exception as error:
                log.exception("the index of the log failed and tries again", error=type(error).__name__)
