"""Settings, second factor: setting it up, moving it to another phone, new recovery codes, switching it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import streamlit as st

from auth import visitor
from auth.renewal import FACTOR_TOLD, Told, renewal
from auth.second_factor import Factor, begin, factor_of, replace_recovery_codes, set_up, switch_off
from auth.setting_up import code_input, show_recovery_codes, show_secret
from auth.step_up import asker, confirmed
from data.engines import auth_engine
from rules.errors import Invalid
from rules.principal import Principal
from ui import look
from ui.form.problems import beside
from ui.news import show_news, tell
from ui.state import Remembered
from ui.text import _, n_, time_text

FORM = 560  # pixels; less on a phone
HERE = "second-factor"
FEW = 3  # recovery codes: time to make others


class Step(StrEnum):
    """Where in it somebody is."""

    SET_UP = "set_up"
    CODES = "codes"
    OFF = "off"


@dataclass
class Doing(Remembered):
    """In this tab alone; recovery codes are nowhere else to be read."""

    step: Step | None = None
    recovery: tuple[str, ...] = ()
    problems: dict[str | None, Invalid] = field(default_factory=dict)

    def go(self, step: Step | None) -> None:
        self.step, self.problems = step, {}
        st.rerun()


def second_factor(principal: Principal) -> None:
    doing, factor = Doing.of(HERE), factor_of(auth_engine(), principal)
    with look.card(_("Second factor"), key="second-factor"), st.container(width=FORM):
        _tell(factor)
        if doing.recovery:
            _keep(principal, doing)
        elif doing.step is not None:
            _STEPS[doing.step](principal, factor, doing)
            if st.button(_("Back"), type="tertiary", key="second-factor-back"):
                doing.go(None)
        elif factor.is_set_up:
            _as_it_is(factor, doing)
        else:
            _without(doing)


def _tell(factor: Factor) -> None:
    """Where a new token was set, the page began anew, and its address says why; nobody makes it say what is not."""
    told = st.query_params.pop(FACTOR_TOLD, None)
    if told == Told.OFF and not factor.is_set_up:
        tell(HERE, _("Your second factor is switched off."))
    if told == Told.ON and factor.is_set_up:
        tell(HERE, _("Your second factor and your recovery codes are ready."))
    show_news(HERE, good_stays=True)


def _without(doing: Doing) -> None:
    st.write(
        _(
            "With a second factor you sign in with your password and a code from your phone, so that a stolen "
            "password alone opens nothing."
        )
    )
    if st.button(_("Set up a second factor"), type="primary", icon=":material/phonelink_lock:"):
        doing.go(Step.SET_UP)


def _as_it_is(factor: Factor, doing: Doing) -> None:
    st.markdown(f":green[:material/check_circle:] **{_('Set up {time}', time=time_text(factor.since))}**")
    left = n_("{n} recovery code is left.", "{n} recovery codes are left.", factor.recovery_left)
    few = factor.recovery_left <= FEW
    st.markdown(f":orange[:material/warning: {left}]" if few else f":small[:gray[{left}]]")
    with st.container(horizontal=True, gap="small"):
        if st.button(_("New recovery codes"), icon=":material/password:", type="primary" if few else "secondary"):
            doing.go(Step.CODES)
        if st.button(_("Move to another phone"), icon=":material/phonelink_setup:"):
            doing.go(Step.SET_UP)
        if not factor.is_required and st.button(_("Switch off"), icon=":material/phonelink_erase:", type="tertiary"):
            doing.go(Step.OFF)
    if factor.is_required:
        st.caption(_("You need a second factor here, so it cannot be switched off."))


def _set_up(principal: Principal, factor: Factor, doing: Doing) -> None:
    if not confirmed(principal, key="set-up-factor"):
        return
    show_secret(begin(auth_engine(), principal), factor.email)
    with st.form("set-up-factor", border=False):
        typed = code_input("set-up-factor-code")
        beside(doing.problems.get("code"))
        st.caption(_("In all other browsers you will be signed out, and a mail tells you about it."))
        is_submitted = st.form_submit_button(_("Finish"), type="primary")
    if is_submitted:
        _try(doing, lambda: set_up(auth_engine(), principal, typed, asker=asker()))


def _codes(principal: Principal, _factor: Factor, doing: Doing) -> None:
    st.write(_("The codes you have now will count no more."))
    if not confirmed(principal, key="new-codes"):
        return
    if st.button(_("Show new recovery codes"), type="primary"):
        _try(doing, lambda: replace_recovery_codes(auth_engine(), principal, asker=asker()))


def _off(principal: Principal, factor: Factor, doing: Doing) -> None:
    st.write(_("Your password alone would be enough to sign in again."))
    with st.form("switch-factor-off", border=False):
        password = ""
        if factor.has_password:
            password = st.text_input(
                _("Password"), type="password", autocomplete="current-password", key="switch-off-password"
            )
            beside(doing.problems.get("password"))
        typed = code_input("switch-off-code")
        beside(doing.problems.get("code"))
        is_submitted = st.form_submit_button(_("Switch off"), type="primary")
    if is_submitted:
        try:
            switch_off(auth_engine(), principal, password or "", typed, asker=asker())
        except Invalid as problem:
            doing.problems = {problem.field: problem}
            st.rerun()
        doing.step, doing.problems = None, {}
        visitor.go(renewal(principal.token, Told.OFF))


def _try(doing: Doing, do: Callable[[], tuple[str, ...]]) -> None:
    try:
        doing.recovery = do()
    except Invalid as problem:
        doing.problems = {problem.field: problem}
        st.rerun()
    doing.go(None)


def _keep(principal: Principal, doing: Doing) -> None:
    st.markdown(f"**{_('Your recovery codes')}**")
    show_recovery_codes(doing.recovery)
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            _("Download"),
            "\n".join(doing.recovery) + "\n",
            file_name=f"{_('Recovery codes')}.txt",
            mime="text/plain",
            icon=":material/download:",
            on_click="ignore",
        )
        if st.button(_("I have kept them"), type="primary"):
            doing.recovery = ()
            visitor.go(renewal(principal.token, Told.ON))


_STEPS: dict[Step, Callable[[Principal, Factor, Doing], None]] = {
    Step.SET_UP: _set_up,
    Step.CODES: _codes,
    Step.OFF: _off,
}
