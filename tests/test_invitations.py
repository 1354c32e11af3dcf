"""Invitations: who may send one, that nobody learns whose address it is, and that a link lets in one person once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from auth.invitation_links import token_of
from auth.invitations import Answer, accept_own, look_at_own
from auth.passwords import hash_password
from auth.sessions import hashed
from auth.set_password import link_owner, use_link
from data.commands import execute
from data.database import reading, writing
from data.engines import auth_engine
from data.invitations import InvitationState, Invite
from rules.access import Access, MemberRole
from rules.errors import Conflict, Forbidden, Invalid, NotFound, Problems
from rules.permissions import PRESETS, Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import AN_ADDRESS, Door, recorded, tries
from tests.invitation_scene import EVE, HANDS, PASSWORD, Letterbox, accepts, state_of, token_in, words_of
from tests.mail_room import until
from tests.patience import PATIENCE

P = Permission
PAA, GENERAL = MemberRole.PAA, MemberRole.GENERAL
OTHER = "a boat that nobody rows home"

pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def post(database: Database, sign_in: Callable[[str], Principal], tmp_path: Path) -> Iterator[Letterbox]:
    """Nobody was invited yet; Ana runs Acme, Bea runs Bolt. Whatever happened is undone."""
    door = Door(database)
    yield Letterbox(door, sign_in, tmp_path)
    came = "(select id from portal.person where email like '%elsewhere%')"
    for statement in (
        "delete from auth.link",
        "delete from portal.mail",
        "delete from portal.invitation",
        "delete from auth.session",
        f"delete from portal.access_grant where person_id in {came}",
        f"delete from portal.membership where person_id in {came}",
        """delete from portal.membership m using portal.person p
           where p.id = m.person_id and p.email = 'paa@bolt.example'
             and m.account_id <> (select id from portal.account where code = 'BOLT')""",
        f"delete from auth.credential where person_id in {came}",
        "delete from portal.command_key",
        f"delete from portal.person where id in {came}",
        "update portal.person set disabled_at = null",
        "update portal.account set closed_at = null",
        """update portal.membership m
           set role = case when p.email ^@ 'paa' then 'paa' else 'general' end, ended_at = null
           from portal.person p where p.id = m.person_id""",
    ):
        door.owner(statement)


def seoul_rights(post: Letterbox, email: str = EVE) -> dict[str, Any]:
    """What somebody holds in Acme Seoul, as the owner sees it."""
    with post.door.database.as_owner() as connection:
        rows = connection.execute(
            text("""
            select g.function, g.site_ids from portal.access_grant g join portal.person p on p.id = g.person_id
            join portal.account a on a.id = g.account_id where p.email = :email and a.code = 'ACME-SEOUL'"""),
            {"email": email},
        )
        return {row.function: row.site_ids for row in rows}


def role_of(post: Letterbox, email: str = EVE, account: str = "ACME-SEOUL") -> str | None:
    return post.door.owner(
        "select m.role from portal.membership m join portal.person p on p.id = m.person_id "
        "join portal.account a on a.id = m.account_id "
        "where p.email = :email and a.code = :account and m.ended_at is null",
        email=email,
        account=account,
    )


# --- from the letter to the first day


def test_somebody_new_sets_a_password_and_holds_what_was_given(post: Letterbox) -> None:
    seoul = int(post.stands("select id from portal.site where code = 'SEL1'"))
    post.invites("ana", rights={P.REMOTE_HANDS_CREATE: frozenset({seoul}), P.TICKET_VIEW_OWN: None})
    (mail,) = post.arrived()
    assert mail["To"].addresses[0].addr_spec == EVE
    for told in ("Ana Acme invites you", "Acme Seoul", "General user", "The link works once, until"):
        assert told in words_of(mail), told
    assert role_of(post) is None, "nobody belongs to an account because they were invited"
    assert accepts(token_in(mail), "Eve van Elsewhere") is Answer.JOINED
    assert role_of(post) == "general"
    assert seoul_rights(post) == {"remote_hands.create": [seoul], "ticket.view_own": None}
    assert tries(EVE, PASSWORD, AN_ADDRESS)
    eve = post.person(EVE)
    assert eve.name == "Eve van Elsewhere"
    assert eve.may(P.REMOTE_HANDS_CREATE)
    assert not eve.may(P.INVOICE_VIEW)
    assert [account.code for account in eve.accounts] == ["ACME-SEOUL"]


def test_an_administrator_is_invited_and_runs_the_account(post: Letterbox) -> None:
    post.invites("ana", role=PAA)
    assert accepts(post.token()) is Answer.JOINED
    assert post.person(EVE).may(P.USER_MANAGE)
    assert role_of(post) == "paa"


def test_those_who_wait_are_listed_with_by_whom_and_how_they_stand(post: Letterbox) -> None:
    post.invites("ana")
    post.invites("bea", "bob@elsewhere.example", account="BOLT")
    (eve,) = post.waiting("ana")
    assert (eve.email, eve.invited_by, eve.account, eve.state) == (EVE, "Ana Acme", "Acme Seoul", "invited")
    assert eve.access == Access(GENERAL, HANDS)
    assert [one.email for one in post.waiting("bea")] == ["bob@elsewhere.example"]
    post.stands("update portal.invitation set expires_at = now() - interval '1 minute' where email = :eve", eve=EVE)
    assert [one.state for one in post.waiting("ana")] == [InvitationState.EXPIRED]
    for who in ("abel", "vic", "fin", "mia"):
        with pytest.raises(Forbidden):
            post.waiting(who)


def test_what_happened_stands_in_the_log_of_the_account(post: Letterbox) -> None:
    first = post.stands("select coalesce(max(id), 0) from portal.audit_entry")
    invitation = post.invites("ana")
    post.stands("update portal.invitation set sent_at = sent_at - interval '1 hour'")
    post.resends("ana", invitation)
    accepts([token_in(mail) for mail in post.arrived()][-1])
    other = post.invites("ana", "bob@elsewhere.example")
    post.revokes("ana", other)
    told = """select string_agg(concat_ws(' ', action, audience, actor_name, function), '; ' order by id)
        from portal.audit_entry where id > :first and action like 'access.%'"""
    assert post.stands(told, first=first).split("; ") == [
        "access.invite customer Ana Acme user.manage",
        "access.resend customer Ana Acme user.manage",
        "access.join customer Eve Elsewhere user.manage",
        "access.invite customer Ana Acme user.manage",
        "access.revoke customer Ana Acme user.manage",
    ]


# --- nobody learns whose address it is


STANDS = """
select (select count(*) from portal.invitation), (select count(*) from portal.mail), (select count(*) from auth.link),
       (select count(*) from portal.audit_entry), (select count(*) from portal.person),
       (select count(*) from portal.membership)
"""


def test_known_unknown_disabled_and_staff_cost_the_same_statements_and_leave_the_same_rows(post: Letterbox) -> None:
    post.stands("update portal.person set disabled_at = now() where email = :mia", mia=CAST["mia"])
    left, asked = [], []
    for email in (EVE, CAST["bea"], CAST["dee"], CAST["mia"]):
        before = _stands(post)
        with recorded(post.door.database.app) as work:
            post.invites("ana", email)
        left.append([after - earlier for earlier, after in zip(before, _stands(post), strict=True)])
        asked.append(work.statements)
    assert left == [[1, 1, 0, 1, 0, 0]] * 4
    assert all(one == asked[0] for one in asked)
    assert [one.state for one in post.waiting("ana")] == [InvitationState.INVITED] * 4


def _stands(post: Letterbox) -> list[int]:
    with post.door.database.as_owner() as connection:
        return list(connection.execute(text(STANDS)).one())


def test_no_letter_goes_to_staff_and_none_to_who_was_shut_out(post: Letterbox) -> None:
    post.stands("update portal.person set disabled_at = now() where email = :bea", bea=CAST["bea"])
    for email in (CAST["dee"], CAST["bea"], EVE):
        post.invites("ana", email)
    assert [mail["To"].addresses[0].addr_spec for mail in post.arrived()] == [EVE]
    assert role_of(post, CAST["dee"]) is None


def test_a_link_that_staff_came_by_makes_nobody_of_the_staff_a_customer(post: Letterbox) -> None:
    """Somebody who works for the operator since the letter was written."""
    post.invites("ana")
    token = post.token()
    post.stands("insert into portal.person (kind, email, name) values ('staff', :eve, 'Eve')", eve=EVE)
    assert state_of(token) == Answer.OVER
    assert accepts(token) is Answer.OVER
    kept = "select count(*) from auth.credential c join portal.person p on p.id = c.person_id where email = :eve"
    assert post.stands(kept, eve=EVE) == 0


def test_an_address_that_belongs_to_the_account_or_waits_already_is_said(post: Letterbox) -> None:
    """Whoever runs the account sees its people anyway; of another account's she is told nothing."""
    for email in (CAST["vic"], CAST["vic"].upper()):
        with pytest.raises(Invalid, match="belongs to the account already"):
            post.invites("ana", email)
    post.invites("ana")
    with pytest.raises(Invalid, match="invited already"):
        post.invites("ana", EVE.upper())
    post.invites("bea", account="BOLT")
    post.invites("ana", account="ACME-OSAKA")
    assert len(post.waiting("ana")) == 2


# --- who signs in already


def test_who_signs_in_already_accepts_while_signed_in_and_keeps_their_password(post: Letterbox) -> None:
    post.door.give_password("bea", OTHER)
    invitation = post.invites("ana", CAST["bea"], name="Somebody Else")
    token = post.token()
    assert state_of(token) == Answer.KNOWN
    assert accepts(token) is Answer.KNOWN, "a link sets no password of somebody who has one"
    assert tries(CAST["bea"], OTHER)
    session = post.session_of(CAST["bea"])
    answer, fresh = accept_own(auth_engine(), session, invitation)
    assert answer is Answer.JOINED
    assert fresh is not None and not post.door.is_alive(session) and post.door.is_alive(fresh), "another token"
    assert seoul_rights(post, CAST["bea"]) == dict.fromkeys(map(str, HANDS))
    assert post.stands("select name from portal.person where email = :bea", bea=CAST["bea"]) == "Bea Bolt"
    assert accept_own(auth_engine(), fresh, invitation) == (Answer.OVER, None)


def test_nobody_accepts_what_another_was_invited_to(post: Letterbox) -> None:
    post.door.give_password("bea")
    invitation = post.invites("ana", CAST["bea"])
    post.token()
    for other in ("ana", "vic", "dee"):
        session = post.session_of(CAST[other])
        assert look_at_own(session, invitation).state is Answer.OVER
        assert look_at_own(session, invitation).account == ""
        assert accept_own(auth_engine(), session, invitation) == (Answer.OVER, None)
        assert post.door.is_alive(session)
    assert accept_own(auth_engine(), "no session", invitation)[0] is Answer.OVER
    assert role_of(post, CAST["bea"]) is None


def test_who_came_by_another_invitation_meanwhile_signs_in(post: Letterbox) -> None:
    post.invites("ana")
    first = post.token()
    post.invites("bea", account="BOLT")
    second = post.token()
    assert accepts(first) is Answer.JOINED
    assert state_of(second) == Answer.KNOWN
    assert accepts(second, password=OTHER) is Answer.KNOWN
    assert tries(EVE, PASSWORD)
    assert role_of(post, account="BOLT") is None


# --- a link lets in once


def test_looking_changes_nothing_and_accepting_uses_the_link_up(post: Letterbox) -> None:
    post.invites("ana")
    token = post.token()
    before = _stands(post)
    for _scanner in range(5):
        assert state_of(token) == Answer.NEW
    assert _stands(post) == before
    assert accepts(token) is Answer.JOINED
    assert accepts(token, password=OTHER) is Answer.OVER
    assert not tries(EVE, OTHER)
    assert post.waiting("ana") == ()


def test_of_two_clicks_at_once_one_lets_in(post: Letterbox) -> None:
    """The second comes while the first is not through: it waits, and finds the link used."""
    post.invites("ana")
    token, answers = post.token(), list[Answer]()
    second = Thread(target=lambda: answers.append(accepts(token, password=OTHER)))
    first = text("select signin.accept_invitation(:token, :hash, 'Eve', 'en', '\\x01', null)")
    with auth_engine().begin() as connection:
        assert connection.scalar(first, {"token": hashed(token), "hash": hash_password(PASSWORD)}) == Answer.JOINED
        second.start()
        until(lambda: not second.is_alive() or _somebody_waits(post))
    second.join(timeout=PATIENCE)
    assert answers == [Answer.OVER]
    assert tries(EVE, PASSWORD)
    assert not tries(EVE, OTHER)


def _somebody_waits(post: Letterbox) -> bool:
    with post.door.database.as_owner() as connection:
        connection.execute(text("reset role"))  # only a superuser sees what others ask
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'accept_invitation'"
        return bool(connection.scalar(text(waiting)))


def test_expired_revoked_resent_and_guessed_links_open_nothing(post: Letterbox) -> None:
    invitation = post.invites("ana")
    old = post.token()
    post.stands("update portal.invitation set sent_at = sent_at - interval '1 hour'")
    post.resends("ana", invitation)
    newer = post.token()
    assert newer != old
    assert (state_of(old), state_of(newer)) == (Answer.OVER, Answer.NEW)
    post.revokes("ana", invitation, edition=2)
    gone = post.invites("ana", "bob@elsewhere.example")
    expired = post.token()
    post.stands("update portal.invitation set expires_at = now() where uuid = :gone", gone=gone)
    guessed = token_of(str(uuid4()), 1), "", "A" * 43, str(invitation), expired[:-1]
    for token in (old, newer, expired, *guessed):
        assert state_of(token) == Answer.OVER
        assert accepts(token) is Answer.OVER
    assert post.stands("select count(*) from portal.person where email like '%elsewhere%'") == 0


def test_an_expired_one_lives_again_when_it_is_sent_again(post: Letterbox) -> None:
    invitation = post.invites("ana")
    token = post.token()
    post.stands("update portal.invitation set expires_at = now(), sent_at = now() - interval '8 days'")
    assert state_of(token) == Answer.OVER
    post.resends("ana", invitation)
    assert accepts(post.token()) is Answer.JOINED


def test_the_link_of_an_invitation_is_no_link_for_a_password(post: Letterbox) -> None:
    post.invites("ana")
    token = post.token()
    assert link_owner(token) is None
    assert not use_link(token, EVE, PASSWORD, PASSWORD)
    assert state_of(token) == Answer.NEW


def test_the_database_keeps_no_token_and_the_waiting_letter_neither(post: Letterbox) -> None:
    post.invites("ana")
    waiting = post.stands("select context::text || dedupe_key from portal.mail")
    assert post.stands("select count(*) from auth.link") == 0, "the link is made when the letter is written"
    token = post.token()
    assert token not in waiting
    for kept in ("auth.link", "portal.invitation", "portal.mail"):
        assert token not in post.stands(f"select string_agg(kept::text, '') from {kept} kept")
    assert bytes(post.stands("select token_hash from auth.link")) == hashed(token)


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("", PASSWORD, "name"),
        ("E" * 101, PASSWORD, "name"),
        ("Eve", "short", "password"),
        ("Eve", "eve@elsewhere", "password"),
    ],
)
def test_a_name_and_a_good_password_are_asked_for_and_the_link_stays(
    name: str, password: str, field: str, post: Letterbox
) -> None:
    post.invites("ana")
    token = post.token()
    with pytest.raises(Problems) as refused:
        accepts(token, name, password)
    assert field in refused.value.by_field
    assert accepts(token) is Answer.JOINED


@pytest.mark.parametrize("name", ["\u202e\u2066", "\x00\n", "\u200f · —"])
def test_a_name_of_which_nothing_can_be_read_is_none(name: str, post: Letterbox) -> None:
    with pytest.raises(Invalid):
        post.invites("ana", name=name)
    post.invites("ana")
    with pytest.raises(Problems) as refused:
        accepts(post.token(), name)
    assert "name" in refused.value.by_field


def test_a_name_is_one_line_and_reads_as_it_is_written(post: Letterbox) -> None:
    """Or whoever accepts would write a line of their own into the letters of others, or look like somebody else."""
    post.invites("ana", name="Eve\r\nBcc: all@acme.example\x00")
    assert [invited.name for invited in post.waiting()] == ["Eve Bcc: all@acme.example"]
    assert accepts(post.token(), "\u202eacmA anA\u202c\n\n중촌\u3000린") is Answer.JOINED
    assert post.stands("select name from portal.person where email = :email", email=EVE) == "acmA anA 중촌 린"


# --- what was invited counts once more when it is accepted


def test_of_who_administers_no_more_no_invitation_counts(post: Letterbox) -> None:
    post.stands("update portal.membership set role = 'paa' where person_id = :vic", vic=post.door.person("vic"))
    invitation = post.invites("vic")
    token = post.token()
    post.stands("update portal.membership set role = 'general' where person_id = :vic", vic=post.door.person("vic"))
    assert state_of(token) == Answer.REFUSED
    assert accepts(token) is Answer.REFUSED
    assert role_of(post) is None
    post.stands("update portal.invitation set sent_at = now() - interval '1 hour'")
    post.resends("ana", invitation)
    assert accepts(post.token()) is Answer.JOINED, "Ana answers for it now"


@pytest.mark.parametrize(
    "happened",
    [
        "update portal.account set closed_at = now() where code = 'ACME-SEOUL'",
        "update portal.person set disabled_at = now() where email = 'paa@acme.example'",
        """update portal.membership set ended_at = now()
           where person_id = (select id from portal.person where email = 'paa@acme.example')""",
        """update portal.invitation set rights = '{"user.manage": null}'""",
        """update portal.invitation set rights = '{"fault.create": [987654]}'""",
    ],
)  # fmt: skip
def test_what_cannot_be_given_any_more_is_refused_at_the_door(happened: str, post: Letterbox) -> None:
    post.invites("ana")
    token = post.token()
    post.stands(happened)
    assert state_of(token) == Answer.REFUSED
    assert accepts(token) is Answer.REFUSED
    assert post.stands("select count(*) from portal.person where email = :eve", eve=EVE) == 0


def test_a_letter_that_waited_too_long_is_not_sent(post: Letterbox) -> None:
    revoked = post.invites("ana")
    post.revokes("ana", revoked)
    post.invites("ana", "bob@elsewhere.example")
    post.stands("update portal.account set closed_at = now() where code = 'ACME-SEOUL'")
    assert post.arrived() == []


# --- who may invite


@pytest.mark.parametrize("who", ["abel", "vic", "bea", "mia", "fin"])
def test_whoever_does_not_run_the_account_invites_nobody(who: str, post: Letterbox) -> None:
    with pytest.raises(Forbidden):
        post.invites(who)
    invitation = post.invites("ana")
    for deed in (post.resends, post.revokes):
        with pytest.raises((Forbidden, NotFound)):
            deed(who, invitation)
    assert [one.edition for one in post.waiting("ana")] == [1]


@pytest.mark.parametrize("who", ["dee", "ada"])
def test_staff_who_manage_access_invite_with_a_reason(who: str, post: Letterbox) -> None:
    with pytest.raises(Invalid, match="say why"):
        post.invites(who, role=PAA)
    post.invites(who, role=PAA, reason="Asked by phone, called back.")
    assert accepts(post.token()) is Answer.JOINED
    assert role_of(post) == "paa"
    logged = "select reason || ' ' || audience from portal.audit_entry where action = 'access.invite'"
    assert post.stands(f"{logged} order by id desc limit 1") == "Asked by phone, called back. customer"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "eve"}, "email"),
        ({"email": f"{'e' * 250}@x.example"}, "email"),
        ({"name": "  "}, "person_name"),
        ({"name": "E" * 101}, "person_name"),
        ({"rights": {}}, "rights"),
        ({"rights": {P.USER_MANAGE: None}}, P.USER_MANAGE),
        ({"rights": {P.TICKET_WORK: None}}, P.TICKET_WORK),
        ({"rights": {P.INVOICE_VIEW: frozenset({1})}}, P.INVOICE_VIEW),
        ({"role": PAA, "rights": {P.ORDER_VIEW: None}}, "role"),
    ],
)
def test_what_cannot_be_invited_is_said_beside_its_field(wrong: dict[str, Any], field: str, post: Letterbox) -> None:
    with pytest.raises(Invalid) as refused:
        post.invites("ana", **wrong)
    assert refused.value.field == field
    assert post.waiting("ana") == ()


def test_the_same_click_twice_writes_one_letter(post: Letterbox) -> None:
    key = uuid4()
    assert post.invites("ana", key=key) == post.invites("ana", key=key)
    assert len(post.arrived()) == 1


def test_a_letter_is_not_sent_again_at_once_and_only_as_it_was_seen(post: Letterbox) -> None:
    invitation = post.invites("ana")
    with pytest.raises(Invalid, match="a moment ago"):
        post.resends("ana", invitation)
    post.stands("update portal.invitation set sent_at = now() - interval '1 hour'")
    post.resends("ana", invitation)
    for late in (post.resends, post.revokes):
        with pytest.raises(Conflict):
            late("ana", invitation, 1)
    post.revokes("ana", invitation, 2)
    with pytest.raises(NotFound):
        post.resends("ana", invitation, 2)


def test_an_account_writes_a_hundred_letters_a_day(post: Letterbox) -> None:
    seoul = post.account("ACME-SEOUL")
    letter = (
        "insert into portal.mail (account_id, kind, address, dedupe_key, message_id, state) "
        "select :seoul, 'invitation', 'x@x.example', n, n, 'sent' from generate_series(1, 100) n"
    )
    post.stands(letter, seoul=seoul)
    with pytest.raises(Invalid, match="Too many invitations"):
        post.invites("ana")
    post.invites("ana", account="ACME-OSAKA")
    post.stands("update portal.mail set created_at = now() - interval '25 hours'")
    post.invites("ana")


# --- what the database refuses by itself


_CALL = "select authz.invite({account}, gen_random_uuid(), {email}, 'Eve', 'en', {role}, {rights}, {why}, 'id')"
_GOOD = {"account": ":seoul", "email": "'eve@elsewhere.example'", "role": "'general'", "why": "''",
         "rights": """'{"order.view": null}'"""}  # fmt: skip

#: What somebody with the administrator's hat and SQL of their own may try; Ana looks at Acme Seoul.
FORBIDDEN = {
    "a foreign account": {"account": ":bolt"},
    "no account": {"account": "null"},
    "an account that is not looked at": {"account": ":osaka"},
    "managing users": {"rights": """'{"user.manage": null}'"""},
    "work of staff": {"rights": """'{"ticket.work": null}'"""},
    "a site that is none": {"rights": """'{"fault.create": [987654]}'"""},
    "a word for a site": {"rights": """'{"fault.create": ["1"]}'"""},
    "no site at all": {"rights": """'{"fault.create": []}'"""},
    "everything as true": {"rights": """'{"fault.create": true}'"""},
    "money by site": {"rights": """jsonb_build_object('invoice.view', (select jsonb_agg(id) from portal.site))"""},
    "rights of an administrator": {"role": "'paa'"},
    "a role that is none": {"role": "'staff'"},
    "no role": {"role": "null"},
    "rights that are none": {"rights": "'[]'"},
    "no rights": {"rights": "null"},
    "no address": {"email": "'eve'"},
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_refuses(what: str, post: Letterbox, sign_in: Callable[[str], Principal]) -> None:
    accounts = {name: post.account(code) for name, code in
                {"seoul": "ACME-SEOUL", "osaka": "ACME-OSAKA", "bolt": "BOLT"}.items()}  # fmt: skip
    ana = sign_in("ana").looking_at((accounts["seoul"],))
    call = text(_CALL.format(**{**_GOOD, **FORBIDDEN[what]}))
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        writing(post.door.database.app, ana, P.USER_MANAGE) as it,
    ):
        it.execute(call, accounts)
    with writing(post.door.database.app, ana, P.USER_MANAGE) as connection:
        assert connection.scalar(text(_CALL.format(**_GOOD)), accounts) == "sent", "and what is right is done"


@pytest.mark.parametrize(
    "statement",
    [
        """insert into portal.invitation
               (account_id, email, name, language, role, rights, invited_by, invited_by_name, expires_at)
           values (:seoul, 'x@x.example', 'X', 'en', 'paa', '{}', :ana, 'Ana', now() + interval '9 years')""",
        "update portal.invitation set role = 'paa', rights = '{}'",
        "update portal.invitation set expires_at = now() + interval '9 years'",
        "delete from portal.invitation",
        "select authz.join_account(i, :ana, '') from portal.invitation i",
        "select authz.grant_rights(:seoul, :ana, '{}')",
        "select authz.link_of_invitation(1, '\\x00')",
        "select authz.write_invitation(i, 'id') from portal.invitation i",
        "select accepted_by from portal.invitation",
        "select * from auth.link",
        "select signin.look_at_invitation('\\x00')",
    ],
)  # fmt: skip
def test_an_invitation_is_written_by_its_functions_alone(
    statement: str, post: Letterbox, sign_in: Callable[[str], Principal]
) -> None:
    post.invites("ana")
    ana = sign_in("ana").looking_at((post.account("ACME-SEOUL"),))
    values = {"seoul": post.account("ACME-SEOUL"), "ana": ana.person_id}
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        writing(post.door.database.app, ana, P.USER_MANAGE) as connection,
    ):
        connection.execute(text(statement), values)


def test_only_those_who_let_people_in_see_an_invitation(post: Letterbox, sign_in: Callable[[str], Principal]) -> None:
    post.invites("ana")
    post.invites("bea", "bob@elsewhere.example", account="BOLT")
    seen = {}
    for who, function in {
        "ana": P.USER_MANAGE, "bea": P.USER_MANAGE, "vic": P.ORDER_VIEW, "abel": P.TICKET_VIEW_OWN,
        "dee": P.ACCESS_MANAGE, "ada": P.ACCESS_MANAGE, "fin": P.INVOICE_VIEW,
    }.items():  # fmt: skip
        with reading(post.door.database.app, sign_in(who), function) as connection:
            try:
                with connection.begin_nested():
                    seen[who] = connection.execute(text("select email from portal.invitation")).scalars().all()
            except DBAPIError:
                seen[who] = []
    assert seen["ana"] == [EVE]
    assert seen["bea"] == ["bob@elsewhere.example"]
    assert sorted(seen["dee"]) == sorted(seen["ada"]) == ["bob@elsewhere.example", EVE]
    assert [seen[who] for who in ("vic", "abel", "fin")] == [[], [], []]


def test_who_was_a_member_before_comes_back_with_what_was_given_now(post: Letterbox) -> None:
    post.invites("ana", rights=dict.fromkeys(PRESETS["full_user"]))
    assert accepts(post.token()) is Answer.JOINED
    theirs = "(select id from portal.person where email = :eve)"
    post.stands(f"update portal.membership set ended_at = now() where person_id = {theirs}", eve=EVE)
    invitation = post.invites("ana")
    assert accept_own(auth_engine(), post.session_of(EVE), invitation)[0] is Answer.JOINED
    assert seoul_rights(post) == dict.fromkeys(map(str, HANDS))


def test_whoever_is_invited_by_a_page_that_forgot_to_check_is_not(post: Letterbox) -> None:
    """Vic, with the command alone: the database is asked by his session, whatever the page believed."""
    vic = post.sign_in("vic")
    with pytest.raises(Forbidden):
        execute(post.door.database.app, vic, Invite(post.account("ACME-SEOUL"), EVE, "Eve", PAA), key=uuid4())
