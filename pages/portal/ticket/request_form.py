"""One request form from its promise to its number: whose it is, where, the fields of its kind, files, and Submit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.commands import execute
from data.engines import app_engine
from data.sites import SiteRef
from data.ticketing.customers import accounts_of_the_desk
from data.ticketing.pickers import SPACES as SPACE_KINDS
from data.ticketing.pickers import Item, items_at, open_incidents, people_at, sites_to_choose, targets_agreed
from data.ticketing.reach import accounts_for
from data.ticketing.submit import SubmitTicket
from pages.portal.ticket.sections import SECTIONS
from rules.errors import Invalid, Problems
from rules.files import MOST_FILES, Upload
from rules.principal import Principal
from rules.request_types import REQUEST_TYPES, RequestType, Severity, TicketKind, check_request, proposed_severity
from rules.sla import Clock, promised
from rules.words import N_
from ui.drafts import Draft
from ui.form import (
    Filled,
    Sending,
    begins,
    beside,
    checked_by,
    file_input,
    send,
    send_button,
    show_sections,
    summary,
)
from ui.text import _, ago_text, plain, reader, shortened, span_text, term, translated

#: What stands above the fields of the kind, as the draft and the problems call it.
ACCOUNT, SITE, FOR, FILES = "account", "site_id", "requested_by", "files"
#: The places in a promise, and the clock that says how long.
_CLOCKS = {"answer": Clock.FIRST_ANSWER, "second": Clock.SECOND}
_LABELS = {ACCOUNT: N_("Account"), SITE: N_("Site"), FOR: N_("In the name of"), FILES: N_("Files")}


@dataclass(frozen=True)
class Place:
    """Whose request it is, and where."""

    account_id: int | None
    site: SiteRef | None
    #: Only the desk asks: who of the customer wants it.
    requested_by: int | None = None


@dataclass(frozen=True)
class Filed:
    """What became of a form: the ticket, and what we promise about it."""

    number: str
    #: In the words that stood in the form.
    promise: str


def show_request_form(principal: Principal, kind: TicketKind) -> Filed | None:
    """The ticket, once it was sent."""
    request, form = REQUEST_TYPES[kind], f"request.{kind}"
    promise, top = st.empty(), st.container()
    grid: Any = st.grid(2, min_column_width=250, gap="small")
    with grid.cell():
        account = _account(principal, kind, form)
    # what is typed for one account is no beginning for another: each has a draft of its own, and is sent on its own
    draft = _draft(principal, request, form, account)
    sending = Sending.of(draft.form)
    if sending.done is not None:
        return _finished(draft, kind, sending, form)
    with top:
        draft.notice(sending.begin_anew)
    place = _where(principal, kind, account, draft, grid)
    if place.site is None or place.account_id is None:
        _show_promise(promise, kind, draft, is_placed=False)
        _missing(place, sending, top)
        send_button(sending, _("Submit"), key=f"{kind}.send")
        return None
    if kind is TicketKind.FAULT:
        _known_incidents(principal, place.site)
    filled = _filled(principal, kind, draft, place)
    _show_promise(promise, kind, draft)
    filled = checked_by(filled, sending, partial(_problems, kind, filled))
    with top:
        summary(_from_the_top(filled.problems, kind), _labels(filled), turn=sending.turns)
        if sending.said:
            st.warning(sending.said, icon=":material/error:")
    show_sections(filled, SECTIONS[kind])
    files = _files(draft, kind, filled)
    send_button(sending, _("Submit"), key=f"{kind}.send")
    if sending.is_asked:
        _send(principal, kind, place, filled, files, sending)
    return None


def _draft(principal: Principal, request: RequestType, form: str, account: int | None) -> Draft:
    """What was typed for this account; before there is one nothing is kept, as nothing is asked."""
    fields = {SITE: None, FOR: None, **begins(request.all_fields())}
    if account is None:
        return Draft(principal, form, fields)
    return Draft.of(principal, f"{form}.{account}", **fields)


def _show_promise(where: DeltaGenerator, kind: TicketKind, draft: Draft, *, is_placed: bool = True) -> None:
    where.markdown(f":blue[:material/timer: {_promise(kind, draft, is_placed=is_placed)}]")


def _promise(kind: TicketKind, draft: Draft, *, is_placed: bool = True) -> str:
    """What we promise depends on the way a shipment goes, and on how bad a fault is: asked once there is a place."""
    direction = draft.value("direction") if kind is TicketKind.SHIPMENT else None
    said = draft.value("severity") if kind is TicketKind.FAULT and is_placed else None
    severity = Severity(said) if said else None
    agreed, now = targets_agreed(app_engine(), draft.principal), datetime.now(UTC)
    spans = {name: promised(kind, clock, severity, now, agreed) for name, clock in _CLOCKS.items()}
    words = {name: span_text(span.least, span.most) for name, span in spans.items() if span is not None}
    return translated(REQUEST_TYPES[kind].promise_for(direction, severity), severity=severity or "", **words)


def _finished(draft: Draft, kind: TicketKind, sending: Sending, form: str) -> Filed:
    filed = Filed(str((sending.done or {})["number"]), _promise(kind, draft))
    draft.discard()
    _whose(draft.principal, form).discard()
    sending.begin_anew()
    return filed


def _from_the_top(problems: Mapping[str | None, Invalid], kind: TicketKind) -> dict[str | None, Invalid]:
    """In the order in which their fields stand on the screen; what is about no field of them comes first."""
    order = [name for section in SECTIONS[kind] for name in section.fields] + [FILES]
    places = {name: at for at, name in enumerate(order)}
    return dict(sorted(problems.items(), key=lambda found: places.get((found[0] or "").partition(".")[0], -1)))


def _labels(filled: Filled) -> dict[str, str]:
    values = filled.values()
    labels = {field.name: translated(field.called(values)) for field in filled.fields}
    return labels | {name: translated(label) for name, label in _LABELS.items()}


def _missing(place: Place, sending: Sending, top: DeltaGenerator) -> None:
    """Without a place nothing else can be asked: which cabinet, on which clock."""
    if sending.is_asked:
        sending.is_asked = False
        st.rerun()
    name = ACCOUNT if place.account_id is None else SITE
    problem = _not_chosen(name, None, sending)
    if problem is not None:
        with top:
            summary({name: problem}, {name: translated(_LABELS[name])}, turn=sending.turns)


def _not_chosen(name: str, chosen: int | None, sending: Sending) -> Invalid | None:
    """Said once it was tried to send it."""
    return Invalid(N_("Please fill this in."), name) if sending.turns and chosen is None else None


# --- whose and where


def _where(principal: Principal, kind: TicketKind, account: int | None, draft: Draft, grid: Any) -> Place:
    if account is None:
        return Place(None, None)
    with grid.cell():
        site = _site(principal, kind, account, draft)
    asker = None
    if principal.is_staff:
        with grid.cell():
            asker = _in_whose_name(principal, account, draft)
    return Place(account, site, asker)


def _whose(principal: Principal, form: str) -> Draft:
    """The account that was chosen last."""
    return Draft.of(principal, form, **{ACCOUNT: None})


def _account(principal: Principal, kind: TicketKind, form: str) -> int | None:
    """Asked only where there are several."""
    if principal.is_staff:
        names = {one.id: f"{one.name} · {one.code}" for one in accounts_of_the_desk(app_engine(), principal)}
    else:
        wanted = accounts_for(principal, kind)
        names = {one.id: one.name for one in principal.accounts if one.id in wanted}
    if len(names) == 1:
        account, name = next(iter(names.items()))
        st.text_input(translated(_LABELS[ACCOUNT]), name, disabled=True, key=f"{kind}.account")
        return account
    with st.container(gap="xxsmall"):
        chosen = st.selectbox(
            translated(_LABELS[ACCOUNT]),
            list(names),
            index=None,
            format_func=names.__getitem__,
            placeholder=_("Choose an account"),
            **_whose(principal, form).field(ACCOUNT, among=[*names, None]),
        )
        beside(_not_chosen(ACCOUNT, chosen, Sending.of(form)))
    return chosen


def _site(principal: Principal, kind: TicketKind, account: int, draft: Draft) -> SiteRef | None:
    """Only those where this person may ask for it, first those where the account is; the only one is chosen already."""
    sites = {site.id: site for site in sites_to_choose(app_engine(), principal, kind, account)}
    if len(sites) == 1:
        draft = replace(draft, begins={**draft.begins, SITE: next(iter(sites))})
    with st.container(gap="xxsmall"):
        chosen = st.selectbox(
            translated(_LABELS[SITE]),
            list(sites),
            index=None,
            format_func=lambda one: f"{sites[one].name} · {sites[one].city}",
            placeholder=_("Choose a site"),
            **draft.field(SITE, among=list(sites) if len(sites) == 1 else [*sites, None]),
        )
        beside(_not_chosen(SITE, chosen, Sending.of(draft.form)))
    return sites.get(chosen) if chosen is not None else None


def _in_whose_name(principal: Principal, account: int, draft: Draft) -> int | None:
    people = dict(people_at(app_engine(), principal, account))
    return st.selectbox(
        f"{translated(_LABELS[FOR])} :gray[· {_('optional')}]",
        list(people),
        index=None,
        format_func=people.__getitem__,
        placeholder=_("Choose"),
        **draft.field(FOR, among=[*people, None]),
    )


def _known_incidents(principal: Principal, site: SiteRef) -> None:
    """Shown before anything is sent: perhaps we know already."""
    known = open_incidents(app_engine(), principal, site.id, language=reader().language)
    if not known:
        return
    lines = [_("We already work on this at {site}:", site=plain(site.name))]
    for incident in known:
        since = f" · {ago_text(incident.starts_at)}" if incident.starts_at else ""
        line = f"- [**{plain(incident.title)}**](/notices?notice={incident.uuid}){since}"
        if incident.latest and incident.latest_at:
            said = plain(shortened(incident.latest))
            line += f"  \n  {_('Update')} {ago_text(incident.latest_at)}: {said}"  # two blanks: on a line of its own
        lines.append(line)
    lines.append(_("If you are affected in another way, please report it."))
    st.warning("\n".join(lines[:-1]) + f"\n\n{lines[-1]}", icon=":material/warning:")


# --- the fields of the kind


def _filled(principal: Principal, kind: TicketKind, draft: Draft, place: Place) -> Filled:
    assert place.account_id is not None
    assert place.site is not None
    items = items_at(app_engine(), principal, place.account_id, place.site.id)
    is_visit = kind is TicketKind.SITE_VISIT
    options = {
        "space_id": {item.id: _named(item) for item in items if item.kind in SPACE_KINDS},
        "items": {item.id: _named(item) for item in items if not is_visit or item.kind in SPACE_KINDS},
    }
    proposed = {}
    if kind is TicketKind.FAULT:
        down, lost = bool(draft.value("service_down")), bool(draft.value("redundancy_lost"))
        proposed["severity"] = str(proposed_severity(service_down=down, redundancy_lost=lost))
    draft = replace(draft, begins={**draft.begins, **proposed})
    for name in proposed:
        draft.follow(name)  # the promise above names it before the field is drawn
    return Filled(draft, REQUEST_TYPES[kind].all_fields(), place.site.time_zone, options, proposed)


def _named(item: Item) -> str:
    words = [term("inventory.kind", item.kind), item.asset_number, item.customer_label or item.label]
    return " · ".join(dict.fromkeys(words))


def _problems(kind: TicketKind, filled: Filled) -> tuple[Invalid, ...]:
    try:
        check_request(kind, filled.values(), datetime.now(UTC))
    except Problems as problems:
        return tuple(problems.all)
    return ()


def _files(draft: Draft, kind: TicketKind, filled: Filled) -> tuple[Upload, ...]:
    st.subheader(f":material/attach_file: {_('Files')} :gray[· {_('optional')}]", anchor=False)
    with st.container(gap="xxsmall"):
        uploaded = file_input(_("Files"), key=f"{kind}.files.{draft.key_of_deed()}")
        words = _("At most {n} files of 10 MB. Files are not kept with what you typed: attach them last.", n=MOST_FILES)
        st.caption(words)
        beside(filled.problems.get(FILES))
    return uploaded


# --- sending


def _send(
    principal: Principal, kind: TicketKind, place: Place, filled: Filled, files: tuple[Upload, ...], sending: Sending
) -> None:
    assert place.account_id is not None
    assert place.site is not None
    values: Mapping[str, Any] = filled.values()
    command = SubmitTicket(kind, place.account_id, place.site.id, values, files, requested_by=place.requested_by)
    send(sending, filled.draft, lambda key: execute(app_engine(), principal, command, key=key))
