"""Help: guides in every language alike, safe whatever staff upload, found by words, and read without signing in."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from auth.service_desks import Desk, service_desks
from data.commands import execute
from data.documents import AddDocument, PublishDocument
from data.engines import auth_engine
from data.guides import FOLDER, GuideKind, guides_of
from data.settings import CHECKOUT
from pages import PAGES
from pages.portal import accepting
from rules.documents import DocumentKind
from rules.errors import Forbidden
from rules.files import Upload
from rules.guides import read_guide
from rules.permissions import Permission
from rules.principal import Principal
from tests.asgi import Answer, ask
from tests.cluster import Database
from tests.standing import page_of, words_of
from ui import links
from ui.catalog import read
from ui.guides import find, written
from ui.guides.library import place_of, sections_in
from ui.guides.markdown import Section, is_safe
from ui.guides.pictures import FOLDER as PICTURES
from ui.guides.pictures import HEIGHT, WIDTH, picture
from ui.reader import languages
from web import sign_in_help
from web.errors import exception_handlers

SignIn = Callable[[str], Principal]
IDS = re.compile(r'id="help-([a-z0-9-]+)"')


# --- what we wrote


def test_each_picture_shows_a_section_in_every_language() -> None:
    names = {place.section for place, _section in sections_in("en", for_staff=True)}
    for language in languages():
        pictures = {path.stem: path for path in (PICTURES / language).glob("*.png")}
        assert pictures.keys() == {path.stem for path in (PICTURES / "en").glob("*.png")}, language
        assert {"dashboard", "staff-queue"} <= pictures.keys() <= names
        for path in pictures.values():
            head = path.read_bytes()[:24]
            assert struct.unpack(">II", head[16:24]) == (WIDTH, HEIGHT), path
            assert path.stat().st_size < 100_000, path


def test_a_picture_is_ours_and_said_in_words() -> None:
    shown = picture(Section("dashboard", 'A "<board>"', "", ""), "ko")
    assert 'src="/assets/1/help/ko/dashboard.png"' in shown
    assert 'alt="Screenshot: A &quot;&lt;board&gt;&quot;"' in shown
    assert '"/assets/1/help/en/dashboard.png"' in picture(Section("dashboard", "", "", ""), "xx")
    for name in ("documents", "../ko/dashboard", ""):
        assert picture(Section(name, "", "", ""), "en") == ""


@pytest.mark.parametrize("kind", GuideKind)
def test_a_guide_has_the_same_sections_in_every_language(kind: GuideKind) -> None:
    first, *others = guides_of(kind)
    assert first.language == "en"
    assert {guide.language for guide in others} >= {"ko"}
    for guide in others:
        assert (guide.edition, guide.must_accept) == (first.edition, first.must_accept), guide.language
        assert _names(guide.text) == _names(first.text), guide.language


def _names(markdown: str) -> list[str]:
    return [name for s in written(markdown).sections for name in (s.name, *IDS.findall(s.html))]


def test_a_guide_whose_head_lacks_something_is_refused() -> None:
    for wrong in (
        "# no head",
        "---\ntitle: x\n---\ntext",
        "---\ntitle: x\nedition: 1\neffective: soon\nmust_accept: no\n---\n",
    ):
        with pytest.raises((ValueError, KeyError)):
            read_guide(GuideKind.FAQ, "en", wrong)


def test_every_page_is_explained_in_a_guide() -> None:
    for page in PAGES:
        assert page.help, f"/{page.path}: say in pages/__init__.py which section of a guide is about it"
        place = place_of(page.help)
        assert place is not None, f"/{page.path}: docs/help/en has no section {page.help!r}"
        assert (place.part == GuideKind.STAFF_GUIDE) == page.help.startswith("staff-"), page.path
    assert place_of("nothing-of-the-kind") is None


def test_every_link_in_a_guide_leads_somewhere() -> None:
    theirs = {page.path for page in PAGES} | {"help/sign-in", "contact"}
    for kind in GuideKind:
        for guide in guides_of(kind):
            names = set(_names(guide.text))
            for link in re.findall(r"\]\(([^)]+)\)", guide.text):
                assert is_safe(link), link
                assert link[1:] in (names if link.startswith("#") else theirs), f"{guide.language}/{kind}: {link}"


@pytest.mark.parametrize("kind", GuideKind)
def test_what_a_guide_quotes_is_what_the_page_says(kind: GuideKind) -> None:
    """A button that is called otherwise now is looked for in vain."""
    first, *others = guides_of(kind)
    quoted = set(re.findall("“([^”]+)”", first.text))
    words = {message.id[0] if isinstance(message.id, tuple) else message.id for message in read("en")}
    assert quoted <= words, first.language
    for guide in others:
        said = {quote: _said_in(guide.language, quote) for quote in quoted}
        assert [quote for quote, forms in said.items() if not any(form in guide.text for form in forms)] == []


def _said_in(language: str, word: str) -> set[str]:
    """In whatever context it stands."""
    return {str(message.string) for message in read(language) if message.id == word}


def test_no_file_is_forgotten() -> None:
    files = {f"{guide.language}/{kind}.md" for kind in GuideKind for guide in guides_of(kind)}
    assert {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.md")} == files
    assert CHECKOUT in FOLDER.parents


# --- what staff write


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java\tscript:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html,<script>alert(1)</script>)",
        "[a](vbscript:x)",
        "[a](//evil.example/x)",
        "[a](/\\evil.example)",
        "![a](https://evil.example/pixel.png)",
        "![a](javascript:alert(1))",
        "<https://ok.example> <javascript:alert(1)>",
        '[a](https://ok.example/"onmouseover="alert(1))',
        '## <b onclick=x>title</b> {#portal-header"onclick=x}',
        "| <i onx=1> |\n|---|\n| <u> |",
        "```html\n<script>alert(1)</script>\n```",
    ],
)
def test_what_staff_write_becomes_nothing_that_acts(hostile: str) -> None:
    html = "".join(section.html for section in written(f"## A {{#a}}\n\n{hostile}\n").sections)
    tags = re.findall(r"<[^>]*>", html)
    allowed = re.compile(
        r"</?(p|h[1-6]|ul|ol|li|em|strong|s|code|pre|blockquote|table|thead|tbody|tr|th|td|br|hr|div|a)\b[^<>]*>"
    )
    assert all(allowed.fullmatch(tag) for tag in tags), tags
    assert not re.search(r"<[^>]*\son\w+=", html), html
    for address in re.findall(r'href="([^"]*)"', html):
        assert is_safe(address.replace("&quot;", '"').replace("&amp;", "&")), address
    assert "<img" not in html
    assert "evil.example" not in "".join(tags)


def test_no_name_of_a_section_is_taken_for_an_element_of_ours() -> None:
    html = written("## Part {#part}\n\n### Menu {#portal-company}\n").sections[0].html
    assert IDS.findall(html) == ["portal-company"]
    assert 'id="portal-company"' not in html


def test_what_is_written_outside_of_a_heading_is_kept() -> None:
    text_ = written("lead\n\n## One {#one}\n\na [page](/tickets)\n\n# Two\n\nb\n")
    assert [(s.name, s.title) for s in text_.sections] == [("part-0", ""), ("one", "One"), ("part-2", "Two")]
    assert 'class="inside"' in text_.sections[1].html
    assert written("").sections == ()


# --- finding


def test_words_are_found_in_any_script_and_all_of_them_must_be_there() -> None:
    places = [
        (s.name, s)
        for s in written("## 배송 {#a}\n\n운송장 번호로 찾습니다.\n\n## Parcels {#b}\n\nBy number.\n").sections
    ]
    assert [hit.where for hit in find("운송장", places)] == ["a"]
    assert [hit.where for hit in find("NUMBER parcel", places)] == ["b"]
    assert find("number 배송", places) == ()
    assert find("   ", places) == ()


def test_a_section_that_has_the_words_in_its_title_comes_first() -> None:
    places = [(s.name, s) for s in written("## A {#a}\n\ninvoice\n\n## Invoices {#b}\n\nx\n").sections]
    assert [hit.where for hit in find("invoice", places)] == ["b", "a"]
    (hit,) = find("voi x", places)
    assert hit.where == "b"


def test_what_is_found_is_shown_around_it_and_nothing_is_markup() -> None:
    places = [(s.name, s) for s in written(f"## A {{#a}}\n\n{'x ' * 200}needle <b> {'y ' * 200}\n").sections]
    (hit,) = find("needle", places)
    assert "".join(hit.found).startswith("…")
    assert hit.found[1] == "needle"
    assert len("".join(hit.found)) < 200


def test_a_customer_does_not_find_what_is_for_staff() -> None:
    theirs = {place.part for place, _section in sections_in("en", for_staff=False)}
    assert GuideKind.STAFF_GUIDE not in theirs
    assert GuideKind.STAFF_GUIDE in {place.part for place, _section in sections_in("en", for_staff=True)}


# --- without signing in


def _read(language: str = "en") -> Answer:
    app = Starlette(routes=sign_in_help.routes, exception_handlers=exception_handlers)
    return ask(app, "/help/sign-in", headers={"accept-language": language})


@pytest.mark.usefixtures("configured")
def test_help_with_signing_in_is_read_by_anybody_and_tells_of_no_customer(database: Database) -> None:
    with database.as_owner() as connection:
        names = {*connection.scalars(text("select name from portal.account"))}
        names |= {*connection.scalars(text("select email from portal.person"))}
        desks = [*connection.scalars(text("select phone from portal.site_contact where kind = 'service_desk'"))]
    for language, words in (("en", "I forgot my password."), ("ko", "비밀번호를 잊었습니다.")):
        answer = _read(language)
        page = answer.body.decode()
        assert (answer.status, f'lang="{language}"' in page) == (200, True)
        assert words in page
        assert all(str(phone) in page for phone in desks)
        assert not [name for name in names if str(name) in page]
        assert "Acme" not in page
    assert "This is not written in your language yet" not in _read().body.decode()


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("language", "countries"), [("en", ["India", "Indonesia", "Japan"]), ("ko", ["대한민국", "인도", "일본"])]
)
def test_whom_to_call_stands_in_the_order_of_the_countries_names(
    language: str, countries: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desks = tuple(Desk(code, code, code, "+1", None, None) for code in ("ID", "IN", "JP", "KR"))
    monkeypatch.setattr(sign_in_help, "service_desks", lambda: desks)
    page = _read(language).body.decode()
    places = [page.index(f"<h3>{country}</h3>") for country in countries]
    assert places == sorted(places)


@pytest.mark.usefixtures("configured")
def test_the_service_desks_are_asked_for_once_however_many_read() -> None:
    asked = 0

    def count(*_about: Any) -> None:
        nonlocal asked
        asked += 1

    service_desks()
    event.listen(auth_engine(), "before_cursor_execute", count)
    try:
        for _each in range(5):
            _read()
    finally:
        event.remove(auth_engine(), "before_cursor_execute", count)
    assert asked == 0


# --- the page


def _page(principal: Principal, **asked: str) -> AppTest:
    return page_of(principal, "pages.portal.help.page", **asked)


def _said(app: AppTest) -> str:
    html = [element.proto.body for element in app.get("html")]
    return "\n".join((words_of(app), *html, *(each.value for each in app.caption)))


def _help(principal: Principal, **asked: str) -> str:
    app = _page(principal, **asked)
    assert not app.exception, app.exception
    return _said(app)


@pytest.mark.usefixtures("configured")
def test_the_page_shows_what_the_address_asks_for(sign_in: SignIn) -> None:
    ana, dee = sign_in("ana"), sign_in("dee")
    assert '<h2 id="help-start">Where to begin</h2>' in _help(ana)
    assert '<h2 id="help-disputes">' in _help(ana, section="disputes")
    assert '<h2 id="help-people">' in _help(ana, part="onboarding", section="people")
    assert '<h2 id="help-requests">' in _help(ana, section="shipment"), "the section that holds it"
    assert '<h2 id="help-sign-in">' in _help(ana, section="second-factor")
    assert '<h2 id="help-access">' in _help(ana, section="leaver"), "also in the FAQ"
    assert '<h2 id="help-sign-in">' in _help(ana, part="faq", section="phone")
    assert '<h2 id="help-start">' in _help(ana, part="user_guide", section="nothing of the kind")
    assert '<h2 id="help-staff-queue">' in _help(dee, section="staff-queue")
    assert "help-staff-queue" not in _help(ana, section="staff-queue")
    assert "help-staff-queue" not in _help(ana, part="staff_guide", section="staff-queue")


@pytest.mark.usefixtures("configured")
def test_somebody_who_holds_nothing_reads_the_guides_all_the_same(sign_in: SignIn) -> None:
    nobody = replace(sign_in("vic"), grants=frozenset())
    assert not any(map(nobody.may, Permission))
    assert '<h2 id="help-start">' in _help(nobody)
    assert "not among your rights" in _help(nobody, part="documents")
    assert "No policy is published yet" in _help(nobody, part="policies")


@pytest.mark.usefixtures("configured")
def test_what_is_searched_is_found_or_said_to_be_nowhere(sign_in: SignIn) -> None:
    ana = sign_in("ana")
    found = _help(ana, q="tracking NUMBERS")
    assert "help-found" in found
    assert "/help?part=user_guide&amp;section=requests" in found
    nothing = _help(ana, q="<script>zebra</script>")
    assert "help-found" not in nothing
    assert "<script>" not in nothing


@pytest.mark.usefixtures("configured")
def test_a_policy_is_accepted_on_its_page_and_home_asks_no_more(database: Database, sign_in: SignIn) -> None:
    vic, ada = sign_in("vic"), sign_in("ada")
    said = {"kind": DocumentKind.POLICY, "language": "en", "edition": "7", "must_accept": True}
    file = Upload("rules.md", b"## Rules {#rules}\n\nBe kind. <script>alert(1)</script>\n")
    add = AddDocument(title="House rules", file=file, **said)
    uuid = UUID(execute(database.app, ada, add, key=uuid4())["uuid"])
    assert "House rules" not in _said(page_of(vic, "pages.portal.home"))
    execute(database.app, ada, PublishDocument(uuid, 1))
    assert "House rules" in _said(page_of(vic, "pages.portal.home"))
    app = _page(vic, part="policies")
    assert "Please read it" in _said(app)
    assert "<script>" not in _said(app)
    app.button(key="accept").click().run()
    assert not app.exception
    assert "You accepted it" in _said(app)
    assert "House rules" not in _said(page_of(vic, "pages.portal.home"))
    bea = _page(sign_in("bea"), part="policies")
    assert bea.button(key="accept")
    assert not [each for each in _page(ada, part="policies").button if each.key == "accept"]


@pytest.mark.usefixtures("configured")
def test_home_asks_for_policies_once_a_minute_and_again_for_somebody_else(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Principal] = []
    monkeypatch.setattr(accepting, "policies_to_accept", lambda _engine, who, **_more: (asked.append(who), ())[1])
    ana, bea = sign_in("ana"), sign_in("bea")
    known = accepting.Policies()
    for who in (ana, ana, bea, bea, ana):
        assert known.to_accept(who) == ()
    assert asked == [ana, bea, ana]
    known.until = 0.0
    known.to_accept(ana)
    assert asked == [ana, bea, ana, ana]


@pytest.mark.usefixtures("configured")
def test_a_strangers_paper_is_not_there_whatever_the_address_says(database: Database, sign_in: SignIn) -> None:
    ada, bea = sign_in("ada"), sign_in("bea")
    with database.as_owner() as connection:
        bolt = connection.scalar(text("select uuid from portal.account where code = 'BOLT'"))
    file = Upload("contract.md", b"# Contract\n\nThe price is 77 pesos.\n")
    add = AddDocument(DocumentKind.CONTRACT, "Agreement of Bolt", "en", "1", file, account=bolt)
    uuid = UUID(execute(database.app, ada, add, key=uuid4())["uuid"])
    execute(database.app, ada, PublishDocument(uuid, 1))
    assert "Agreement of Bolt" in _help(bea, part="documents")
    assert "77 pesos" in _help(bea, part="documents", document=str(uuid))
    for who in ("ana", "vic", "abel", "fin", "dee"):
        person = sign_in(who)
        assert "Agreement of Bolt" not in _help(person, part="documents"), who
        asked = _help(person, part="documents", document=str(uuid))
        assert "77 pesos" not in asked, who
        assert "It does not exist, or it is not available to you." in asked, who


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("document", ["nonsense", "", "00000000-0000-0000-0000-000000000000"])
def test_a_document_that_is_not_there_is_said_and_the_page_stands_below(
    document: str, database: Database, sign_in: SignIn
) -> None:
    said = "It does not exist, or it is not available to you."
    ana, dee = sign_in("ana"), sign_in("dee")
    file = Upload("policy.md", b"# Policy\n\nBe kind.\n")
    add = AddDocument(DocumentKind.POLICY, "Garden rules", "en", "1", file)
    uuid = UUID(execute(database.app, sign_in("ada"), add, key=uuid4())["uuid"])
    execute(database.app, sign_in("ada"), PublishDocument(uuid, 1))
    for who, part, below in (
        (ana, "documents", "There is no document of your account yet."),
        (ana, "policies", "Be kind."),
        (ana, "user_guide", "Where to begin"),
        (ana, "", "There is no document of your account yet."),
        (dee, "", "<h2 id="),
    ):
        asked = _help(who, part=part, document=document)
        assert said in asked and below in asked, (who.name, part)
    assert said not in _help(ana, part="policies", document=str(uuid))
    assert said not in _help(ana, part="documents")


@pytest.mark.usefixtures("configured")
def test_a_page_has_a_way_to_its_section(sign_in: SignIn) -> None:
    """A page of the map says where; what is drawn outside of it, such as "not available to you", leads nowhere."""
    links.helped_by("orders")
    assert links.help_of_this_page() == "orders"
    links.helped_by("")
    spec = next(page for page in PAGES if page.path == "inventory")
    with pytest.raises(Forbidden):
        spec.show(sign_in("abel"))
    assert links.help_of_this_page() == ""
