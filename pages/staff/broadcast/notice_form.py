"""The form of a notice: what it is about, whom it concerns and when, in English and in other languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.noticing import Announcement, Editable, SaveNotice, Words, accounts_to_tell, reach
from data.sites import SiteRef, list_sites
from rules.errors import Invalid
from rules.fields import Field, FieldKind, Only, tidy
from rules.notices import LONGEST_BODY, LONGEST_TITLE, ONGOING, OTHER_LANGUAGES, WRITTEN, NoticeCategory
from rules.permissions import StaffRole
from rules.principal import Principal
from rules.words import N_
from ui.drafts import Draft
from ui.form import Filled, Section, Sending, begins, checked, send, send_button, show_sections, summary
from ui.formats import language_name
from ui.reader import reader, zone_of
from ui.text import _, n_, translated

K = FieldKind
EVERYONE, ACCOUNTS = "everyone", "accounts"
_TO = Field("to", N_("For whom"), K.CHOICE, required=True, choices=(EVERYONE, ACCOUNTS), default=EVERYONE,
            vocabulary="notice.to")  # fmt: skip
_WINDOW = Only("category", tuple(ONGOING))
_ABOUT = (
    Field("category", N_("Category"), K.CHOICE, required=True, choices=tuple(WRITTEN), vocabulary="notice.category"),
    Field("sites", N_("Sites"), K.ITEMS, hint=N_("For everyone: mail goes to customers who have something there.")),
    Field("service_impacting", N_("Service is affected"), K.TICK),
    Field("starts_at", N_("Begins"), K.MOMENT, only=_WINDOW,
          hint=N_("An incident without it began when it is published.")),
    Field("ends_at", N_("Ends"), K.MOMENT, only=_WINDOW, hint=N_("Leave it empty as long as nobody knows.")),
    Field("respond_by", N_("Please answer by"), K.MOMENT, hint=N_("Where customers have to do something.")),
)  # fmt: skip
_ENGLISH = (
    Field("title", N_("Title"), required=True, longest=LONGEST_TITLE),
    Field("body", N_("Description"), K.LONG_TEXT, longest=LONGEST_BODY),
    Field("languages", N_("Other languages"), K.ITEMS, hint=N_("Who reads another language gets the English text.")),
)


_MOMENTS = tuple(each.name for each in _ABOUT if each.kind is K.MOMENT)


def show_form(principal: Principal, known: Editable | None) -> Mapping[str, Any] | None:
    """What was saved, once it was."""
    form = "notice.new" if known is None else f"notice.{known.row.uuid}.{known.row.version}"
    draft = Draft.of(principal, form, **_begins(known))
    sending = Sending.of(form)
    if (done := sending.done) is not None:
        draft.discard()
        sending.begin_anew()
        return done
    draft.notice(sending.begin_anew)
    places = {site.id: site for site in list_sites(app_engine(), principal)}
    zone = _zone(draft, places)
    draft.on_clock(zone, _MOMENTS, began_on=None if known is None else clock_of(known))
    fields = _fields(principal, draft)
    filled = checked(Filled(draft, fields, zone, options=_options(principal, places)), sending)
    summary(filled.problems, {each.name: translated(each.label) for each in fields}, turn=sending.turns)
    if sending.said:
        st.warning(sending.said, icon=":material/sync_problem:")
    show_sections(filled, _sections(draft))
    values = tidy(fields, filled.values())
    _preview(principal, values)
    send_button(sending, _("Save and look at it"), key=f"{form}.send", icon="save")
    st.caption(_("Nobody is told before you publish it in the next step."))
    if sending.is_asked:
        command = SaveNotice(announcement(values))
        if known is not None:
            command = replace(command, uuid=known.row.uuid, version=known.row.version)
        send(sending, draft, lambda key: execute(app_engine(), principal, command, key=key))
    return None


def _fields(principal: Principal, draft: Draft) -> tuple[Field, ...]:
    """A manager tells accounts; only the desk tells everyone."""
    asks = principal.role is not StaffRole.ACCOUNT_MANAGER
    named = Field("accounts", N_("Accounts"), K.ITEMS, required=True, only=Only("to", (ACCOUNTS,)) if asks else None)
    category, *rest = (_needed(each, draft.value("category")) for each in _ABOUT)
    whom = (_TO, named) if asks else (named,)
    chosen = draft.value("languages") or []
    return (category, *whom, *rest, *_ENGLISH, *(each for language in chosen for each in _translation(language)))


def _needed(field: Field, category: str | None) -> Field:
    """Maintenance says from when until when; an incident, like it, where."""
    if field.name == "sites" and category in ONGOING:
        return replace(field, required=True)
    if field.name in ("starts_at", "ends_at") and category == NoticeCategory.MAINTENANCE:
        return replace(field, required=True, hint="")
    return field


def _translation(language: str) -> tuple[Field, ...]:
    name = language_name(language)
    return (
        Field(f"title_{language}", _("Title in {language}", language=name), required=True, longest=LONGEST_TITLE),
        Field(f"body_{language}", _("Text in {language}", language=name), K.LONG_TEXT, longest=LONGEST_BODY),
    )


def _sections(draft: Draft) -> list[Section]:
    about = tuple(each.name for each in _ABOUT)
    written = tuple(each.name for each in _ENGLISH)
    others = tuple(each.name for language in draft.value("languages") or [] for each in _translation(language))
    return [
        Section(N_("What it is about"), "info", (about[0], _TO.name, "accounts", *about[1:])),
        Section(N_("In English"), "edit_note", written),
        Section(N_("In other languages"), "translate", others),
    ]


def _options(principal: Principal, places: Mapping[int, SiteRef]) -> dict[str, dict[Any, str]]:
    return {
        "sites": {site.id: f"{site.name} · {site.city}" for site in places.values()},
        "accounts": dict(accounts_to_tell(app_engine(), principal)),
        "languages": {language: language_name(language) for language in OTHER_LANGUAGES},
    }


def _zone(draft: Draft, places: Mapping[int, SiteRef]) -> str:
    """The window is entered on the clock of the first site; as long as there is none, on one's own."""
    chosen = sorted((places[one] for one in draft.value("sites") or [] if one in places), key=lambda site: site.name)
    return chosen[0].time_zone if chosen else reader().time_zone


def clock_of(known: Editable) -> str:
    return known.zone or reader().time_zone


def _begins(known: Editable | None) -> dict[str, Any]:
    empty = begins((*_ABOUT, _TO, Field("accounts", "", K.ITEMS), *_ENGLISH))
    empty |= {each.name: "" for language in OTHER_LANGUAGES for each in _translation(language)}
    if known is None:
        return empty
    said, clock = known.notice, zone_of(clock_of(known))
    moments = {name: getattr(said, name) for name in _MOMENTS}
    texts = {f"title_{code}": words.title for code, words in said.texts.items()}
    texts |= {f"body_{code}": words.body for code, words in said.texts.items()}
    return {
        **empty,
        "category": said.category,
        "to": EVERYONE if said.everyone else ACCOUNTS,
        "accounts": list(said.accounts),
        "sites": list(said.sites),
        "service_impacting": said.service_impacting,
        "title": said.title,
        "body": said.body,
        "languages": [language for language in OTHER_LANGUAGES if language in said.texts],
        **{name: at.astimezone(clock).replace(tzinfo=None) for name, at in moments.items() if at is not None},
        **texts,
    }


def announcement(values: Mapping[str, Any]) -> Announcement:
    """What the fields say, as the command takes it."""
    everyone = values.get("to") == EVERYONE
    return Announcement(
        category=values["category"] or "",
        title=values["title"] or "",
        body=values["body"] or "",
        everyone=everyone,
        sites=tuple(values["sites"]),
        accounts=() if everyone else tuple(values.get("accounts") or ()),
        starts_at=values.get("starts_at"),
        ends_at=values.get("ends_at"),
        service_impacting=values["service_impacting"],
        respond_by=values["respond_by"],
        texts={
            language: Words(values[f"title_{language}"] or "", values[f"body_{language}"] or "")
            for language in values["languages"]
        },
    )


def _preview(principal: Principal, values: Mapping[str, Any]) -> None:
    """Whom it would reach, as it is filled in by now."""
    said = announcement(values)
    if said.everyone or said.accounts:
        st.markdown(f":material/groups: {reach_words(principal, said)}")


def reach_words(principal: Principal, said: Announcement) -> str:
    try:
        found = reach(app_engine(), principal, replace(said, texts={}))
    except Invalid:
        return ""
    accounts = n_("{n} account", "{n} accounts", found.accounts)
    people = n_("{n} person", "{n} people", found.people)
    return _("Concerns {people} of {accounts}.", people=f"**{people}**", accounts=f"**{accounts}**")


def key_of(uuid: UUID) -> str:
    return f"notice.{uuid}"
