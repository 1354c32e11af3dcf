"""An invoice in its drawer: what each reader sees of it, and who sees nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from data.invoicing import get_invoice
from data.models import Invoice
from rules.errors import Forbidden, NotFound
from rules.principal import Principal
from tests.cluster import Database
from tests.door import settings_for
from tests.scene import Scene, set_the_scene

SignIn = Callable[[str], Principal]


@pytest.fixture(scope="module")
def scene(database: Database) -> Scene:
    with database.as_owner() as connection:
        return set_the_scene(connection)


@pytest.fixture(scope="module", autouse=True)
def _settings(database: Database, scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with settings_for(database, tmp_path_factory.mktemp("instance")):
        yield


@pytest.fixture(scope="module")
def uuid_of(database: Database, scene: Scene) -> Callable[[str], UUID]:
    """`uuid_of("KR-SEOUL")` → the UUID in its address."""

    def found(number: str) -> UUID:
        with database.as_owner() as connection:
            query = select(Invoice.uuid).where(Invoice.id == scene.invoices[number])
            return connection.execute(query).scalar_one()

    return found


def drawer(principal: object, uuid: object) -> None:
    from pages.portal.invoice.drawer import invoice_drawer

    invoice_drawer(principal)({"uuid": uuid})


def opened(principal: Principal, uuid: UUID) -> AppTest:
    app = AppTest.from_function(drawer, args=(principal, uuid), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    shown = [*app.markdown, *app.text, *app.subheader, *app.warning, *app.info, *app.caption]
    frames = [frame.value.to_string() for frame in app.dataframe]
    return "\n".join([*(str(element.value) for element in shown), *(str(t.value) for t in app.table), *frames])


class TestWhoSeesIt:
    def test_a_viewer_sees_it_with_all_that_hangs_on_it(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        detail = get_invoice(database.app, sign_in("vic"), uuid_of("KR-SEOUL"))
        assert [line.description for line in detail.lines] == ["KR-SEOUL"]
        assert [(credit.number, credit.amount) for credit in detail.credits] == [("KR-SEOUL-CREDIT", 10)]
        assert not detail.payments
        assert detail.document is not None

    def test_a_credit_note_leads_to_the_invoice_it_was_used_for(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        detail = get_invoice(database.app, sign_in("ana"), uuid_of("KR-SEOUL-CREDIT"))
        assert [credit.number for credit in detail.credits] == ["KR-SEOUL"]

    @pytest.mark.parametrize("number", ["PH-BOLT", "KR-SEOUL-DRAFT"])
    def test_a_stranger_s_and_a_draft_do_not_exist_for_a_customer(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID], number: str
    ) -> None:
        with pytest.raises(NotFound):
            get_invoice(database.app, sign_in("ana"), uuid_of(number))
        assert "does not exist" in words(opened(sign_in("ana"), uuid_of(number)))

    @pytest.mark.parametrize("who", ["abel", "dee", "ada"])
    def test_who_has_no_function_for_invoices_reads_none(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID], who: str
    ) -> None:
        with pytest.raises(Forbidden):
            get_invoice(database.app, sign_in(who), uuid_of("KR-SEOUL"))
        assert "1,000" not in words(opened(sign_in(who), uuid_of("KR-SEOUL")))

    def test_a_manager_reads_their_customers_and_no_others(
        self, database: Database, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        assert get_invoice(database.app, sign_in("mia"), uuid_of("KR-SEOUL")).account.code == "ACME-SEOUL"
        with pytest.raises(NotFound):
            get_invoice(database.app, sign_in("mia"), uuid_of("PH-BOLT"))

    @pytest.mark.parametrize("uuid", ["989e28e6-5683-4982-bcd3-ad6ef9a8a061", "1", "'; drop table portal.invoice; --"])
    def test_what_never_was_is_not_found(self, database: Database, sign_in: SignIn, uuid: str) -> None:
        with pytest.raises(NotFound):
            get_invoice(database.app, sign_in("fin"), uuid)


class TestWhatItShows:
    def test_who_owes_whom_how_much_and_since_when(self, sign_in: SignIn, uuid_of: Callable[[str], UUID]) -> None:
        said = words(opened(sign_in("vic"), uuid_of("KR-SEOUL")))
        assert "Acme Seoul owes" in said
        assert "days late" in said
        assert "₩1,000" in said
        assert "BOLT" not in said

    def test_finance_reads_a_draft_and_is_told_that_it_is_one(
        self, sign_in: SignIn, uuid_of: Callable[[str], UUID]
    ) -> None:
        said = words(opened(sign_in("fin"), uuid_of("KR-SEOUL-DRAFT")))
        assert "nobody but finance" in said
        assert "late" not in said
