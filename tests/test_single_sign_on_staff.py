"""Single sign-on of staff: whom the portal lets in whom the provider has proven, and as what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection

from auth import sessions
from auth.single_sign_on import Unreachable
from data.engines import auth_engine
from data.settings import settings
from data.sign_on import link_person, unlink_person
from operate.doctor import _sign_on
from operate.user import user
from rules.errors import Conflict, Invalid, NotFound, SetupError
from rules.permissions import StaffRole
from tests import sign_on_scene
from tests.cluster import Database
from tests.conftest import CAST
from tests.door import Door
from tests.sign_on_scene import (
    ADA,
    DEE,
    FIN,
    NOT_BELIEVED,
    STRANGER,
    Browser,
    link,
    refused,
    said_of,
    signs_on,
)

MAPPED = {"PORTAL_OIDC_ROLE_CLAIM": "groups", "PORTAL_OIDC_ROLES": "cn=desk,ou=dc=desk;money=finance;root=admin"}

pytestmark = pytest.mark.usefixtures("configured")
company, configure, door = sign_on_scene.company, sign_on_scene.configure, sign_on_scene.door


# --- who may come in


def test_a_stranger_somebody_disabled_and_a_customer_read_the_same(door, company):
    said = []
    for email, prepare in (
        ("new@portal.example", ""),
        (CAST["ana"], ""),
        (DEE, "update portal.person set disabled_at = now() where email = :email"),
        (FIN, "delete from portal.staff_member where person_id = (select id from portal.person where email = :email)"),
    ):
        company.claims = {"sub": "dee-1" if email == DEE else email, "email": email, "email_verified": True}
        if prepare:
            door.owner(prepare, email=email)
        if email == FIN:
            link(door, FIN, company.issuer, FIN)
        browser = Browser()
        answer = signs_on(browser)
        assert refused(answer, 403, STRANGER), email
        assert not browser.is_in()
        said.append(answer.body)
    assert len(set(said)) == 1
    assert door.owner("select after ->> 'sign_on_subject' from portal.audit_entry order by id desc limit 1") == FIN


def test_a_customer_comes_in_by_no_means(door, company, configure):
    configure(PORTAL_OIDC_LINK_BY_EMAIL="1", **MAPPED)
    company.claims = {"sub": "ana-1", "email": CAST["ana"], "email_verified": True, "groups": ["root", "money"]}
    assert refused(signs_on(), 403, STRANGER)
    linked = "insert into auth.external_identity (issuer, subject, person_id) values (:issuer, 'ana-1', :person)"
    door.owner(linked, issuer=company.issuer, person=door.person("ana"))
    assert refused(signs_on(), 403, STRANGER), "not even if somebody wrote it into the table"
    assert door.owner("select kind from portal.person where id = :id", id=door.person("ana")) == "customer"
    assert door.owner("select count(*) from portal.staff_member where person_id = :id", id=door.person("ana")) == 0


def test_the_subject_counts_and_not_the_e_mail(door, company):
    for email in (DEE, FIN):
        company.claims = {"sub": "fin-1", "email": email, "email_verified": True}
        assert refused(signs_on(), 403, STRANGER), "an e-mail alone lets nobody in"
    assert door.owner("select count(*) from auth.external_identity") == 1
    company.claims = {"sub": "dee-1", "email": "other@portal.example"}
    browser = Browser()
    assert signs_on(browser).status == 303
    signed_in = sessions.who(auth_engine(), browser.token)
    assert signed_in is not None and signed_in.principal.email == DEE


def test_the_same_subject_of_another_issuer_is_somebody_else(door, company):
    door.owner("update auth.external_identity set issuer = 'https://other.example'")
    assert refused(signs_on(), 403, STRANGER)


BY_EMAIL = {"PORTAL_OIDC_LINK_BY_EMAIL": "1"}


def test_where_the_operator_allows_it_a_verified_e_mail_links_once(door, company, configure):
    configure(**BY_EMAIL)
    company.claims = {"sub": "fin-1", "email": FIN.upper(), "email_verified": True}
    browser = Browser()
    assert signs_on(browser).status == 303
    assert said_of(door, "person.link", "after ->> 'sign_on_subject'") == "system fin-1"
    company.claims = {"sub": "fin-1"}
    configure(PORTAL_OIDC_LINK_BY_EMAIL="0")
    assert signs_on(browser).status == 303, "from then on it is the subject that counts"
    configure(**BY_EMAIL)
    company.claims = {"sub": "fin-2", "email": FIN, "email_verified": True}
    assert refused(signs_on(), 403, STRANGER), "who has the address next is not Fin"


@pytest.mark.parametrize("verified", [False, None, "true", "yes", 1])
def test_an_e_mail_that_is_not_verified_links_nobody(door, company, configure, verified):
    configure(**BY_EMAIL)
    company.claims = {"sub": "fin-1", "email": FIN} | ({} if verified is None else {"email_verified": verified})
    assert refused(signs_on(), 403, STRANGER)
    assert door.owner("select count(*) from auth.external_identity") == 1


def test_a_disabled_member_of_staff_is_not_linked(door, company, configure):
    configure(**BY_EMAIL)
    door.owner("update portal.person set disabled_at = now() where email = :email", email=FIN)
    company.claims = {"sub": "fin-1", "email": FIN, "email_verified": True}
    assert refused(signs_on(), 403, STRANGER)
    assert door.owner("select count(*) from auth.external_identity") == 1


# --- roles that the provider says


def roles_of(door: Door, name: str) -> list[str]:
    found = door.owner(
        "select array_agg(role order by role) from portal.staff_member where person_id = :id", id=door.person(name)
    )
    return found or []


def test_roles_follow_the_claim_and_a_role_that_goes_takes_its_sessions_along(door, company, configure):
    configure(**MAPPED)
    company.claims = {"sub": "dee-1", "groups": ["cn=desk,ou=dc", "money", "canteen"]}
    desk = Browser()
    assert signs_on(desk).status == 303
    assert roles_of(door, "dee") == ["finance", "service_desk"]
    by_password = door.signed_in("dee")  # in the desk's role
    changed = """(before ->> 'roles') || ' > ' || (after ->> 'roles')"""
    assert said_of(door, "person.roles", changed) == 'system ["service_desk"] > ["finance", "service_desk"]'

    company.claims["groups"] = ["money"]
    finance = Browser()
    assert signs_on(finance).status == 303
    assert roles_of(door, "dee") == ["finance"]
    assert not door.is_alive(by_password)
    ended = "select revoked_at is not null from auth.session where token_hash = :token"
    assert door.owner(ended, token=sessions.hashed(by_password)) is True
    signed_in = sessions.who(auth_engine(), finance.token)
    assert signed_in is not None and signed_in.principal.role is StaffRole.FINANCE
    entries = door.owner("select count(*) from portal.audit_entry where action = 'person.roles'")
    assert signs_on(finance).status == 303
    assert door.owner("select count(*) from portal.audit_entry where action = 'person.roles'") == entries, "nothing new"


@pytest.mark.parametrize("groups", [[], ["canteen"], None, "desk", ["desk"], [["money"]], {"money": True}, 5])
def test_without_a_role_that_is_mapped_nobody_comes_in_and_none_is_kept(door, company, configure, groups):
    configure(**MAPPED)
    company.claims = {"sub": "dee-1"} | ({} if groups is None else {"groups": groups})
    by_password = door.signed_in("dee")
    assert refused(signs_on(), 403, STRANGER)
    assert roles_of(door, "dee") == []
    assert not door.is_alive(by_password)


def test_a_claim_that_was_too_long_for_the_token_changes_nothing(door, company, configure):
    configure(**MAPPED)
    company.claims = {"sub": "dee-1", "_claim_names": {"groups": "src1"}}
    assert refused(signs_on(), 400, NOT_BELIEVED)
    assert roles_of(door, "dee") == ["service_desk"]


def test_the_last_administrator_stays_one_and_is_refused_all_the_same(door, company, configure):
    configure(**MAPPED)
    link(door, ADA, company.issuer, "ada-1")
    company.claims = {"sub": "ada-1", "groups": []}
    assert refused(signs_on(), 403, STRANGER)
    assert roles_of(door, "ada") == ["administrator"]
    door.owner("insert into portal.staff_member (person_id, role) values (:id, 'administrator')", id=door.person("mia"))
    disabled = "update portal.person set disabled_at = {} where id = :id"
    door.owner(disabled.format("now()"), id=door.person("mia"))
    assert refused(signs_on(), 403, STRANGER)
    assert roles_of(door, "ada") == ["administrator"], "who is disabled puts nothing right"
    door.owner(disabled.format("null"), id=door.person("mia"))
    assert refused(signs_on(), 403, STRANGER)
    assert roles_of(door, "ada") == []


def test_a_claim_inside_others_and_one_with_dots_in_its_name(door, company, configure):
    for name, claims in (
        ("realm_access.roles", {"realm_access": {"roles": ["money"]}}),
        ("https://portal.example/roles", {"https://portal.example/roles": "money"}),
    ):
        configure(PORTAL_OIDC_ROLE_CLAIM=name, PORTAL_OIDC_ROLES="money=finance")
        company.claims = {"sub": "dee-1", **claims}
        assert signs_on().status == 303, name
        assert roles_of(door, "dee") == ["finance"]


def test_where_nothing_is_mapped_roles_are_the_portals_own(door, company):
    company.claims = {"sub": "dee-1", "groups": ["root"], "roles": ["administrator"]}
    assert signs_on().status == 303
    assert roles_of(door, "dee") == ["service_desk"]


# --- what the operator says on the server


def test_a_subject_is_one_persons_and_a_person_has_one(door, company):
    with door.database.as_owner() as connection:
        for email, subject, error in (
            (FIN, "dee-1", Conflict),
            (DEE, "dee-2", Conflict),
            (CAST["ana"], "ana-1", Conflict),
            ("new@portal.example", "new-1", NotFound),
            (FIN, " ", Invalid),
            (FIN, "x" * 256, Invalid),
            (FIN, "x\n", Conflict),
        ):
            if subject == "x\n":
                link_person(connection, email, company.issuer, subject)  # a line end is no part of it
                assert unlink_person(connection, email)
                continue
            with pytest.raises(error):
                link_person(connection, email, company.issuer, subject)


def test_unlinking_ends_what_was_begun_by_single_sign_on_and_nothing_else(door, company):
    browser, by_password = Browser(), door.signed_in("dee")
    signs_on(browser)
    with door.database.as_owner() as connection:
        assert unlink_person(connection, DEE)
        assert not unlink_person(connection, DEE)
    assert not browser.is_in()
    assert door.is_alive(by_password)
    assert refused(signs_on(), 403, STRANGER)


@pytest.fixture
def server(database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The operator's shell, on the server of this database."""

    @contextmanager
    def as_owner(*, into_demo: bool) -> Iterator[Connection]:
        with database.as_owner() as connection:
            yield connection

    monkeypatch.setattr("operate.user._as_owner", as_owner)
    return lambda *words: CliRunner().invoke(user, list(words))


def test_the_operator_links_and_unlinks_by_a_command(door, company, server):
    company.claims = {"sub": "fin-1"}
    assert refused(signs_on(), 403, STRANGER)
    assert server("link-oidc", FIN, "fin-1").exit_code == 0
    assert said_of(door, "person.link", "object_label") == f"operator {FIN}"
    assert signs_on().status == 303
    refusal = server("link-oidc", CAST["ana"], "ana-1")
    assert isinstance(refusal.exception, Conflict) and "for staff" in str(refusal.exception)
    assert server("unlink-oidc", FIN).exit_code == 0
    assert refused(signs_on(), 403, STRANGER)


def test_without_single_sign_on_there_is_nobody_to_link_to(door, server, monkeypatch):
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"PORTAL_OIDC_{name}", "")
    settings.cache_clear()
    refusal = server("link-oidc", FIN, "fin-1")
    assert isinstance(refusal.exception, SetupError) and "PORTAL_OIDC_ISSUER" in str(refusal.exception)
    assert door.owner("select count(*) from auth.external_identity") == 1


def test_the_doctor_asks_the_provider_and_names_what_it_has_to_know(door, company, configure):
    assert "http://127.0.0.1:8501/auth/oidc/callback" in _sign_on(settings())
    company.metadata = {"issuer": f"{company.issuer}/"}
    with pytest.raises(Unreachable, match="set PORTAL_OIDC_ISSUER to it"):
        _sign_on(settings())
    company.metadata = {"token_endpoint": None}
    with pytest.raises(Unreachable, match="token_endpoint"):
        _sign_on(settings())
    configure(PORTAL_OIDC_ISSUER="http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="check PORTAL_OIDC_ISSUER and the network"):
        _sign_on(settings())
