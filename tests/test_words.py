"""The portal speaks each reader's language: no word is missing, no number is rounded away, nobody's text is markup."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint
from streamlit.testing.v1 import AppTest

import data.models  # noqa: F401 - fills the metadata
from data.guides import FOLDER
from data.models.base import Base
from rules.audit import ACTIONS, OBJECTS, ActorKind
from rules.inventory import ATTRIBUTES
from rules.lifecycle import STATES, Actor, Category
from rules.money import AgeingBucket, DueIn, PaymentStatus
from rules.permissions import PRESETS, Permission
from rules.sla import ClockState
from ui import catalog
from ui.terms import TERMS
from ui.text import (
    Reader,
    Word,
    _,
    ago_text,
    compact_text,
    country_text,
    date_pattern,
    date_text,
    duration_text,
    language_for,
    language_of_page,
    language_text,
    languages,
    mail_link,
    money_text,
    month_text,
    n_,
    number_text,
    percent_text,
    plain,
    reader,
    reading_as,
    tag_of,
    term,
    terms,
    time_text,
    zone_name,
)

KIM = Reader("ko", "Asia/Seoul")
ANN = Reader("en", "Asia/Manila")
FIVE = ["en", "id", "ja", "ko", "zh_Hans"]
NOON_UTC = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

# --- the catalogs


@pytest.mark.parametrize("language", languages())
def test_every_message_of_the_code_stands_in_every_catalog(language: str) -> None:
    assert catalog.problems(language) == [], "python -m ui.catalog update --drop-unused, then translate"


def test_every_message_is_written_where_it_is_used() -> None:
    assert catalog.unwritten() == []


#: SPEC §2 names the interface terms; a translator may not choose others.
SPEC_TERMS = {
    "Remote hands": "리모트핸즈",
    "Fault report": "장애 접수",
    "Shipment": "배송",
    "Site visit": "현장 방문",
    "Tickets": "지원요청",
    "Invoice": "인보이스",
    "Invoices": "인보이스",
    "Due date": "납부 기한",
    "Payment status": "결제 상태",
    "Generate report": "보고서 생성",
    "Help": "도움말",
    "Customer policies": "대고객 정책",
    "FAQ": "자주 묻는 질문",
    "Contact us": "문의하기",
    "Dashboard": "대시보드",
    "Account settings": "계정 설정",
    "Access rights": "액세스 권한",
    "Routine": "정기",
}


def test_korean_uses_the_terms_of_the_specification() -> None:
    words = {m.id: m.string for m in catalog.read("ko") if isinstance(m.id, str) and m.context is None}
    wrong = {english: words[english] for english, korean in SPEC_TERMS.items() if words.get(english, korean) != korean}
    assert not wrong
    with reading_as(KIM):
        assert term("remote_hands.schedule", "scheduled") == "예약"


#: In Korean "계정" is what somebody signs in with; the account of a company is "고객사", also where its own people read
#: it.
OF_SIGNING_IN = {
    "Account settings",
    "Sign in with {name}",
    "The service desk opens accounts and helps whoever cannot sign in.",
    "You are signed in as {email}, and the invitation is for {other}. Sign out, then open its link again.",
    "You are signed in as {email}.",
    "You sign in here already with {email}. Sign in to accept.",
    "Your account",
}


def test_korean_has_one_word_for_the_account_of_a_company() -> None:
    messages = [message for message in catalog.read("ko") if message.id]
    assert {message.id for message in messages if "계정" in str(message.string)} <= OF_SIGNING_IN
    assert any("고객사" in str(message.string) for message in messages)
    guides = (FOLDER / "ko").glob("*.md")
    assert not [guide.name for guide in guides if "계정" in guide.read_text(encoding="utf-8")]


# --- the tool that keeps the catalogs complete


@pytest.fixture
def small_portal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two messages, one of them translated."""
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "page.py").write_text('_("Hello {name}", name=who)\nn_("{n} rack", "{n} racks", n)\n')
    folder = tmp_path / "locales" / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "portal.po").write_text(
        'msgid ""\nmsgstr ""\n"Language: ko\\n"\n\nmsgid "Hello {name}"\nmsgstr "{name}님, 안녕하세요"\n'
    )
    monkeypatch.setattr(catalog, "LOCALES", tmp_path / "locales")
    return tmp_path


def _problems(root: Path) -> list[str]:
    return catalog.problems("ko", catalog.extract(root))


def _edit(root: Path, old: str, new: str) -> None:
    path = root / "locales" / "ko" / "LC_MESSAGES" / "portal.po"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_new_message_is_named_as_missing_and_the_known_one_is_not(small_portal: Path) -> None:
    assert _problems(small_portal) == ["ko: missing: {n} rack"]


def test_updating_adds_what_is_new_and_keeps_what_was_translated(small_portal: Path) -> None:
    catalog.update("ko", catalog.extract(small_portal))
    assert _problems(small_portal) == ["ko: untranslated: {n} rack"]
    once = catalog.po_path("ko").read_bytes()
    catalog.update("ko", catalog.extract(small_portal))
    assert catalog.po_path("ko").read_bytes() == once
    assert b"20" not in once  # no dates, no line numbers: a diff shows words alone


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{name}님, 안녕하세요", "{nome}님, 안녕하세요", "placeholders differ: Hello {name} → {nome}님, 안녕하세요"),
        ('msgid "Hello {name}"', '#, fuzzy\nmsgid "Hello {name}"', "fuzzy: Hello {name}"),
        (
            "{name}님, 안녕하세요",
            "{name!r}님, 안녕하세요",
            "placeholders differ: Hello {name} → {name!r}님, 안녕하세요",
        ),
        ("{name}님, 안녕하세요", "{name님, 안녕하세요", "placeholders differ: Hello {name} → {name님, 안녕하세요"),
        ("{name}님, 안녕하세요", "｛name｝님", "placeholders differ: Hello {name} → ｛name｝님"),
        ("{name}님, 안녕하세요", "{name}님 ", "begins or ends with another space: Hello {name} → {name}님 "),
        ("{name}님, 안녕하세요", "**{name}님", "marks differ: Hello {name} → **{name}님"),
        ("{name}님, 안녕하세요", "<b>{name}님", "marks differ: Hello {name} → <b>{name}님"),
        ('msgid "Hello {name}"', 'msgid "Bye"\nmsgstr "안녕히"\n\nmsgid "Hello {name}"', "unused: Bye"),
    ],
)
def test_a_catalog_that_is_wrong_is_told_so(small_portal: Path, old: str, new: str, problem: str) -> None:
    assert f"ko: {problem}" not in _problems(small_portal)
    _edit(small_portal, old, new)
    assert f"ko: {problem}" in _problems(small_portal)


def test_indonesian_has_one_form_whatever_the_number(small_portal: Path, tmp_path: Path) -> None:
    (small_portal / "locales" / "id" / "LC_MESSAGES").mkdir(parents=True)
    catalog.po_path("id").write_text('msgid "{n} rack"\nmsgid_plural "{n} racks"\nmsgstr[0] "{n} rak"\n')
    catalog.update("id", catalog.extract(small_portal))
    more = tmp_path / "more.po"
    more.write_text(
        catalog.po_path("id").read_text().replace("rak", "unit").replace("nplurals=1", "nplurals=2")
        + ('msgstr[1] "rak {n}"\n')
    )
    catalog.fill("id", catalog.read_file(more, "id"))
    assert catalog.problems("id", catalog.extract(small_portal)) == ["id: untranslated: Hello {name}"]
    catalog.translations.cache_clear()
    with reading_as(Reader("id")):
        assert [n_("{n} rack", "{n} racks", n) for n in (1, 2)] == ["rak 1", "rak 2"]
    catalog.translations.cache_clear()


def test_a_translation_survives_a_message_that_goes_and_comes_back(small_portal: Path) -> None:
    page = small_portal / "ui" / "page.py"
    code = page.read_text()
    page.write_text("")
    catalog.update("ko", catalog.extract(small_portal))
    assert _problems(small_portal) == ["ko: no longer used: Hello {name}"]
    page.write_text(code)
    catalog.update("ko", catalog.extract(small_portal))
    assert _problems(small_portal) == ["ko: untranslated: {n} rack"]
    page.write_text("")
    catalog.update("ko", catalog.extract(small_portal), drop_unused=True)
    assert _problems(small_portal) == []


def test_a_file_that_cannot_be_parsed_costs_no_translation(small_portal: Path) -> None:
    (small_portal / "ui" / "page.py").write_text("def half(:")
    with pytest.raises(SyntaxError):
        catalog.extract(small_portal)


def test_both_sides_of_a_merge_count(small_portal: Path) -> None:
    catalog.update("ko", catalog.extract(small_portal))
    _edit(small_portal, 'msgstr[0] ""', '<<<<<<< ours\nmsgstr[0] "랙 {n}개"\n=======\n>>>>>>> theirs')
    assert _problems(small_portal) == []


def test_a_translators_file_fills_only_what_we_ask_for(small_portal: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.po"
    more.write_text(
        'msgid "{n} rack"\nmsgid_plural "{n} racks"\nmsgstr[0] "랙 {n}개"\n\nmsgid "Other"\nmsgstr "다른"\n'
    )
    catalog.update("ko", catalog.extract(small_portal))
    catalog.fill("ko", catalog.read_file(more, "ko"))
    assert _problems(small_portal) == []
    assert "다른" not in catalog.po_path("ko").read_text()


def test_a_message_put_together_at_run_time_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text('_("fine")\nn_("one", "many", n)\np_("verb", "Open")\n_(name)\n_(f"{n} racks")\n')
    assert [line.split(":")[1] for line in catalog.unwritten(tmp_path)] == ["4", "5"]


# --- stored values

#: Column with a closed set of values → its vocabulary. Currencies are Babel's to name.
VOCABULARIES = {
    "auth.link.purpose": "link.purpose",
    "auth.session.kind": "session.kind",
    "auth.session.proved_by": "session.proof",
    "auth.sign_in_code.proved_by": "session.proof",
    "portal.access_grant.function": "permission",
    "portal.audit_entry.actor_kind": "audit.actor",
    "portal.audit_entry.audience": "person.kind",
    "portal.dispute.reason": "dispute.reason",
    "portal.dispute.state": "dispute.state",
    "portal.dispute_message.brought": "dispute.state",
    "portal.dispute_message.side": "dispute.side",
    "portal.document.kind": "document.kind",
    "portal.fault.fault_category": "fault.category",
    "portal.inventory_item.kind": "inventory.kind",
    "portal.inventory_item.status": "inventory.status",
    "portal.bank_line.currency": None,
    "portal.invoice.currency": None,
    "portal.invoice.state": "invoice.state",
    "portal.invoice.type": "invoice.type",
    "portal.invoice_step.step": "invoice.state",
    "portal.invoice_line.charge": "invoice.charge",
    "portal.legal_entity.tax_rounding": "entity.tax_rounding",
    "portal.mail.kind": "mail.kind",
    "portal.mail.state": "mail.state",
    "portal.invitation.role": "membership.role",
    "portal.membership.role": "membership.role",
    "portal.notice.category": "notice.category",
    "portal.notice.says": None,  # whole sentences: pages/portal/notices.py, tests/test_notices_by_itself.py
    "portal.notification_preference.channel": "preference.channel",
    "portal.notification_preference.topic": "news.topic",
    "portal.order_line.status": "order.status",
    "portal.person.kind": "person.kind",
    "portal.person.theme": "theme",
    "portal.remote_hands.schedule": "remote_hands.schedule",
    "portal.remote_hands.proposal_answer": "remote_hands.proposal",
    "portal.remote_hands.task_type": "remote_hands.task_type",
    "portal.scheduled_report.delivery": "report.delivery",
    "portal.scheduled_report.every": "report.every",
    "portal.scheduled_report.last_outcome": "report.outcome",
    "portal.scheduled_report.stopped_why": "report.stopped",
    "portal.service_order.request_type": "order.request_type",
    "portal.service_order.status": "order.status",
    "portal.shipment.carrier": "shipment.carrier",
    "portal.site.status": "site.status",
    "portal.site_contact.kind": "site.contact",
    "portal.staff_member.role": "staff.role",
    "portal.status_change.category": "ticket.category",
    "portal.thread.about_kind": "thread.about",
    "portal.broadcast.recipients": "broadcast.recipients",
    "portal.thread.desk": "message.desk",
    "portal.thread.last_side": "message.side",
    "portal.thread_message.side": "message.side",
    "portal.ticket.category": "ticket.category",
    "portal.ticket.direction": "shipment.direction",
    "portal.ticket.kind": "ticket.kind",
    "portal.ticket.severity": "ticket.severity",
    "portal.ticket.status": "ticket.status",
    "portal.ticket_clock.clock": "clock",
    "portal.ticket_clock.outcome": "clock.state",
    "portal.ticket_message.kind": "ticket.message",
}


def _closed_columns() -> dict[str, set[str]]:
    columns = {}
    for table in Base.metadata.sorted_tables:
        for constraint in table.constraints:
            listed = re.fullmatch(r"(\w+) in \((.*)\)", str(getattr(constraint, "sqltext", "")))
            if isinstance(constraint, CheckConstraint) and listed:
                columns[f"{table.fullname}.{listed[1]}"] = set(re.findall(r"'([^']*)'", listed[2]))
    return columns


def test_every_value_the_database_accepts_has_a_word() -> None:
    columns = _closed_columns()
    assert len(columns) > 30
    assert sorted(set(columns) - set(VOCABULARIES)) == [], "name the vocabulary of these columns, and their words"
    wordless = {
        column: values - set(TERMS[vocabulary])
        for column, values in columns.items()
        if (vocabulary := VOCABULARIES[column]) is not None and not values <= set(TERMS[vocabulary])
    }
    assert wordless == {}


@pytest.mark.parametrize(
    ("vocabulary", "values"),
    [
        ("ticket.status", STATES),
        ("ticket.category", Category),
        ("clock.state", ClockState),
        ("actor", Actor),
        ("invoice.payment", PaymentStatus),
        ("invoice.ageing", AgeingBucket),
        ("invoice.due_in", DueIn),
        ("permission", Permission),
        ("preset", PRESETS),
        ("audit.actor", ActorKind),
        ("audit.action", ACTIONS),
        ("audit.object", OBJECTS),
        ("inventory.attribute", {name for names in ATTRIBUTES.values() for name in names}),
    ],
)
def test_every_value_the_rules_derive_has_a_word_and_no_word_is_left_over(
    vocabulary: str, values: Iterable[str]
) -> None:
    assert {str(value) for value in values} == set(TERMS[vocabulary])


#: Names, and what Indonesian took over as it is.
SAME_EVERYWHERE = {"DHL", "FedEx", "UPS", "VLAN", "API"}
SAME = {
    "id": {
        "Administrator", "Cage", "Cross connect", "Invoice", "Media", "Model", "Operator", "Per invoice", "Restart",
        "Service desk", "Single sign-on", "Status",
    }
}  # fmt: skip


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_no_term_stays_english_for_others(language: str) -> None:
    same = SAME_EVERYWHERE | SAME.get(language, set())
    with reading_as(Reader(language)):
        theirs = {f"{name}.{value}": term(name, value) for name, values in TERMS.items() for value in values}
    with reading_as(ANN):
        english = {f"{name}.{value}": term(name, value) for name, values in TERMS.items() for value in values}
    assert {key for key in theirs if theirs[key] == english[key] and english[key] not in same} == set()


def test_a_value_without_a_word_is_an_error_and_nothing_is_a_dash() -> None:
    assert term("ticket.status", None) == "–"
    with pytest.raises(KeyError):
        term("ticket.status", "lost")


def test_choices_keep_the_order_asked_for() -> None:
    with reading_as(KIM):
        assert terms("ticket.kind", ["fault", "shipment"]) == {"fault": "장애 접수", "shipment": "배송"}


# --- who is reading


def test_words_follow_the_reader_and_stop_following_afterwards() -> None:
    with reading_as(KIM):
        assert _("just now") == "방금 전"
        with reading_as(ANN):
            assert _("just now") == "just now"
        assert _("just now") == "방금 전"
    assert _("just now") == "just now"


def test_one_readers_language_never_reaches_another_thread() -> None:
    heard = []
    with reading_as(KIM):
        other = threading.Thread(target=lambda: heard.append(_("just now")))
        other.start()
        other.join()
    assert heard == ["just now"]


def test_a_fragment_that_skips_the_shell_still_knows_its_reader() -> None:
    def script() -> None:
        import contextvars

        import streamlit as st

        from ui.text import Reader, read_as, reader

        if st.session_state.get("again") is None:
            st.text(reader().language)
            read_as(Reader("ko", "Asia/Seoul"))
            st.session_state["again"] = True
        st.text(contextvars.Context().run(lambda: reader().language))  # as a new script thread starts: knowing nothing

    app = AppTest.from_function(script).run()
    assert [text.value for text in app.text] == ["en", "ko"]
    assert [text.value for text in app.run().text] == ["ko"]
    assert reader() == Reader()


def test_a_word_in_a_table_is_read_when_it_is_shown() -> None:
    state, verb = Word("Open", "state"), Word("Remote hands")
    with reading_as(KIM):
        assert (str(state), f"{verb}") == ("처리 중", "리모트핸즈")
    assert str(state) == "Open"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("fr-FR,fr;q=0.9,ko;q=0.5", "ko"),
        ("en;q=0.5,ja;q=0.9", "ja"),
        ("ja;q=0,ko", "ko"),
        ("ja;q=none,ko;q=0.1", "ko"),
        ("KO-kr", "ko"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("zh-Hans", "zh_Hans"),
        ("zh_Hans", "zh_Hans"),
        ("zh-SG", "zh_Hans"),
        ("zh-TW,zh;q=0.9,en-US;q=0.8", "zh_Hans"),
        ("zh-Hant-HK", "zh_Hans"),
        ("cmn-Hans-CN", "zh_Hans"),
        ("in-ID", "id"),
        ("id-ID,id;q=0.9", "id"),
        ("ms-MY", "en"),
        ("yue-HK", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
        ("*", "en"),
        (";;,,q=,-_", "en"),
    ],
)
@pytest.mark.usefixtures("five")
def test_the_best_language_we_have_is_chosen(asked: str | None, given: str) -> None:
    assert language_for(asked) == given


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if there were all of them, whichever catalogs stand there."""
    monkeypatch.setattr(catalog, "languages", lambda: FIVE)
    languages.cache_clear()
    yield
    monkeypatch.undo()
    languages.cache_clear()


@pytest.mark.usefixtures("five")
def test_what_was_chosen_here_goes_before_ones_own_and_that_before_the_browsers() -> None:
    assert language_of_page("ja", "ko", "id-ID") == "ja"
    assert language_of_page("zh-Hans", "ko", "id-ID") == "ko"  # no catalog of ours is called so: somebody wrote it
    assert language_of_page(None, "fr", "id-ID") == "id"
    assert language_of_page(None, None, "," * 500 + "ko") == "en"


@pytest.mark.usefixtures("five")
def test_languages_name_themselves_and_english_comes_first() -> None:
    names = ["English", "Bahasa Indonesia", "日本語", "한국어", "简体中文"]
    assert languages() == dict(zip(FIVE, names, strict=True))
    assert [tag_of(code) for code in FIVE] == ["en", "id", "ja", "ko", "zh-Hans"]


# --- dates and times


def test_a_moment_is_on_the_readers_clock_with_the_zones_name() -> None:
    with reading_as(KIM):
        assert time_text(NOON_UTC) == "2026. 11. 22. 21:00 KST"
        assert time_text(NOON_UTC, zone="Asia/Tokyo") == "2026. 11. 22. 21:00 JST"
    with reading_as(Reader("en", "America/New_York")):
        assert time_text(NOON_UTC) == "Nov 22, 2026, 07:00 EST (UTC-5)"


@pytest.mark.parametrize(
    ("language", "moment", "column", "yen", "rupiah", "ago"),
    [
        ("ja", "2026/11/22 19:00 WIB", "YYYY/MM/DD HH:mm", "￥1,200", "IDR\xa01,234,567.50", "3 時間前"),
        ("zh_Hans", "2026年11月22日 19:00 WIB", "YYYY年M月D日 HH:mm", "JP¥1,200", "IDR\xa01,234,567.50", "3小时前"),
        ("id", "22 Nov 2026 19.00 WIB", "DD/MM/YYYY HH.mm", "JP¥1.200", "Rp\xa01.234.567,50", "3 jam yang lalu"),
    ],
)
def test_each_language_writes_days_times_and_money_its_own_way(
    language: str, moment: str, column: str, yen: str, rupiah: str, ago: str
) -> None:
    with reading_as(Reader(language, "Asia/Jakarta")):
        assert (time_text(NOON_UTC), date_pattern(with_time=True)) == (moment, column)
        assert money_text(Decimal(1200), "JPY") == yen
        assert money_text(Decimal("1234567.5"), "IDR") == rupiah
        assert ago_text(NOON_UTC, NOON_UTC + timedelta(hours=3)) == ago


def test_a_country_is_named_in_the_readers_language() -> None:
    with reading_as(KIM):
        assert [country_text(code) for code in ("KR", "ID", "??")] == ["대한민국", "인도네시아", "??"]
    assert country_text("JP") == "Japan"


def test_a_language_is_named_in_the_readers_own() -> None:
    with reading_as(KIM):
        assert [language_text(code) for code in ("ko", "id", "??")] == ["한국어", "인도네시아어", "??"]
        assert language_text("zh-Hans") == language_text("zh_Hans") == "중국어 (간체)"
    assert language_text("ja") == "Japanese"


def test_letters_that_name_two_places_stand_with_their_distance() -> None:
    with reading_as(ANN):
        assert time_text(NOON_UTC).endswith("20:00 PST (UTC+8)")
        assert time_text(NOON_UTC, zone="Asia/Kolkata").endswith("17:30 IST (UTC+5:30)")
        assert time_text(NOON_UTC, zone="Asia/Kuala_Lumpur").endswith("20:00 UTC+8")


def test_a_moment_late_in_the_day_is_tomorrow_further_east() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    with reading_as(KIM):
        assert date_text(late) == "2026. 11. 23."
        assert date_text(late.date()) == "2026. 11. 22."  # a due date is nobody's moment
        assert date_text(late, weekday=True) == "2026년 11월 23일 (월)"
        assert month_text(date(2026, 11, 1)) == "2026년 11월"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        time_text(NOON_UTC.replace(tzinfo=None))


def test_a_zone_nobody_knows_is_utc() -> None:
    with reading_as(Reader("en", "../../etc/passwd")):
        assert time_text(NOON_UTC).endswith("12:00 UTC")
    with reading_as(KIM):
        assert zone_name() == "대한민국 표준시 (KST)"


@pytest.mark.parametrize(
    ("language", "zone", "name"),
    [
        ("en", "Asia/Kolkata", "India Standard Time (IST, UTC+5:30)"),
        ("ko", "Asia/Kolkata", "인도 표준시 (IST, UTC+5:30)"),
        ("id", "Asia/Calcutta", "Waktu India (IST, UTC+5:30)"),
        ("en", "America/Argentina/Buenos_Aires", "Argentina Standard Time (UTC-3)"),
        ("ja", "Africa/Casablanca", "モロッコ時間 (UTC+1)"),
        ("en", "UTC", "Coordinated Universal Time (UTC)"),
    ],
)
def test_every_zone_has_a_name_and_not_its_distance_twice(language: str, zone: str, name: str) -> None:
    with reading_as(Reader(language, zone)):
        assert zone_name() == name


@pytest.mark.parametrize(
    ("length", "english", "korean"),
    [
        (timedelta(hours=2, minutes=14), "2 h 14 min", "2시간 14분"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h", "3일 4시간"),
        (timedelta(days=1, minutes=5), "1 d", "1일"),
        (timedelta(hours=1), "1 h", "1시간"),
        (timedelta(minutes=59, seconds=59), "59 min", "59분"),
        (timedelta(seconds=12), "12 s", "12초"),
        (timedelta(minutes=-15), "15 min", "15분"),
        (timedelta(), "0 s", "0초"),
        (None, "–", "–"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(length: timedelta | None, english: str, korean: str) -> None:
    with reading_as(ANN):
        assert duration_text(length) == english
    with reading_as(KIM):
        assert duration_text(length) == korean


def test_how_long_ago_has_a_direction() -> None:
    with reading_as(ANN):
        assert ago_text(NOON_UTC - timedelta(minutes=3), NOON_UTC) == "3 minutes ago"
        assert ago_text(NOON_UTC + timedelta(hours=2), NOON_UTC) == "in 2 hours"
        assert ago_text(NOON_UTC, NOON_UTC + timedelta(seconds=20)) == "just now"
    with reading_as(KIM):
        assert ago_text(NOON_UTC - timedelta(minutes=3), NOON_UTC) == "3분 전"


def test_a_table_column_gets_the_readers_date_order() -> None:
    with reading_as(KIM):
        assert date_pattern(with_time=True) == "YYYY. M. D. HH:mm"
    with reading_as(ANN):
        assert date_pattern() == "MMM D, YYYY"
        assert date_pattern(with_time=True) == "MMM D, YYYY, HH:mm", "as a moment is written beside the table"


# --- numbers and money


@pytest.mark.parametrize(
    ("amount", "currency", "english", "korean"),
    [
        ("1234567.505", "USD", "$1,234,567.51", "US$1,234,567.51"),
        ("0.125", "USD", "$0.13", "US$0.13"),  # half-even would say 0.12
        ("2.5", "KRW", "₩3", "₩3"),  # half-even would say 2
        ("1980000", "JPY", "¥1,980,000", "JP¥1,980,000"),
        ("-12.5", "SGD", "-SGD 12.50", "-SGD 12.50"),
        ("2328.60", "USD", "$2,328.60", "US$2,328.60"),
        ("99999999999999999999.99", "PHP", "₱99,999,999,999,999,999,999.99", "PHP 99,999,999,999,999,999,999.99"),
    ],
)
def test_money_is_exact_and_rounded_half_up(amount: str, currency: str, english: str, korean: str) -> None:
    with reading_as(ANN):
        assert money_text(Decimal(amount), currency).replace("\xa0", " ") == english
    with reading_as(KIM):
        assert money_text(Decimal(amount), currency).replace("\xa0", " ") == korean


def test_no_amount_is_a_dash_and_not_zero() -> None:
    assert money_text(None, "KRW") == "–"
    assert number_text(None) == "–"
    assert percent_text(None) == "–"


def test_numbers_are_grouped_and_rounded_half_up() -> None:
    with reading_as(KIM):
        assert number_text(1234567) == "1,234,567"
        assert number_text(Decimal("1.005"), 2) == "1.01"
        assert percent_text(0.98765) == "98.8%"
        assert compact_text(23_000_000) == "2300만"


def test_one_and_many() -> None:
    assert n_("{n} rack", "{n} racks", 1) == "1 rack"
    assert n_("{n} rack", "{n} racks", 12345) == "12,345 racks"


# --- what people wrote


@pytest.mark.parametrize(
    "text",
    [
        "2026. 11. 22.",
        "# not a heading",
        "[click](https://evil.example) ![x](y)",
        "<script>alert(1)</script> &lt;",
        ":red[x] :material/home: :material_home: :smile: :100: :streamlit:",
        "$x^2$ `code` **bold** ~~gone~~ | a | b |",
        "a -> b -- c >= d",
        "C:\\Users\\kim",
        "케이블 재연결 요청 (랙 14)",
    ],
)
def test_what_people_wrote_is_shown_letter_by_letter(text: str) -> None:
    shown = plain(text)
    assert re.search(r"(?<!\\)(?:\\\\)*[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)) is None
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown).replace("\u2060", "") == text


def test_a_shortcode_or_an_arrow_is_parted_but_a_time_is_left_alone() -> None:
    assert ":smile:" not in re.sub(r"\\", "", plain("ok :smile:"))
    assert ":material_home:" not in re.sub(r"\\", "", plain(":material_home:"))
    assert "->" not in re.sub(r"\\", "", plain("a -> b"))
    assert "\u2060" not in plain("at 12:30:45, see rack:14")


def test_lines_stay_lines_and_nothing_is_empty() -> None:
    assert plain("one\n    two") == "one  \ntwo"
    assert plain(None) == ""


def test_an_address_writes_to_itself_and_to_nobody_else() -> None:
    assert mail_link("team@a.example") == r"[team\@a\.example](mailto:team@a.example)"
    bent = mail_link("a@b.example)[x](https://evil.example) ?bcc=c@d.example")
    assert bent.count("](") == 1
    assert "](mailto:a@b.example%29%5Bx%5D%28https%3A%2F%2Fevil.example%29%20%3Fbcc%3Dc@d.example)" in bent


def test_a_message_inside_an_f_string_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text("title = f\"{_('Hidden in braces')} · {n_('{n} thing', '{n} things', 2)}\"\n")
    found = {message.id for message in catalog.extract(tmp_path) if message.id}
    assert "Hidden in braces" in found
    assert ("{n} thing", "{n} things") in found
    assert "title" not in found
