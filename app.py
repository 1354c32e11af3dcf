"""The portal as one ASGI app: Streamlit's pages, our routes beside them, and what stands in front of both.

`streamlit run app.py` and `uvicorn app:app` start it, together with what `./portal run` would have started beside it.
"""

from __future__ import annotations

import asyncio
import gc
import pkgutil
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

import streamlit as st
import structlog
from starlette.routing import BaseRoute
from streamlit import config

import pages
from auth.cookies import pre_login_cookie, session_cookie
from auth.invitation_links import INVITATION
from auth.password_links import FORGOTTEN, SET_PASSWORD
from auth.passwords import hash_password
from data import live
from data.companions import accompanied
from data.instance import Login, login_url
from data.log import write_log_plainly
from data.settings import CHECKOUT, settings
from rules.errors import SetupError
from shell import entitled
from shell import live as shell_live
from ui.errors import telling
from web.errors import exception_handlers
from web.index_page import as_data_uri
from web.middleware import middleware
from web.observed import instead_of_uvicorns_log
from web.origin import PublicAddress
from web.routes import routes
from web.session import is_signed_in, may_send_large, who_is_in
from web.session_gate import SignedIn
from web.theme import WhoIsIn

STREAMLIT_FOLDER = Path(st.__file__).parent / "static"
# Imported, with every page, before the first person comes: nobody waits for it, and the collector never walks over it.
WARM = ("auth.sign_in", "pandas", "plotly.graph_objects", "plotly.tools", "pyarrow.pandas_compat", "shell.run")
#: Pages that people without a session find by a link.
WAYS_IN = tuple(path.strip("/") for path in (SET_PASSWORD, FORGOTTEN, INVITATION))
log = structlog.get_logger("portal.app")

Background = Callable[[], AbstractContextManager[object]]


def company() -> AbstractContextManager[object]:
    return accompanied(settings(), purpose="app.py", say=log.info, hash_password=hash_password)


def listening() -> AbstractContextManager[object]:
    return live.listening(settings().listen_url or login_url(settings(), Login.APP))


def build_app(
    script: Path,
    *,
    routes: Sequence[BaseRoute] = (*routes, *shell_live.routes, *entitled.routes),
    background: Sequence[Background] = (company, listening),
    is_signed_in: SignedIn = is_signed_in,
    may_send_large: SignedIn = may_send_large,
    who_is_in: WhoIsIn = who_is_in,
) -> st.App:
    """The whole app around any script: tests put a small one in the place of the shell.

    What is in `background` is entered, in this order, before the first request, and left after the last.
    """
    _find_our_streamlit_settings()
    if st.get_option("server.baseUrlPath"):
        raise SetupError("server.baseUrlPath is set, but what guards the portal stands at the root: unset it")
    # `streamlit run` reads this file for an assignment like the next one; without it, it would run us as a page.
    app = st.App(
        script,
        routes=routes,
        middleware=middleware(
            address=PublicAddress.of(settings().base_url),
            trusted_proxies=settings().trusted_proxies,
            session_cookie=session_cookie(),
            pre_login_cookie=pre_login_cookie(),
            is_signed_in=is_signed_in,
            may_send_large=may_send_large,
            who_is_in=who_is_in,
            streamlit_folder=STREAMLIT_FOLDER,
            title=settings().brand_name,
            icon=as_data_uri(settings().brand_icon or CHECKOUT / "static" / "icon.svg"),
            addresses=frozenset(
                {
                    *(way.strip("/") for way in (SET_PASSWORD, FORGOTTEN, INVITATION)),
                    *(page.path for page in pages.PAGES),
                }
            ),
        ),
        lifespan=lifespan(background),
        exception_handlers=exception_handlers,
        on_script_error=tell,
    )
    return app  # noqa: RET504


def _find_our_streamlit_settings() -> None:
    """What `streamlit run` does itself; under uvicorn our .streamlit/config.toml would count in this folder only."""
    if config._main_script_path is None:  # noqa: SLF001 - there is no public name for it
        config._main_script_path = str(CHECKOUT / "app.py")  # noqa: SLF001


def lifespan(background: Sequence[Background]) -> Callable[[st.App], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def alive(_app: st.App) -> AsyncGenerator[None]:
        write_log_plainly()
        instead_of_uvicorns_log()
        await asyncio.to_thread(warm_up)
        with ExitStack() as stack:
            for begin in background:
                stack.enter_context(begin())
            yield

    return alive


def warm_up() -> None:
    """What is imported stays for ever: frozen, it is left out of every later collection."""
    every_page = (module.name for module in pkgutil.walk_packages(pages.__path__, "pages."))
    single_sign_on = ("auth.provider",) if settings().has_sign_on else ()
    for name in (*WARM, *single_sign_on, *every_page):
        import_module(name)
    gc.collect()
    gc.freeze()


def tell(error: Exception) -> bool:
    """For what was raised outside the shell's own boundary, as in a callback: the same sentence."""
    with telling():
        raise error
    return True


app = build_app(CHECKOUT / "shell" / "main.py")
