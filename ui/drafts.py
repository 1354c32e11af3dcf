"""What somebody types into a form is kept as they go: there again after an accident or a sign-out, in any browser.

A form with a draft stands outside `st.form`, whose fields say nothing before it is sent:

    draft = Draft.of(principal, "remote_hands", subject="", site=None)
    draft.notice()
    site = st.selectbox(_("Site"), codes, **draft.field("site", among=codes))
    subject = st.text_input(_("Subject"), live="1s", **draft.field("subject"))
    if st.button(_("Submit")):
        ...  # the command, within whose transaction data.drafts.discard_within() may forget the draft
        draft.discard()

What a person keeps for themselves is no change of the portal's rows: it is the one write that follows a callback."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Self
from uuid import UUID, uuid4

import streamlit as st

from data import drafts
from data.engines import app_engine
from rules.errors import Invalid, SignedOut
from rules.principal import Principal
from ui.reader import zone_of
from ui.state import Remembered
from ui.text import _, translated

#: Under which a form that makes something new keeps its idempotency key; no field has this name.
DEED = "="
#: Under which it is kept on which clock the moments of the form were typed, where that can change.
CLOCK = "@"
_NO_FIELDS = frozenset({DEED, CLOCK})
#: Values that JSON does not know, each under a name of its own.
_KINDS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
}


@dataclass
class Filling(Remembered):
    """How a form stands in this tab. `edition` is raised when its fields are to begin anew."""

    edition: int = 0
    is_restored: bool = False
    kept: dict[str, Any] = field(default_factory=dict)
    trouble: str | None = None


@dataclass(frozen=True)
class Draft:
    """The fields of one form of one person, by their names, and what each begins with."""

    principal: Principal
    form: str
    begins: Mapping[str, Any]

    @classmethod
    def of(cls, principal: Principal, form: str, **begins: Any) -> Self:
        """Fills the form in as it was left, if its fields are not on the screen already."""
        draft = cls(principal, form, begins)
        if not any(draft._key(name) in st.session_state for name in begins):
            draft._restore()
        return draft

    def field(self, name: str, *, among: Collection[Any] | None = None) -> dict[str, Any]:
        """What its widget is given: a key, and that its changes are kept. `among`: what can be chosen by now."""
        key = self._key(name)
        value = st.session_state.get(key, self._filling.kept.get(name, self.begins[name]))
        if among is not None and not _is_among(value, among):
            value = self.begins[name]
        if st.session_state.get(key, self) != value:  # also one that was not drawn for a while
            st.session_state[key] = value
        return {"key": key, "on_change": self._keep}

    def value(self, name: str) -> Any:
        """What the field says now, also where it is not on the screen."""
        return st.session_state.get(self._key(name), self._filling.kept.get(name, self.begins[name]))

    def change(self, values: Mapping[str, Any]) -> None:
        """Fields set by a button's callback instead of by hand, such as a row that is taken away."""
        for name, value in values.items():
            self._filling.kept[name] = value
            if self._key(name) in st.session_state:
                st.session_state[self._key(name)] = value
        self._keep()

    def follow(self, name: str) -> None:
        """As long as nobody chose otherwise, the field says what it begins with, also where that changes."""
        if name not in self._filling.kept:
            st.session_state[self._key(name)] = self.begins[name]

    def on_clock(self, zone: str, moments: Collection[str], *, began_on: str | None = None) -> None:
        """From here on the moments are typed on this clock; where it was another, they stay the moments they are.
        `began_on`: that of what they begin with."""
        before = self._filling.kept.get(CLOCK, began_on or zone)
        self._filling.kept[CLOCK] = zone
        for name in moments if before != zone else ():
            at = self.value(name)
            if at is not None:
                there = at.replace(tzinfo=zone_of(before)).astimezone(zone_of(zone)).replace(tzinfo=None)
                self._filling.kept[name] = there
                st.session_state[self._key(name)] = there

    def key_of_deed(self) -> UUID:
        """Made when the form opens and kept with what is typed, so that sending it again is the same deed."""
        return UUID(self._filling.kept.setdefault(DEED, str(uuid4())))

    def forget_key(self) -> None:
        """What is sent from here on is another deed."""
        self._filling.kept.pop(DEED, None)

    def notice(self, begun_anew: Callable[[], None] = lambda: None) -> None:
        """Says that something was typed here before, and offers to begin anew, which calls `begun_anew` too."""

        def begin_anew() -> None:
            self.discard()
            begun_anew()

        if self._filling.trouble:
            st.caption(translated(self._filling.trouble))
        if self._filling.is_restored:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.caption(_("What you typed here before is filled in again."))
                st.button(_("Start over"), key=f"{self._key('')}over", type="tertiary", on_click=begin_anew)

    def discard(self) -> None:
        """It was sent, or its person begins anew."""
        drafts.discard(app_engine(), self.principal, self.form)
        filling = self._filling
        filling.edition, filling.is_restored, filling.kept, filling.trouble = filling.edition + 1, False, {}, None

    @property
    def _filling(self) -> Filling:
        return Filling.of(self.form)

    def _key(self, name: str) -> str:
        return f"draft.{self.form}.{self._filling.edition}.{name}"

    def _restore(self) -> None:
        found = {name: _decoded(value) for name, value in drafts.load(app_engine(), self.principal, self.form).items()}
        self._filling.kept = {name: value for name, value in found.items() if name in self.begins or name in _NO_FIELDS}
        self._filling.is_restored = bool(self._filling.kept.keys() - _NO_FIELDS)

    def _keep(self) -> None:
        """All fields at once, each time one of them changed: one small statement."""
        now = {name: st.session_state[key] for name in self.begins if (key := self._key(name)) in st.session_state}
        filling = self._filling
        kept = filling.kept | now
        filling.kept = {name: said for name, said in kept.items() if name in _NO_FIELDS or said != self.begins[name]}
        filling.trouble = None
        encoded = {name: _encoded(value) for name, value in filling.kept.items()}
        try:
            if encoded.keys() - _NO_FIELDS:
                drafts.keep(app_engine(), self.principal, self.form, encoded)
            else:
                drafts.discard(app_engine(), self.principal, self.form)
        except SignedOut:
            return  # the run that follows finds nobody signed in, and leads to the sign-in page
        except Invalid as problem:
            filling.trouble = str(problem)


def _is_among(value: Any, options: Collection[Any]) -> bool:
    return all(each in options for each in value) if isinstance(value, list | tuple) else value in options


def _encoded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_encoded(each) for each in value]
    for name, kind in (("datetime", datetime), ("date", date), ("time", time)):  # a datetime is a date as well
        if isinstance(value, kind):
            return {name: value.isoformat()}
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if isinstance(value, dict) and len(value) == 1:
        ((name, written),) = value.items()
        return _KINDS[name](written) if name in _KINDS else value
    return value
