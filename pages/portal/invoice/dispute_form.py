"""Dispute this invoice: what of it, why, about how much, in words and with files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.invoicing import DisputesOf, OpenDispute
from data.invoicing.disputing import LONGEST
from rules.disputes import DisputeReason, refuse_amount
from rules.errors import Invalid, refused
from rules.fields import Field, FieldKind, Only, problems, tidy
from rules.files import Upload
from rules.money import CURRENCIES
from rules.principal import Principal
from rules.words import N_
from ui.drafts import Draft
from ui.form import (
    Filled,
    Section,
    Sending,
    attached,
    begins,
    checked_by,
    send,
    send_button,
    show_sections,
    summary,
)
from ui.news import tell
from ui.state import Remembered
from ui.text import _, money_text, plain, translated

K = FieldKind
WHOLE, LINES = "whole", "lines"
_REASON = Field("reason", N_("Reason"), K.CHOICE, required=True, choices=tuple(DisputeReason),
                vocabulary="dispute.reason")  # fmt: skip
_BODY = Field("body", N_("What is wrong"), K.LONG_TEXT, required=True, longest=LONGEST,
              hint=N_("What you expected, and from which contract, order or ticket."))  # fmt: skip


@dataclass
class Opening(Remembered):
    """Whether the form is open in this tab."""

    is_open: bool = False

    def begin(self) -> None:
        self.is_open = True

    def end(self) -> None:
        self.is_open = False


def show_dispute_form(principal: Principal, its: DisputesOf, opening: Opening) -> None:
    form = f"dispute.{its.about.invoice}"
    sending = Sending.of(form)
    free = _free(its)
    draft = _draft(principal, form, its, free)
    if sending.done is not None:
        draft.discard()
        sending.begin_anew()
        opening.end()
        tell(f"disputes.{its.about.invoice}", _("Sent. {issuer} answers here and by mail.", issuer=plain(its.issuer)))
        st.rerun()
    with st.container(border=True, key="dispute-form"):
        draft.notice(sending.begin_anew)
        fields = _fields(its, free, draft)
        filled = Filled(draft, fields, options={"lines": free})
        filled = checked_by(filled, sending, partial(_wrong, its, filled))
        summary(filled.problems, {each.name: translated(each.label) for each in fields}, turn=sending.turns)
        if sending.said:
            st.warning(sending.said, icon=":material/sync_problem:")
        names = tuple(each.name for each in fields)
        show_sections(filled, [Section(N_("Dispute this invoice"), "gavel", names)])
        files = attached(draft, filled.problems.get("files"))
        with st.container(horizontal=True, gap="small"):
            send_button(sending, _("Send to finance"), key=f"{form}.send")
            st.button(_("Back"), key=f"{form}.back", type="tertiary", on_click=_leave, args=(opening, sending))
    if sending.is_asked:
        command = _command(its, tidy(fields, filled.values()), files)
        send(sending, draft, lambda key: execute(app_engine(), principal.anywhere(), command, key=key))


def _free(its: DisputesOf) -> dict[int, str]:
    """The lines that are not in question already, by number."""
    taken = {line for dispute in its.disputes if dispute.goes_on for line, _name in dispute.lines}
    return {
        line.line: f"{line.line} · {line.description} · {money_text(line.amount, its.about.currency)}"
        for line in its.about.lines
        if line.line not in taken and line.amount > 0
    }


def _wrong(its: DisputesOf, filled: Filled) -> list[Invalid]:
    """Also what the command would say of the amount, so that it is said with all else."""
    values = tidy(filled.fields, filled.values())
    found = problems(filled.fields, values, datetime.now(UTC))
    if not any(one.field in ("lines", "amount") for one in found):
        amount, most = Decimal(str(values["amount"])), its.about.most(values.get("lines") or ())
        found += refused(lambda: refuse_amount(amount, its.about.currency, most))
    order = [each.name for each in filled.fields]
    return sorted(found, key=lambda one: order.index(one.field or ""))


def _draft(principal: Principal, form: str, its: DisputesOf, free: dict[int, str]) -> Draft:
    """Of which the amount follows what is chosen, as long as nobody wrote another one."""
    is_partly = any(dispute.goes_on for dispute in its.disputes)
    start = begins(_fields_of(its, is_partly=is_partly, most=None))
    draft = Draft.of(principal, form, **start)
    chosen = [line for line in draft.value("lines") or [] if line in free]
    of_lines = draft.value("about") == LINES
    most = its.about.most(chosen) if chosen or not of_lines else None
    draft = replace(draft, begins={**start, "amount": "" if most is None else _typed(most, its.about.currency)})
    draft.follow("amount")
    return draft


def _typed(amount: Decimal, currency: str) -> str:
    return f"{amount:.{CURRENCIES[currency]}f}"


def _fields(its: DisputesOf, free: dict[int, str], draft: Draft) -> tuple[Field, ...]:
    is_partly = any(dispute.goes_on for dispute in its.disputes)
    chosen = [line for line in draft.value("lines") or [] if line in free]
    most = its.about.most(chosen) if chosen or draft.value("about") == WHOLE else None
    return _fields_of(its, is_partly=is_partly, most=most)


def _fields_of(its: DisputesOf, *, is_partly: bool, most: Decimal | None) -> tuple[Field, ...]:
    """Where lines are in question already, the rest is: other lines."""
    currency = its.about.currency
    hint = (
        _("In {currency}", currency=currency)
        if most is None
        else _("In {currency}, at most {amount}", currency=currency, amount=money_text(most, currency))
    )
    choices = (LINES,) if is_partly else (WHOLE, LINES)
    return (
        Field("about", N_("What is in question"), K.CHOICE, required=True, choices=choices, default=choices[0],
              vocabulary="dispute.about"),
        Field("lines", N_("Lines"), K.ITEMS, required=True, only=Only("about", (LINES,))),
        _REASON,
        Field("amount", N_("Amount in question"), K.AMOUNT, required=True, hint=hint),
        _BODY,
    )  # fmt: skip


def _leave(opening: Opening, sending: Sending) -> None:
    """What was typed stays as a draft."""
    opening.end()
    sending.begin_anew()


def _command(its: DisputesOf, values: dict[str, Any], files: tuple[Upload, ...]) -> OpenDispute:
    return OpenDispute(
        its.about.invoice,
        values["reason"],
        values["body"],
        Decimal(str(values["amount"])),
        tuple(values.get("lines") or ()),
        files,
    )
