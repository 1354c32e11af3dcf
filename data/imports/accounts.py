"""Accounts: the customers, with the account each is a part of, and who looks after it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainValidator, ValidationInfo

from data.imports.fields import Code, Country, Currency, Language, Line, Unexpected, Zone, directory_of
from data.imports.kinds import FileKind, FileRow, Target
from data.imports.run import Run
from data.models import Account


def _manager(value: str | None, info: ValidationInfo) -> int:
    found = directory_of(info).managers.get((value or "").lower())
    if found is None:
        raise Unexpected("the e-mail of an account manager; let them in with ./portal user add EMAIL --role manager")
    return found


class AccountRow(FileRow):
    account: Code
    name: Line
    parent: Code | None
    country: Country | None
    currency: Currency | None
    locale: Language
    time_zone: Zone
    account_manager: Annotated[int, PlainValidator(_manager)] | None

    def stored(self) -> dict[str, Any]:
        return {
            "code": self.account,
            "name": self.name,
            "parent": self.parent,
            "country": self.country,
            "currency": self.currency,
            "locale": self.locale,
            "time_zone": self.time_zone,
            "manager_id": self.account_manager,
        }


def _check_parents(run: Run) -> None:
    """A parent may stand further down in the same file."""
    run.look_for(
        "parent",
        "the code of an account, in this file or in the portal",
        "select s.file, s.row, s.parent from staged_account s where s.parent is not null "
        "and not exists (select from staged_account p where p.code = s.parent) "
        "and not exists (select from portal.account p where p.code = s.parent)",
    )


def _link(run: Run) -> None:
    _set_parents(run)
    _refuse_circles(run)
    _assign_managers(run)


def _set_parents(run: Run) -> None:
    """Once all of them are here. An account that was made or changed just now has its new version already."""
    run.do(
        "with linked as ("
        "update portal.account t set parent_id = p.id, "
        "version = t.version + (not exists (select from touched_account c where c.id = t.id))::int "
        "from staged_account s left join portal.account p on p.code = s.parent "
        "where t.code = s.code and t.parent_id is distinct from p.id and p.id is distinct from t.id returning t.id) "
        "insert into touched_account select id, false from linked on conflict do nothing"
    )


def _refuse_circles(run: Run) -> None:
    run.look_for(
        "parent",
        "an account that is not a part of this one",
        "with recursive above (start, id) as ("
        "select a.id, a.parent_id from portal.account a join staged_account s on s.code = a.code "
        "where a.parent_id is not null "
        "union select above.start, a.parent_id from above join portal.account a on a.id = above.id "
        "where a.parent_id is not null) "
        "select s.file, s.row, s.parent from staged_account s join portal.account a on a.code = s.code "
        "where s.parent = s.code or exists (select from above where start = a.id and id = a.id)",
    )


def _assign_managers(run: Run) -> None:
    """Adds the one who is named. Who looked after the account before still does, until that is ended in the portal."""
    run.do(
        "with assigned as ("
        "insert into portal.assignment (account_id, person_id) select a.id, s.manager_id from staged_account s "
        "join portal.account a on a.code = s.code where s.manager_id is not null "
        "and not exists (select from portal.assignment g where g.account_id = a.id and g.person_id = s.manager_id) "
        "returning account_id) "
        "insert into touched_account select account_id, false from assigned on conflict do nothing"
    )


ACCOUNTS = FileKind(
    name="accounts",
    row=AccountRow,
    number=("code", "account"),
    target=Target(
        model=Account,
        key=("code",),
        columns=("name", "country", "currency", "locale", "time_zone"),
    ),
    beside={"parent": "text", "manager_id": "bigint"},
    check=_check_parents,
    finish=_link,
)
