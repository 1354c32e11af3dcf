"""The shell: signed out every address is the way in, signed in everybody gets their own pages and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from auth import visitor
from auth.sessions import end
from pages import LANDING, PAGES, pages_for
from rules.permissions import StaffRole
from rules.principal import Principal
from tests.cluster import Database
from tests.conftest import CAST

ENTRY = Path(__file__).parent.parent / "shell" / "main.py"
SignIn = Callable[[str], Principal]

#: Who may open what (SPEC §3): the menu's own words are in pages/__init__.py, these are ours.
EVERYBODYS = {"", "help", "contact", "notices", "settings"}
OF_A_COMPANY = EVERYBODYS | {
    "tickets", "waiting", "service", "orders", "invoices", "statement", "disputes", "inventory", "feedback",
}  # fmt: skip
OPENS = {
    "ana": OF_A_COMPANY | {"access", "audit", "messages"},
    "abel": EVERYBODYS | {"tickets", "waiting", "feedback"},
    "vic": OF_A_COMPANY,
    "bea": OF_A_COMPANY | {"access", "audit", "messages"},
    "mia": (OF_A_COMPANY | {"customers", "accounts", "messages", "broadcast"}) - {"waiting"},
    "fin": EVERYBODYS | {"billing", "bank", "accounts", "invoices", "disputes", "statement", "messages"},
    "dee": EVERYBODYS
    | {
        "queue",
        "tickets",
        "service",
        "parcels",
        "broadcast",
        "inventory",
        "accounts",
        "access",
        "messages",
        "feedback",
    },
    "ada": EVERYBODYS | {"people", "accounts", "access", "audit", "sites", "entities", "targets", "documents"},
}


pytestmark = pytest.mark.usefixtures("configured")


@pytest.fixture
def arrive(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None, str], AppTest]:
    """`arrive(token, "tickets")` → the portal as that browser sees it at that address."""

    def arrived(token: str | None, path: str = "") -> AppTest:
        monkeypatch.setattr(visitor, "session_token", lambda: token)
        monkeypatch.setattr(visitor, "browser", lambda: "B" * 43)
        app = AppTest.from_file(ENTRY, default_timeout=30)
        app.run()
        if path:
            _go(app, path)
        return app

    return arrived


def _go(app: AppTest, path: str) -> None:
    """To another page by its address, as a link does."""
    from streamlit.util import calc_hash

    app._page_hash = calc_hash(path)
    app.run()


def _headings(app: AppTest) -> list[str]:
    return [title.value for title in app.title]


def _is_the_way_in(app: AppTest) -> bool:
    return any(field.label == "Password" for field in app.text_input) and not app.title


@pytest.mark.parametrize("name", CAST)
def test_everybody_gets_their_own_pages_and_no_others(name: str, sign_in: SignIn) -> None:
    assert {page.path for page in pages_for(sign_in(name))} == OPENS[name]


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_signed_out_every_address_is_the_way_in(path: str, arrive: Callable[..., AppTest]) -> None:
    app = arrive(None, path)
    assert not app.exception
    assert _is_the_way_in(app)


@pytest.mark.parametrize("name", CAST)
def test_every_page_opens_for_whom_it_is_meant(name: str, sign_in: SignIn, arrive: Callable[..., AppTest]) -> None:
    principal = sign_in(name)
    for page in pages_for(principal):
        app = arrive(principal.token, page.path)
        assert not app.exception, page.path
        assert not app.error, page.path
        assert _headings(app), page.path


@pytest.mark.parametrize("name", ["abel", "vic", "fin", "dee"])
def test_a_page_somebody_lacks_says_so_and_shows_nothing(
    name: str, sign_in: SignIn, arrive: Callable[..., AppTest]
) -> None:
    principal = sign_in(name)
    for page in PAGES:
        if page.path in OPENS[name]:
            continue
        app = arrive(principal.token, page.path)
        said = "another role" if principal.is_staff and app.title[0].value != "Page not found" else "available to you"
        assert any(said in box.value for box in app.info), page.path
        assert not app.dataframe and not app.metric, page.path


@pytest.mark.parametrize(
    ("name", "path"),
    [("ana", "queue"), ("ana", "people"), ("abel", "billing"), ("vic", "customers"), ("dee", "waiting")],
)
def test_a_page_that_is_not_for_their_kind_is_as_unknown_as_any_address(
    name: str, path: str, sign_in: SignIn, arrive: Callable[..., AppTest]
) -> None:
    app = arrive(sign_in(name).token, path)
    assert not app.exception
    assert _headings(app) == ["Page not found"]
    assert [box.value for box in app.info] == ["It does not exist, or it is not available to you."]
    title = next(page.title for page in PAGES if page.path == path)
    assert title not in {text.value for text in (*app.title, *app.markdown)}


def test_a_page_that_colleagues_have_says_that_it_is_not_available(
    sign_in: SignIn, arrive: Callable[..., AppTest]
) -> None:
    app = arrive(sign_in("abel").token, "invoices")
    assert _headings(app) == ["Invoices"]
    assert "Ask the administrator" in app.info[0].value


def test_staff_of_another_role_are_not_sent_to_an_accounts_administrator(
    sign_in: SignIn, arrive: Callable[..., AppTest]
) -> None:
    app = arrive(sign_in("ada").token, "broadcast")
    assert _headings(app) == ["Broadcast"]
    (said,) = [box.value for box in app.info]
    assert "another role" in said
    assert "your account" not in said


def test_whoever_is_signed_in_may_still_use_a_link_to_set_a_password(
    sign_in: SignIn, arrive: Callable[..., AppTest]
) -> None:
    app = arrive(sign_in("ana").token, "password")
    assert not app.exception
    assert not app.title, "neither the dashboard nor a page that is not found"


def test_a_session_that_ended_is_shown_the_way_in(
    database: Database, sign_in: SignIn, arrive: Callable[..., AppTest]
) -> None:
    ana = sign_in("ana")
    assert _headings(arrive(ana.token, "tickets")) == ["Tickets"]
    end(database.auth, ana.token)
    app = arrive(ana.token, "tickets")
    assert not app.title and not app.dataframe


def test_every_role_of_staff_has_a_place_to_begin(sign_in: SignIn) -> None:
    assert set(LANDING) == set(StaffRole)
    for name in ("mia", "fin", "dee", "ada"):
        principal = sign_in(name)
        assert principal.role is not None
        assert LANDING[principal.role] in OPENS[name]


def test_a_script_in_pages_does_not_run_instead_of_the_shell(tmp_path: Path) -> None:
    """Streamlit finds pages/*.py beside an entry script and runs them without it, and so without its sign-in."""
    assert not (ENTRY.parent / "pages").exists(), "pages/ beside the entry script would be found and run without it"
    scripts = [file for file in (ENTRY.parent.parent / "pages").glob("*.py") if file.name != "__init__.py"]
    assert scripts == [], "a script directly in pages/ is one move of the entry script away from running unasked"
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "secret.py").write_text("import streamlit as st\nst.title('secret')\n")
    (tmp_path / "main.py").write_text("import streamlit as st\nst.title('sign in')\nst.stop()\n")
    beside = AppTest.from_file(tmp_path / "main.py").switch_page("pages/secret.py").run()
    assert [title.value for title in beside.title] == ["secret"], "the danger is real: this is what we keep away from"
