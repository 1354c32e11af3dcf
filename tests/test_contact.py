"""Contact us: everybody signed in reads whom to call, and of incidents only what they may read under the bell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import unescape

import pytest
from sqlalchemy import insert, select, text
from streamlit.testing.v1 import AppTest

from data.contacts import CONTACT_KINDS, incidents_now, list_contacts
from data.demo.cast import account_id, site_id
from data.models import Membership, Notice, NoticeAccount, NoticeSite, Person, Site, SiteContact
from data.sites import sites_changed
from pages.portal.contact.card import clock_html, reach_html, site_html
from rules.errors import SignedOut
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.standing import page_of
from ui.text import Reader, reading_as

SignIn = Callable[[str], Principal]
PAGE = "pages.portal.contact.page"


@pytest.fixture(scope="module", autouse=True)
def scene(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with database.as_owner() as connection:
        for title, account, category, site, is_open in (
            ("Bolt lost its cooling", "BOLT", "incident", "SEL1", True),
            ("Osaka runs on diesel", None, "incident", "OSA1", True),
            ("Tokyo was dark", None, "incident", "TYO1", False),
            ("Work in Busan", None, "maintenance", "PUS1", True),
        ):
            values = {"everyone": account is None, "resolved_at": None if is_open else text("now()")}
            new = insert(Notice).values(title=title, category=category, body="", published_at=text("now()"), **values)
            notice = connection.execute(new.returning(Notice.id)).scalar_one()
            connection.execute(insert(NoticeSite).values(notice_id=notice, site_id=site_id(connection, site)))
            if account:
                of = account_id(connection, account)
                connection.execute(insert(NoticeAccount).values(notice_id=notice, account_id=of))
        planned = {"code": "MNL9", "name": "Manila 9", "country": "PH", "city": "Manila", "time_zone": "Asia/Manila"}
        connection.execute(insert(Site).values(**planned, status="planned"))
        gone = {"code": "OLD1", "name": "Old 1", "country": "JP", "city": "Tokyo", "time_zone": "Asia/Tokyo"}
        connection.execute(insert(Site).values(**gone, status="closed"))
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


def shown(app: AppTest) -> str:
    """All that stands on the page, in one text."""
    assert not app.exception, app.exception
    words = [each.value for kind in (app.markdown, app.header, app.info, app.caption) for each in kind]
    return unescape(" ".join([*words, *(each.proto.body for each in app.get("html")), *_links(app)]))


def _links(app: AppTest) -> list[str]:
    return [each.proto.label for each in app.get("page_link")]


@pytest.mark.parametrize("who", ["ana", "abel", "vic", "bea", "mia", "fin", "dee", "ada"])
def test_everybody_signed_in_finds_all_sites_that_are_open_or_will_be(
    who: str, database: Database, sign_in: SignIn
) -> None:
    found = {site.code: site for site in list_contacts(database.app, sign_in(who))}
    assert len(found) == 10
    assert "OLD1" not in found
    assert found["MNL9"].status == "planned" and found["MNL9"].latitude is None
    seoul = found["SEL1"]
    assert [contact.kind for contact in seoul.contacts] == list(CONTACT_KINDS)
    assert seoul.issuer is not None and seoul.issuer.finance_email == "finance-kr@portal.example"


def test_whoever_holds_nothing_at_all_can_still_call(database: Database, sign_in: SignIn) -> None:
    with database.as_owner() as connection:
        vic = connection.execute(select(Person.id).where(Person.email == "viewer@acme.example")).scalar_one()
        granted = connection.exec_driver_sql(
            f"delete from portal.access_grant where person_id = {vic} returning *"
        ).all()
        assert granted and connection.scalar(select(Membership.role).where(Membership.person_id == vic)) == "general"
    sites_changed(database.app)
    vic_now = sign_in("vic")
    assert len(list_contacts(database.app, vic_now)) == 10
    assert incidents_now(database.app, vic_now) == {}, "notices are a function of its own"
    page = shown(page_of(vic_now, PAGE))
    assert "service-desk-sel1@portal.example" in page
    assert "Osaka runs on diesel" not in page
    assert "Mia Manager" not in page, "whose manager that is, they learn with a function"


def test_a_dead_session_reads_nothing(database: Database, sign_in: SignIn) -> None:
    ana = sign_in("ana")
    with database.as_owner() as connection:
        connection.exec_driver_sql("update auth.session set revoked_at = now()")
    sites_changed(database.app)
    with pytest.raises(SignedOut):
        list_contacts(database.app, ana)


@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("ana", {"OSA1": ["Osaka runs on diesel"]}),
        ("bea", {"OSA1": ["Osaka runs on diesel"], "SEL1": ["Bolt lost its cooling"]}),
        ("mia", {"OSA1": ["Osaka runs on diesel"]}),
    ],
)
def test_an_open_incident_marks_its_site_for_whom_it_is_told(
    who: str, told: dict[str, list[str]], database: Database, sign_in: SignIn
) -> None:
    person = sign_in(who)
    codes = {site.id: site.code for site in list_contacts(database.app, person)}
    found = incidents_now(database.app, person)
    assert {codes[site]: [each.title for each in theirs] for site, theirs in found.items()} == told


def test_an_incident_leads_to_its_notice_and_a_strangers_is_not_on_the_page(sign_in: SignIn) -> None:
    ana, bea = shown(page_of(sign_in("ana"), PAGE)), shown(page_of(sign_in("bea"), PAGE))
    assert "Osaka runs on diesel" in ana and "Bolt lost its cooling" not in ana
    assert "Bolt lost its cooling" in bea
    assert "Tokyo was dark" not in ana and "Work in Busan" not in ana


def test_a_customer_finds_their_account_manager_and_staff_nobodys(sign_in: SignIn) -> None:
    assert "Mia Manager" in shown(page_of(sign_in("ana"), PAGE))
    assert "Mia Manager" not in shown(page_of(sign_in("bea"), PAGE)), "she looks after Acme alone"
    assert "Your account managers" not in shown(page_of(sign_in("dee"), PAGE))


def test_the_list_is_narrowed_by_country_and_words_and_the_map_with_it(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    korea = page_of(ana, PAGE, country="KR")
    assert [header.value for header in korea.header][-1] == "3 data centers"
    assert "TYO1" not in shown(korea)
    assert '"TYO1"' not in korea.get("plotly_chart")[0].proto.spec
    binan = shown(page_of(ana, PAGE, q="binan"))
    assert "Biñan 1" in binan and "Seoul 1" not in binan
    nothing = page_of(ana, PAGE, q="atlantis")
    assert "No data center is found by that." in shown(nothing)
    assert not nothing.get("plotly_chart")


def test_a_point_opens_its_cards_beside_the_map(sign_in: SignIn) -> None:
    opened = page_of(sign_in("ana"), PAGE, site="SEL1,ICN1")
    assert opened.button(key="contact.back") is not None
    first = [each.proto.body for each in opened.get("html")][:2]
    assert [code in body for code, body in zip(("ICN1", "SEL1"), first, strict=True)] == [True, True]
    opened.button(key="contact.back").click().run()
    assert "Regional contacts" in shown(opened)
    unknown = page_of(sign_in("ana"), PAGE, site="OLD1")
    assert "Regional contacts" in shown(unknown) and "Old 1" not in shown(unknown)


def test_the_map_is_told_in_words(sign_in: SignIn) -> None:
    chart = page_of(sign_in("bea"), PAGE).get("plotly_chart")[0].proto
    assert "Seoul 1 (incident)" in chart.alt and "Tokyo 1 (incident)" not in chart.alt
    assert "cdn" not in chart.config and '"topojsonURL":"/assets/1/map/"' in chart.config.replace(" ", "")


def test_what_was_typed_about_a_site_is_no_markup(database: Database, sign_in: SignIn) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    with database.as_owner() as connection:
        site = site_id(connection, "BOM1")
        named = {
            "site_id": site,
            "kind": "security",
            "name": nasty,
            "phone": '+1"><b>',
            "email": "a@b.example?cc=c@d.example",
        }
        connection.execute(insert(SiteContact).values(**named))
    sites_changed(database.app)
    site = next(site for site in list_contacts(database.app, sign_in("ana")) if site.code == "BOM1")
    html = site_html(site)
    assert nasty not in html and "&lt;img" in html
    assert 'href="tel:+1"' in html
    assert 'href="mailto:a@b.example%3Fcc%3Dc@d.example"' in html


def test_numbers_are_dialled_as_they_are_meant() -> None:
    assert reach_html("+82 2 555 0100", None) == ['<a href="tel:+8225550100">+82 2 555 0100</a>']
    assert reach_html(None, None) == []


def test_the_clock_is_that_of_the_site_and_says_which_it_is() -> None:
    with reading_as(Reader("en", "Asia/Seoul")):
        mumbai = clock_html("Asia/Kolkata")
    assert 'data-zone="Asia/Kolkata"' in mumbai and 'data-language="en"' in mumbai
    assert "IST (UTC+5:30)" in mumbai and "KST" not in mumbai
    with reading_as(Reader("en", "Asia/Kolkata")):
        assert "Korean Standard Time" in clock_html("Asia/Seoul")
    with reading_as(Reader("ko", "Asia/Seoul")):
        assert "인도 표준시" in (mumbai := clock_html("Asia/Kolkata")) and "GMT" not in mumbai
