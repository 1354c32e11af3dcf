"""For tests of messages: the cast writes to each other, and what stands in the database afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text

from data.commands import Command, Done, execute
from data.demo.cast import account_id
from data.messaging import Conversation, StartThread, conversation_of
from data.models import AccessGrant, Account, Membership
from data.news import unread
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.scene import set_the_scene

ACCOUNTS = {"group": "ACME", "seoul": "ACME-SEOUL", "osaka": "ACME-OSAKA", "bolt": "BOLT"}


@dataclass(frozen=True)
class Post:
    """The portal as the cast uses it; everybody signs in once."""

    database: Database
    sign_in: Callable[[str], Principal]
    accounts: Mapping[str, int]
    uuids: Mapping[str, UUID]
    _people: dict[str, Principal]

    def person(self, who: str) -> Principal:
        if who not in self._people:
            self._people[who] = self.sign_in(who)
        return self._people[who]

    def again(self, who: str) -> Principal:
        """Somebody whose rights have changed since."""
        self._people.pop(who, None)
        return self.person(who)

    def uuid_of(self, who: str) -> UUID:
        return self.person(who).person_uuid

    def does(self, who: str, command: Command, *, key: UUID | None = None) -> Done:
        key = uuid4() if command.creates and key is None else key
        return execute(self.database.app, self.person(who), command, key=key)

    def starts(
        self, who: str, desk: str = "account_manager", *, account: str = "seoul", key: UUID | None = None, **more: Any
    ) -> UUID:
        said = {"subject": "Power in Seoul", "body": "When is the work?", **more}
        return UUID(self.does(who, StartThread(self.uuids[account], desk, **said), key=key)["thread"])

    def reads(self, who: str, thread: UUID) -> Conversation:
        return conversation_of(self.database.app, self.person(who).anywhere(), thread)

    def unread(self, who: str) -> int:
        return unread(self.database.app, self.person(who)).messages

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """What stands in the database, whoever may see it."""
        with self.database.as_owner() as connection:
            return [tuple(row) for row in connection.execute(text(statement), values)]

    def run(self, statement: str, **values: Any) -> None:
        with self.database.as_owner() as connection:
            connection.execute(text(statement), values)

    def may(self, who: str, account: str, *functions: Permission) -> None:
        """From now on exactly these functions of the account, by a membership of their own."""
        with self.database.as_owner() as connection:
            me, of = self.person(who).person_id, self.accounts[account]
            values = {"p": me, "a": of}
            connection.execute(text("delete from portal.access_grant where person_id = :p and account_id = :a"), values)
            is_in = "select from portal.membership where person_id = :p and account_id = :a"
            if connection.execute(text(is_in), values).one_or_none() is None:
                connection.execute(Membership.__table__.insert().values(person_id=me, account_id=of, role="general"))
            for function in functions:
                connection.execute(
                    AccessGrant.__table__.insert().values(person_id=me, account_id=of, function=function)
                )
        self.again(who)

    def mailed(self, thread: UUID) -> list[str]:
        """To whom mail about it was written, in that order."""
        found = self.rows(
            "select p.email from portal.mail m join portal.person p on p.id = m.person_id "
            "where m.kind = 'message_received' and m.context ->> 'thread' = "
            "(select id::text from portal.thread where uuid = :t) order by m.id",
            t=thread,
        )
        return [email.split("@")[0] for (email,) in found]


def post_in(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    with database.as_owner() as connection:
        ids = {name: account_id(connection, code) for name, code in ACCOUNTS.items()}
        found = dict(iter(connection.execute(select(Account.id, Account.uuid))))
    return Post(database, sign_in, ids, {name: found[of] for name, of in ids.items()}, {})


def post_of_colleagues(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    """Over the scene; Abel and Vic of Seoul may write to each other, and Abel sees its invoices."""
    with database.as_owner() as connection:
        set_the_scene(connection)
    post = post_in(database, sign_in)
    post.may("vic", "seoul", Permission.MESSAGE_USE)
    post.may("abel", "seoul", Permission.MESSAGE_USE, Permission.INVOICE_VIEW)
    return post
