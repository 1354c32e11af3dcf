"""What every request passes before it reaches Streamlit or a route of ours, outermost first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.middleware import Middleware

from web.body_limit import BodyLimit
from web.index_page import IndexPage, pages_from, script_hashes
from web.large_uploads import LargeUploads
from web.missing_page import missing_pages
from web.observed import Observed
from web.origin import OurAddressOnly, PublicAddress
from web.pre_login import PreLoginCookie
from web.proxies import BehindProxies, Network
from web.security_headers import SecurityHeaders
from web.session_gate import SessionGate, SignedIn
from web.static_files import StreamlitFiles
from web.theme import WhoIsIn


def middleware(
    *,
    address: PublicAddress,
    trusted_proxies: Sequence[Network],
    session_cookie: str,
    pre_login_cookie: str,
    is_signed_in: SignedIn,
    may_send_large: SignedIn,
    who_is_in: WhoIsIn,
    streamlit_folder: Path,
    title: str,
    icon: str,
    addresses: frozenset[str],
) -> list[Middleware]:
    https = address.scheme == "https"
    index = streamlit_folder / "index.html"
    pages = pages_from(index.read_text("utf-8"), title=title, icon=icon)
    return [
        # who is asking, before anything counts or decides
        Middleware(BehindProxies, trusted=trusted_proxies, scheme=address.scheme),
        # refusals and failures carry the headers too
        Middleware(SecurityHeaders, script_hashes=script_hashes(pages.values()), https=https),
        Middleware(Observed),
        # what is turned away
        Middleware(OurAddressOnly, address=address),
        Middleware(BodyLimit),
        Middleware(SessionGate, cookie_name=session_cookie, is_signed_in=is_signed_in),
        Middleware(LargeUploads, cookie_name=session_cookie, may_send_large=may_send_large),
        # the page and its files
        Middleware(PreLoginCookie, name=pre_login_cookie, secure=https),
        Middleware(
            IndexPage,
            index=index,
            pages=pages,
            missing=missing_pages(title=title, icon=icon),
            addresses=addresses,
            who_is_in=who_is_in,
        ),
        Middleware(StreamlitFiles, folder=streamlit_folder),
    ]
