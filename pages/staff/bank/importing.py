"""Importing a bank's file: what would happen is shown first, line by line; one click does it, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

import pandas as pd
import streamlit as st

from data.commands import execute
from data.engines import app_engine
from data.invoicing.bank_file import LIMITS, ImportBankFile, Preview, preview_of
from data.invoicing.matching import Match, digest
from pages.staff.handing_in import hand_in_button, hand_in_dialog
from rules.bank_file import Verdict
from rules.errors import Conflict, Invalid
from rules.money import CURRENCIES
from rules.principal import Principal
from ui import table
from ui.errors import sentence
from ui.state import Remembered
from ui.text import _, date_text, money_text, n_, number_text

#: `/billing?bank=file` and `/bank?bank=file` open it.
ASKED, ICON = "bank", ":material/upload_file:"
#: So many lines of each kind are shown; all of them count.
MOST_SHOWN = 200
PROPOSED = (Verdict.PART, Verdict.OVER, Verdict.AMOUNT)


@dataclass
class Importing(Remembered):
    """What was said of the last try."""

    refused: str = ""


def import_button() -> None:
    hand_in_button(ASKED, _("Import bank file"), icon=ICON)


def import_asked_for(principal: Principal, place: str) -> None:
    hand_in_dialog(ASKED, _("Import bank file"), lambda: _body(principal), icon=ICON, place=place)


def _body(principal: Principal) -> str | None:
    importing = Importing.of("bank")
    st.markdown(
        _("A CSV file with at least the day and the amount of each line. Lines that were imported before are left out.")
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        uploaded = st.file_uploader(
            _("Bank file"), type=["csv", "txt", "tsv"], max_upload_size=LIMITS.file_bytes // 1_000_000, key="bank.file"
        )
        currencies = sorted(CURRENCIES)
        currency = st.selectbox(
            _("Currency of lines that name none"), currencies, index=currencies.index("KRW"), key="bank.currency",
            width=260,
        )  # fmt: skip
    if uploaded is None:
        importing.refused = ""
        return None
    if importing.refused:
        st.warning(importing.refused, icon=":material/sync_problem:")
    content = uploaded.getvalue()
    preview = preview_of(app_engine(), principal, uploaded.name, content, currency)
    ticked = _shown(preview)
    return _do(principal, importing, preview, ImportBankFile(uploaded.name, content, currency, ticked, preview.digest))


def _do(principal: Principal, importing: Importing, preview: Preview, command: ImportBankFile) -> str | None:
    """The same file with the same ticks is the same deed, however often it is clicked."""
    wanted = [match for match in preview.matches if match.verdict is Verdict.CERTAIN or match.key in command.ticked]
    payments = sum(len(match.shares) for match in wanted)
    label = n_("Record {n} payment", "Record {n} payments", payments) if payments else _("Keep the lines")
    if not st.button(label, type="primary", icon=":material/check:", key="bank.do", disabled=not preview.matches):
        return None
    key: UUID = uuid5(NAMESPACE_OID, f"{command.seen} {command.ticked}")
    try:
        done = execute(app_engine(), principal, command, key=key)
    except (Conflict, Invalid) as refused:
        importing.refused = sentence(refused)
        st.rerun(scope="fragment")
    importing.refused = ""
    paid = n_("{n} payment recorded.", "{n} payments recorded.", done["paid"])
    waiting = n_("{n} line waits for a person.", "{n} lines wait for a person.", done["waiting"])
    said = [*([paid] if done["paid"] else []), *([waiting] if done["waiting"] else [])]
    return " ".join(said) or paid


# --- what would happen


def _shown(preview: Preview) -> tuple[str, ...]:
    """The proposals that are ticked."""
    by_verdict = {verdict: [m for m in preview.matches if m.verdict is verdict] for verdict in Verdict}
    certain, unmatched = by_verdict[Verdict.CERTAIN], by_verdict[Verdict.NONE]
    proposed = [match for verdict in PROPOSED for match in by_verdict[verdict]]
    st.markdown(_counted(preview, len(certain), len(proposed), len(unmatched)))
    if certain:
        with st.expander(_("Certain: number and amount agree ({n})", n=number_text(len(certain))), expanded=True):
            _table(certain, "certain")
    ticked: tuple[str, ...] = ()
    if proposed:
        with st.container(gap="xsmall"):
            st.markdown(f"**{_('Proposed: tick what is right ({n})', n=number_text(len(proposed)))}**")
            ticked = _proposals(proposed)
    if unmatched:
        with st.expander(_("No invoice found: kept for a person ({n})", n=number_text(len(unmatched)))):
            _table(unmatched, "unmatched")
    return ticked


def _counted(preview: Preview, certain: int, proposed: int, unmatched: int) -> str:
    if not preview.matches:
        words = [_("Nothing new is in this file.")]
    else:
        words = [
            n_("**{n}** certain", "**{n}** certain", certain),
            n_("**{n}** proposed", "**{n}** proposed", proposed),
        ]
        words.append(n_("**{n}** without an invoice", "**{n}** without an invoice", unmatched))
    if preview.known:
        words.append(n_("{n} imported before", "{n} imported before", preview.known))
    if preview.outgoing:
        words.append(n_("{n} outgoing, left out", "{n} outgoing, left out", preview.outgoing))
    said = " · ".join(words)
    if preview.unreadable:
        lines = ", ".join(map(str, preview.unreadable[:10])) + ("…" if preview.unreadable[10:] else "")
        said += f"  \n:orange[:material/warning: {_('Could not be read: line {lines}', lines=lines)}]"
    return said


def _table(matches: Sequence[Match], key: str) -> None:
    some = matches[:MOST_SHOWN]
    columns = {
        "day": table.words(_("Date"), [date_text(match.row.booked_on) for match in some], 110),
        "amount": table.amounts(_("Amount"), [_amount(match) for match in some], 130),
        "said": table.words(_("Text"), [match.row.text for match in some], 260),
    }
    if any(match.shares for match in some):
        columns["invoice"] = table.words(_("Invoice"), [_invoices(match) for match in some], 200)
        columns["account"] = table.words(_("Account"), [_accounts(match) for match in some], 180)
    table.show(columns, key=f"bank.{key}", label=_("Bank lines"))
    _not_shown(matches)


def _proposals(matches: Sequence[Match]) -> tuple[str, ...]:
    """Beyond what is shown nothing can be ticked: those wait for a person."""
    some = matches[:MOST_SHOWN]
    frame = pd.DataFrame(
        {
            "take": [False] * len(some),
            "day": [date_text(match.row.booked_on) for match in some],
            "amount": [_amount(match) for match in some],
            "invoice": [_invoices(match) for match in some],
            "account": [_accounts(match) for match in some],
            "why": [_why(match) for match in some],
            "said": [match.row.text for match in some],
        }
    )
    text: Callable[..., object] = st.column_config.TextColumn
    edited = st.data_editor(
        frame,
        hide_index=True,
        disabled=[name for name in frame.columns if name != "take"],
        key=f"bank.proposed.{digest(some)}",
        column_config={
            "take": st.column_config.CheckboxColumn(_("Record"), width=70),
            "day": text(_("Date"), width=110),
            "amount": text(_("Amount"), width=120, alignment="right"),
            "invoice": text(_("Invoice"), width=180),
            "account": text(_("Account"), width=150),
            "why": text(_("What it would do"), width=240),
            "said": text(_("Text"), width=220),
        },
    )
    _not_shown(matches)
    return tuple(match.key for match, take in zip(some, edited["take"], strict=True) if take)


def _not_shown(matches: Sequence[Match]) -> None:
    if (more := len(matches) - MOST_SHOWN) > 0:
        st.caption(n_("{n} more is not shown.", "{n} more are not shown.", more))


def _amount(match: Match) -> str:
    return money_text(match.row.amount, match.row.currency)


def _invoices(match: Match) -> str:
    return ", ".join(share.invoice.number for share in match.shares)


def _accounts(match: Match) -> str:
    return ", ".join(dict.fromkeys(share.invoice.account for share in match.shares))


def _why(match: Match) -> str:
    share, currency = match.shares[0], match.row.currency
    open_ = money_text(share.invoice.balance, currency)
    match match.verdict:
        case Verdict.PART:
            return _("A part: {open} is open", open=open_)
        case Verdict.OVER:
            rest = money_text(match.row.amount - share.amount, currency)
            return _("More than is open ({open}): {rest} is left", open=open_, rest=rest)
        case _:
            return _("No number, but only this has {open} open", open=open_)
