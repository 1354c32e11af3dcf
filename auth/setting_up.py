"""What setting up a second factor looks like, before signing in and under Settings: the secret, then recovery codes."""

from __future__ import annotations

from html import escape

import streamlit as st

from auth import codes
from ui.text import _

QR = 200  # pixels


def show_secret(secret: str, email: str) -> None:
    """To be read by an app on a phone, or typed."""
    picture, said = codes.picture(secret, email), escape(_("QR code for your authenticator app"))
    with st.container(gap="xsmall"):
        st.markdown(
            _(
                "1. Open an authenticator app on your phone. If you have none, install one: any that knows time-based "
                "codes will do."
            )
        )
        st.markdown(_("2. Scan this picture with it, or type the key below it."))
        # within the page: an address of its own would have to be asked for without a session
        st.html(f'<img src="{picture}" alt="{said}" width="{QR}" height="{QR}">')
        st.code(codes.in_groups(secret), language=None, wrap_lines=True)
        st.markdown(_("3. Type the six digits that the app shows now."))


def code_input(key: str, label: str | None = None) -> str:
    """Six digits or a recovery code; phones offer what they have."""
    return st.text_input(label or _("Code"), key=key, autocomplete="one-time-code", max_chars=20) or ""


def show_recovery_codes(recovery: tuple[str, ...]) -> None:
    st.markdown(
        _(
            "Keep these recovery codes where your phone is not: each signs you in once when you cannot get at your "
            "app. They are shown only now."
        )
    )
    st.code("\n".join(recovery), language=None)
