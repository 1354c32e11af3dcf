"""Messages: a customer writes to a desk of ours with colleagues of theirs; who reads it, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from data.messaging import (
    SayInThread,
    conversation_of,
    desks_of,
    linked,
    mark_read,
    partners,
    read_message_file,
    writing,
)
from jobs.letters import Unwanted, written
from pages.portal.message.conversation import Back
from rules.errors import Conflict, Forbidden, Invalid, NotFound
from rules.files import Upload
from rules.messages import About, Desk, Side
from rules.permissions import Permission
from rules.principal import Principal
from tests.cluster import Database
from tests.message_scene import Post, post_of_colleagues
from tests.standing import page_of, words_of

pytestmark = pytest.mark.usefixtures("configured")
P = Permission
PDF = b"%PDF-1.7 plan"


@pytest.fixture(scope="module")
def post(database: Database, sign_in: Callable[[str], Principal]) -> Post:
    return post_of_colleagues(database, sign_in)


def uuid_of(post: Post, table: str, label: str) -> UUID:
    column = {"ticket": "subject", "invoice": "number", "service_order": "number"}[table]
    ((uuid,),) = post.rows(f"select uuid from portal.{table} where {column} = :label", label=label)
    return uuid


class TestBeginning:
    def test_it_is_read_by_who_was_chosen_and_by_the_desk_and_by_nobody_else(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),), files=(Upload("plan.pdf", PDF),))
        for who in ("abel", "vic", "mia"):
            its = post.reads(who, thread)
            (message,) = its.messages
            assert (its.subject, message.body, message.author, message.side) == (
                "Power in Seoul", "When is the work?", "Abel Acme", Side.CUSTOMER,
            )  # fmt: skip
            assert message.is_mine == (who == "abel")
            assert {name.split()[0] for name, _me in its.people} == {"Abel", "Vic"}
            assert [file.name for file in message.files] == ["plan.pdf"]
            assert read_message_file(post.database.app, post.person(who), message.files[0].uuid).content == PDF
        for who in ("ana", "bea", "fin", "dee"):  # ana runs the account, and was not asked to take part
            with pytest.raises(NotFound):
                post.reads(who, thread)
            with pytest.raises(NotFound):
                read_message_file(post.database.app, post.person(who), message.files[0].uuid)
        with pytest.raises(Forbidden):
            post.reads("ada", thread)

    @pytest.mark.parametrize(
        ("desk", "reader", "not_theirs"),
        [("finance", "fin", ("dee", "mia")), ("service_desk", "dee", ("fin", "mia")),
         ("account_manager", "mia", ("fin", "dee"))],
    )  # fmt: skip
    def test_each_desk_reads_what_is_written_to_it_alone(
        self, post: Post, desk: str, reader: str, not_theirs: tuple[str, ...]
    ) -> None:
        thread = post.starts("ana", desk)
        assert post.reads(reader, thread).desk == desk
        assert post.unread(reader) > 0
        for who in not_theirs:
            with pytest.raises(NotFound):
                post.reads(who, thread)

    def test_a_manager_reads_nothing_of_customers_they_do_not_look_after(self, post: Post) -> None:
        thread = post.starts("bea", account="bolt")
        with pytest.raises(NotFound):
            post.reads("mia", thread)
        with pytest.raises(NotFound):
            post.does("mia", SayInThread(thread, "Hello"))

    def test_finance_is_for_who_sees_invoices(self, post: Post) -> None:
        seoul = post.accounts["seoul"]
        assert Desk.FINANCE in desks_of(post.person("abel"), seoul)
        assert Desk.FINANCE not in desks_of(post.person("vic"), seoul)
        with pytest.raises(Forbidden):
            post.starts("vic", "finance")
        with pytest.raises(Forbidden):  # nor may he be brought along
            post.starts("abel", "finance", colleagues=(post.uuid_of("vic"),))
        thread = post.starts("abel", "finance", colleagues=(post.uuid_of("ana"),))
        assert {name.split()[0] for name, _me in post.reads("ana", thread).people} == {"Abel", "Ana"}

    def test_colleagues_are_offered_and_nobody_of_another_company(self, post: Post) -> None:
        offered = partners(post.database.app, post.person("abel"), post.accounts["seoul"])
        assert {(one.name.split()[0], one.with_finance) for one in offered} == {("Vic", False), ("Ana", True)}
        for stranger in ("bea", "mia"):
            with pytest.raises(Forbidden):
                post.starts("abel", colleagues=(post.uuid_of(stranger),))
        with pytest.raises(Forbidden):
            post.starts("abel", colleagues=(uuid4(),))
        ((gus,),) = post.rows("select uuid from portal.person where name = 'Gus Acme'")
        with pytest.raises(Forbidden):  # a colleague who may not use messages
            post.starts("abel", colleagues=(gus,))

    @pytest.mark.parametrize("who", ["bea", "mia", "dee", "fin"])
    def test_in_the_name_of_an_account_that_is_not_theirs_nobody_begins(self, post: Post, who: str) -> None:
        with pytest.raises((NotFound, Forbidden)):
            post.starts(who, account="seoul")

    @pytest.mark.parametrize("wrong", [
        {"subject": " "}, {"subject": "x" * 201}, {"body": " \n"}, {"body": "x" * 10_001}, {"body": "a\x00b"},
        {"desk": "administrator"}, {"desk": ""}, {"about": ("person", uuid4())},
        {"files": (Upload("evil.exe", b"MZ"),)}, {"files": tuple(Upload(f"{n}.pdf", PDF) for n in range(6))},
    ])  # fmt: skip
    def test_what_cannot_be_accepted_leaves_nothing_behind(self, post: Post, wrong: dict[str, object]) -> None:
        before = post.rows("select count(*) from portal.thread")
        with pytest.raises(Invalid):
            post.starts("abel", **wrong)  # type: ignore[arg-type]
        assert post.rows("select count(*) from portal.thread") == before

    def test_the_same_click_twice_is_one_conversation(self, post: Post) -> None:
        key = uuid4()
        with ThreadPoolExecutor(4) as several:
            found = {one.result() for one in [several.submit(post.starts, "abel", key=key) for _n in range(4)]}
        (thread,) = found
        assert len(post.reads("abel", thread).messages) == 1
        assert post.mailed(thread) == ["manager"]
        with pytest.raises(Conflict):
            post.starts("abel", key=key, body="Something else")

    def test_who_begins_too_many_is_told_to_go_on_in_one(self, post: Post) -> None:
        abel, seoul = post.person("abel").person_id, post.accounts["seoul"]
        post.run(
            "insert into portal.thread (account_id, subject, started_by) "
            "select :a, 'x', :p from generate_series(1, 30)",
            a=seoul, p=abel,
        )  # fmt: skip
        with pytest.raises(Conflict, match="many conversations"):
            post.starts("abel")
        post.run("delete from portal.thread where subject = 'x'")
        post.starts("abel")


class TestAbout:
    def test_it_leads_to_what_it_is_about_for_who_may_open_that(self, post: Post) -> None:
        invoice = uuid_of(post, "invoice", "KR-SEOUL")
        found = linked(post.database.app, post.person("abel"), About.INVOICE, invoice)
        thread = post.starts(
            "abel", about=(found.kind, found.uuid), colleagues=(post.uuid_of("vic"), post.uuid_of("ana"))
        )
        for who in ("abel", "ana", "mia"):
            about = post.reads(who, thread).about
            assert about is not None and (about.kind, about.number) == (About.INVOICE, "KR-SEOUL")
        assert post.reads("vic", thread).about is None, "he may not open invoices"

    def test_ones_own_ticket_is_enough_and_a_colleagues_is_not(self, post: Post) -> None:
        post.may("vic", "seoul", P.MESSAGE_USE, P.TICKET_VIEW_OWN)
        mine, theirs = uuid_of(post, "ticket", "seoul: vic's fault"), uuid_of(post, "ticket", "seoul: abel's hands")
        assert linked(post.database.app, post.person("vic"), About.TICKET, mine).account_id == post.accounts["seoul"]
        thread = post.starts("vic", "service_desk", about=("ticket", mine))
        assert post.reads("dee", thread).about is not None
        with pytest.raises(NotFound):
            linked(post.database.app, post.person("vic"), About.TICKET, theirs)
        with pytest.raises(Forbidden):
            post.starts("vic", "service_desk", about=("ticket", theirs))
        post.may("vic", "seoul", P.MESSAGE_USE)

    @pytest.mark.parametrize(
        ("kind", "table", "label"),
        [("invoice", "invoice", "PH-BOLT"), ("invoice", "invoice", "KR-SEOUL-DRAFT"),
         ("invoice", "invoice", "JP-OSAKA"),
         ("ticket", "ticket", "bolt: bea's hands"), ("order", "service_order", "BOLT-ORDER"),
         ("order", "service_order", "SEOUL-ORDER"), ("ticket", "invoice", "KR-SEOUL")],
    )  # fmt: skip
    def test_what_somebody_may_not_open_they_do_not_write_about(
        self, post: Post, kind: str, table: str, label: str
    ) -> None:
        """Another company's, a draft, another account's, one without the function, and one that is something else."""
        with pytest.raises(Forbidden):
            post.starts("abel", about=(kind, uuid_of(post, table, label)))

    @pytest.mark.parametrize(
        ("desk", "kind", "table", "label"),
        [("service_desk", "invoice", "invoice", "KR-SEOUL"), ("finance", "ticket", "ticket", "seoul: abel's hands"),
         ("finance", "order", "service_order", "SEOUL-ORDER"),
         ("service_desk", "order", "service_order", "SEOUL-ORDER")],
    )  # fmt: skip
    def test_no_desk_is_led_to_what_it_may_not_read(
        self, post: Post, desk: str, kind: str, table: str, label: str
    ) -> None:
        with pytest.raises(Invalid, match="may read"):
            post.starts("ana", desk, about=(kind, uuid_of(post, table, label)))


class TestGoingOn:
    def test_an_answer_is_new_to_the_others_until_they_read_it(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        before = {who: post.unread(who) for who in ("abel", "vic", "mia")}
        post.does("mia", SayInThread(thread, "On Sunday night"))
        assert post.unread("abel") == before["abel"] + 1
        assert post.unread("vic") == before["vic"], "it was new to him already"
        assert post.unread("mia") == before["mia"] - 1, "who answers has read"
        its = post.reads("abel", thread)
        last = its.messages[-1]
        assert (last.author, last.side, last.body) == ("Mia Manager", Side.STAFF, "On Sunday night")
        assert its.is_unread
        mark_read(post.database.app, post.person("abel"), its)
        assert post.unread("abel") == before["abel"]
        assert post.reads("vic", thread).is_unread, "my reading is mine alone"

    def test_for_a_desk_it_is_new_until_one_of_them_has_answered(self, post: Post) -> None:
        thread = post.starts("ana", "finance")
        assert post.reads("fin", thread).is_unread
        post.does("fin", SayInThread(thread, "We look into it"))
        assert not post.reads("fin", thread).is_unread
        post.run("delete from portal.thread_member where person_id = :p", p=post.person("fin").person_id)
        assert not post.reads("fin", thread).is_unread, "a colleague of his, who never opened it"
        post.does("ana", SayInThread(thread, "Thank you"))
        assert post.reads("fin", thread).is_unread

    def test_what_is_written_while_somebody_reads_stays_new(self, post: Post) -> None:
        thread = post.starts("abel")
        seen = post.reads("mia", thread)
        post.does("abel", SayInThread(thread, "One more thing"))
        mark_read(post.database.app, post.person("mia"), seen)
        assert post.reads("mia", thread).is_unread

    def test_two_at_once_are_both_kept_and_in_the_order_of_their_times(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        with ThreadPoolExecutor(8) as several:
            for done in [
                several.submit(post.does, who, SayInThread(thread, f"{who} {n}"))
                for n in range(4) for who in ("abel", "vic", "mia")
            ]:  # fmt: skip
                done.result()
        messages = post.reads("abel", thread).messages
        assert len({message.body for message in messages}) == 13
        assert [m.written_at for m in messages] == sorted(m.written_at for m in messages)
        assert post.reads("abel", thread).last_at == messages[-1].written_at

    def test_the_same_answer_sent_twice_is_there_once(self, post: Post) -> None:
        thread, key = post.starts("abel"), uuid4()
        for _n in range(2):
            post.does("mia", SayInThread(thread, "Once"), key=key)
        assert [m.body for m in post.reads("abel", thread).messages] == ["When is the work?", "Once"]
        with pytest.raises(Conflict):
            post.does("mia", SayInThread(thread, "Twice"), key=key)

    def test_of_a_long_one_the_last_are_shown_and_the_others_counted(self, post: Post) -> None:
        thread = post.starts("abel")
        for n in range(4):
            post.does("abel", SayInThread(thread, str(n)))
        its = conversation_of(post.database.app, post.person("abel"), thread, most=2)
        assert ([m.body for m in its.messages], its.earlier) == (["2", "3"], 3)

    def test_more_files_than_a_conversation_holds_are_refused(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writing, "FILES", replace(writing.FILES, most=2))
        files = (Upload("a.pdf", PDF), Upload("b.pdf", PDF))
        thread = post.starts("abel", files=files)
        with pytest.raises(Invalid, match="at most 2 files"):
            post.does("abel", SayInThread(thread, "more", files[:1]))
        assert len(post.reads("abel", thread).messages) == 1


class TestRightsThatGo:
    def test_without_the_function_it_is_gone_and_with_it_back(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        post.may("vic", "seoul", P.TICKET_VIEW_COMPANY)
        with pytest.raises((NotFound, Forbidden)):
            post.reads("vic", thread)
        with pytest.raises((NotFound, Forbidden)):
            post.does("vic", SayInThread(thread, "Still here"))
        assert {name.split()[0] for name, _me in post.reads("abel", thread).people} == {"Abel"}
        post.may("vic", "seoul", P.MESSAGE_USE)
        assert post.reads("vic", thread).uuid == thread

    def test_a_membership_that_ends_takes_the_conversation_along(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        vic = post.person("vic")
        post.run("update portal.membership set ended_at = now() where person_id = :p", p=vic.person_id)
        with pytest.raises((NotFound, Forbidden)):
            conversation_of(post.database.app, vic, thread)
        post.run("update portal.membership set ended_at = null where person_id = :p", p=vic.person_id)

    def test_what_was_written_to_finance_goes_with_the_right_to_see_invoices(self, post: Post) -> None:
        thread = post.starts("abel", "finance")
        post.may("abel", "seoul", P.MESSAGE_USE)
        with pytest.raises(NotFound):
            post.reads("abel", thread)
        post.may("abel", "seoul", P.MESSAGE_USE, P.INVOICE_VIEW)
        assert post.reads("abel", thread).uuid == thread

    def test_a_manager_who_hands_the_account_on_reads_it_no_more(self, post: Post) -> None:
        thread, mia = post.starts("ana"), post.person("mia").person_id
        post.does("mia", SayInThread(thread, "I look into it"))
        kept = post.rows("select account_id from portal.assignment where person_id = :p", p=mia)
        post.run("delete from portal.assignment where person_id = :p", p=mia)
        with pytest.raises((NotFound, Forbidden)):
            conversation_of(post.database.app, post.again("mia"), thread)
        for (account,) in kept:
            post.run("insert into portal.assignment (account_id, person_id) values (:a, :p)", a=account, p=mia)
        post.again("mia")


class TestMail:
    def test_the_others_are_told_once_until_they_have_read_on(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        assert sorted(post.mailed(thread)) == ["manager", "viewer"]
        post.does("abel", SayInThread(thread, "And another thing"))
        assert sorted(post.mailed(thread)) == ["manager", "viewer"], "they have one waiting"
        mark_read(post.database.app, post.person("vic"), post.reads("vic", thread))
        post.does("mia", SayInThread(thread, "Yes"))
        assert sorted(post.mailed(thread)) == ["hands", "manager", "viewer", "viewer"]

    def test_of_a_desk_of_many_only_who_has_written_there_is_mailed(self, post: Post) -> None:
        thread = post.starts("ana", "service_desk")
        assert post.mailed(thread) == []
        post.does("dee", SayInThread(thread, "We come"))
        post.does("ana", SayInThread(thread, "Thank you"))
        assert sorted(post.mailed(thread)) == ["desk", "paa"]

    def letter(self, post: Post, thread: UUID, to: str) -> str:
        """What somebody is sent about it now, as plain text."""
        ((number, kind, context, message_id),) = post.rows(
            "select m.id, m.kind, m.context, m.message_id from portal.mail m "
            "join portal.person p on p.id = m.person_id where p.email like :to "
            "and m.context ->> 'thread' = (select id::text from portal.thread where uuid = :t)",
            to=f"{to}@%", t=thread,
        )  # fmt: skip
        with post.database.jobs.begin() as connection:
            connection.execute(text("set local role portal_worker"))
            message = written(connection, number, kind, context, message_id).message
        body = message.get_body(("plain",))
        assert body is not None
        return f"{message['Subject']}\n{body.get_content()}"

    def test_it_says_who_wrote_what_and_where_to_answer(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),), body="Is it <b>on</b>?")
        said = self.letter(post, thread, "viewer")
        assert "Abel Acme" in said.splitlines()[0] and "Power in Seoul" in said.splitlines()[0]
        assert "Is it <b>on</b>?" in said and f"/messages?thread={thread}" in said
        assert "Abel Acme" in self.letter(post, thread, "manager")

    def test_who_has_read_it_meanwhile_or_may_not_any_more_gets_none(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        mark_read(post.database.app, post.person("mia"), post.reads("mia", thread))
        with pytest.raises(Unwanted):
            self.letter(post, thread, "manager")
        post.may("vic", "seoul", P.TICKET_VIEW_COMPANY)
        with pytest.raises(Unwanted):
            self.letter(post, thread, "viewer")
        post.may("vic", "seoul", P.MESSAGE_USE)
        assert "Power in Seoul" in self.letter(post, thread, "viewer")

    def test_who_wants_no_mail_of_messages_gets_none(self, post: Post) -> None:
        thread = post.starts("abel", colleagues=(post.uuid_of("vic"),))
        vic = post.person("vic").person_id
        off = "insert into portal.notification_preference (person_id, topic, channel) values (:p, :topic, 'portal')"
        post.run(off, p=vic, topic="ticket")
        assert "Power in Seoul" in self.letter(post, thread, "viewer"), "tickets are another matter"
        post.run(off, p=vic, topic="message")
        with pytest.raises(Unwanted):
            self.letter(post, thread, "viewer")
        post.run("delete from portal.notification_preference where person_id = :p", p=vic)


class TestThePage:
    def test_the_form_asks_for_what_somebody_may(self, post: Post) -> None:
        app = page_of(post.person("abel"), "pages.portal.messages", write="new")
        assert not app.exception
        (desk,) = [group for group in app.button_group if group.label == "To"]
        assert len(desk.options) == 3
        app = page_of(post.person("vic"), "pages.portal.messages", write="new")
        (desk,) = [group for group in app.button_group if group.label == "To"]
        assert len(desk.options) == 2, "not to finance"

    def test_about_an_invoice_the_desk_is_not_offered(self, post: Post) -> None:
        invoice = uuid_of(post, "invoice", "KR-SEOUL")
        app = page_of(post.person("abel"), "pages.portal.messages", write=f"invoice.{invoice}")
        assert r"About invoice **KR\-SEOUL**" in words_of(app)
        (desk,) = [group for group in app.button_group if group.label == "To"]
        assert len(desk.options) == 2

    @pytest.mark.parametrize(
        "asked", ["invoice.{bolt}", "invoice.nonsense", "person.{bolt}", "ticket.{bolt}", "nonsense"]
    )
    def test_an_address_about_something_else_opens_no_form(self, post: Post, asked: str) -> None:
        said = asked.format(bolt=uuid_of(post, "invoice", "PH-BOLT"))
        app = page_of(post.person("abel"), "pages.portal.messages", write=said)
        assert "It does not exist, or it is not available to you." in words_of(app)
        assert "PH-BOLT" not in words_of(app)
        assert not app.text_area

    @pytest.mark.parametrize("who", ["mia", "fin", "dee"])
    def test_staff_answer_and_are_offered_no_form(self, post: Post, who: str) -> None:
        app = page_of(post.person(who), "pages.portal.messages", write="new")
        assert not app.text_area
        assert "New message" not in [button.label for button in app.button]

    def test_a_long_conversation_is_read_backwards_step_by_step(
        self, post: Post, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Back, "of", lambda _thread: Back(2))
        thread = post.starts("abel", body="the first")
        for n in range(3):
            post.does("abel", SayInThread(thread, f"more {n}"))
        app = page_of(post.person("mia"), "pages.portal.messages", thread=str(thread))
        assert [said.value for said in app.text] == ["more 1", "more 2"]
        assert "2 earlier messages" in [button.label for button in app.button]
