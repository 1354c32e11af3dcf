"""The parts that Home is made of, for those who have a dashboard and for those who have not."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from data.inventory import INVENTORY
from data.invoices import INVOICES
from data.notices import OpenNotice
from data.orders import ORDERS
from data.summary import NEXT_TICKETS, Dashboard, DueAmount, OrderFigures, TicketFigures
from data.team import TeamMember
from data.ticketing import Kept
from data.ticketing.waiting import WAITING
from data.tickets import TICKETS
from pages.portal import accepting
from pages.portal.service.months import month_line
from rules.notices import NoticeCategory
from rules.orders import OrderStatus
from rules.principal import AccountRef, Principal
from ui import wall
from ui.list_view.table import show_table
from ui.state import Remembered
from ui.text import _, ago_text, mail_link, money_text, n_, number_text, plain, shortened, term, time_text
from ui.tones import Tone, tone


@dataclass
class Opened(Remembered):
    """The ticket that was clicked: named before the rows are read again, which may move them."""

    ticket: str | None = None


def not_to_be_missed(board: Dashboard, principal: Principal) -> None:
    """A line each for what goes on, what its reader has not accepted yet, and what waits for them."""
    found = (_going_on(board.notices), _policy_to_accept(principal), _action_required(board.tickets))
    wall.strips([strip for strip in found if strip is not None])


def _going_on(notices: tuple[OpenNotice, ...] | None) -> wall.Strip | None:
    """The most urgent incident or maintenance, with what became known last; it leads to it, or to all."""
    if not notices:
        return None
    first, row, more = notices[0], notices[0].row, len(notices) - 1
    words = [f"**{plain(row.title)}**", *(plain(site) for site in row.sites)]
    if row.starts_at:
        words.append(ago_text(row.starts_at))
    if more:
        words.append(_("and {n} more", n=number_text(more)))
    badge = f":{tone('notice.category', row.category).badge}-badge[{term('notice.category', row.category)}]"
    icon = "warning" if row.category == NoticeCategory.INCIDENT else "engineering"
    asked = {"state": "open"} if more else {"notice": str(row.uuid)}
    said = f"{badge} {' · '.join(words)}"
    if first.latest and first.latest_at:
        said += f"  \n:small[{_('Update')} {ago_text(first.latest_at)}: {plain(shortened(first.latest))}]"
    return wall.Strip(said, f":material/{icon}:", wall.to_page("notices", **asked))


def _action_required(tickets: TicketFigures | None) -> wall.Strip | None:
    """What waits for its reader."""
    waiting = tickets.waiting if tickets else None
    if waiting is None or not waiting.figure.n:
        return None
    words = [f"**{n_('{n} ticket waits for you', '{n} tickets wait for you', waiting.figure.n)}**"]
    if waiting.overdue:
        words.append(f":{Tone.BAD.badge}[**{n_('{n} is overdue', '{n} are overdue', waiting.overdue)}**]")
    elif waiting.first_by:
        words.append(_("please answer by {time}", time=time_text(waiting.first_by)))
    badge = f":{Tone.WAITING.badge}-badge[{_('Action required')}]"
    link = wall.to_list(WAITING, waiting.figure.asked)
    return wall.Strip(f"{badge} {' · '.join(words)}", ":material/contact_support:", link)


def _policy_to_accept(principal: Principal) -> wall.Strip | None:
    """A policy that its reader has not accepted yet. No wall: a paragraph keeps nobody from reporting a fault at night
    (docs/decisions/0031)."""
    asked = accepting.asked(principal)
    if not asked:
        return None
    badge = f":{Tone.WAITING.badge}-badge[{_('Please accept')}]"
    words = ", ".join(f"**{plain(row.title)}**" for row in asked)
    link = wall.to_page("help", part="policies", document=str(asked[0].series))
    return wall.Strip(f"{badge} {words}", ":material/policy:", link)


def figures(board: Dashboard, *, columns: int = 6) -> None:
    with wall.figures(columns):
        if board.tickets:
            going_on, late = board.tickets.going_on, board.tickets.late
            note, how = _waiting(board.tickets)
            link = wall.to_list(TICKETS, going_on.asked)
            wall.figure(_("Open tickets"), number_text(going_on.n), link=link, note=note, tone=how)
            note, how = (_("past their time"), Tone.BAD) if late.n else (_("all in time"), Tone.GOOD)
            link = wall.to_list(TICKETS, late.asked)
            wall.figure(_("Late clocks"), number_text(late.n), link=link, note=note, tone=how)
        if board.orders:
            recent = board.orders.recent
            link, note = wall.to_list(ORDERS, recent.asked), _by_status(board.orders) or _("nothing")
            wall.figure(_("Orders of the last 30 days"), number_text(recent.n), link=link, note=note)
        if board.invoices:
            amounts, overdue, soon = board.invoices.amounts, board.invoices.overdue, board.invoices.due_soon
            link = wall.to_list(INVOICES, overdue.asked)
            note = _owed(amounts, overdue=True) or _("nothing")
            how = Tone.BAD if overdue.n else None
            wall.figure(_("Overdue invoices"), number_text(overdue.n), link=link, note=note, tone=how)
            link = wall.to_list(INVOICES, soon.asked)
            note = _owed(amounts, overdue=False) or _("within 7 days")
            how = Tone.WAITING if soon.n else None
            wall.figure(_("Due soon"), number_text(soon.n), link=link, note=note, tone=how)
        if board.inventory:
            sites = len({count.site_code for count in board.inventory.counts if count.site_code})
            link = wall.to_list(INVENTORY, board.inventory.items.asked)
            note = n_("in {n} data center", "in {n} data centers", sites)
            wall.figure(_("Inventory"), number_text(board.inventory.items.n), link=link, note=note)


def _waiting(tickets: TicketFigures) -> tuple[str, Tone | None]:
    """Whether it is the customer's turn."""
    if n := tickets.waiting.figure.n if tickets.waiting else tickets.paused.n:
        return n_("{n} waits for you", "{n} wait for you", n), Tone.WAITING
    return (_("in progress"), None) if tickets.going_on.n else (_("nothing to do"), None)


def _by_status(orders: OrderFigures) -> str:
    """The two states most of them are in; the chart below has all."""
    most = sorted(orders.by_status, key=lambda one: -one.n)[:2]
    counts = sorted(most, key=lambda one: list(OrderStatus).index(OrderStatus(one.status)))
    return " · ".join(f"{term('order.status', one.status)} {number_text(one.n)}" for one in counts)


def _owed(amounts: tuple[DueAmount, ...], *, overdue: bool) -> str:
    """The amount in each currency; currencies are never added up."""
    return " · ".join(
        money_text(one.overdue_amount if overdue else one.due_soon_amount, one.currency)
        for one in amounts
        if (one.overdue if overdue else one.due_soon)
    )


def tickets_that_run_out(tickets: TicketFigures, customer: AccountRef | None) -> None:
    wall.heading(_("Clocks that run out first"), wall.to_list(TICKETS, tickets.going_on.asked))
    if not tickets.first.length:
        st.markdown(f":material/task_alt: {_('No ticket is open.')}")
        return
    opened, numbers = Opened.of("dashboard"), tickets.first.values["number"]

    def on_open(at: int) -> None:
        opened.ticket = numbers[at]

    show_table(NEXT_TICKETS, tickets.first, key="dashboard.tickets", on_open=on_open)
    if opened.ticket is not None:
        number, opened.ticket = opened.ticket, None
        account = {"account": customer.code} if customer else {}
        wall.to_page("tickets", ticket=number, sort="deadline", **account).follow()


def attainment_line(month: Kept, customer: AccountRef | None) -> None:
    """How well this month's promises were kept, and the way to all months."""
    account = {"account": customer.code} if customer else {}
    wall.line(month_line(month), wall.to_page("service", **account), icon=":material/speed:")


def all_contacts() -> None:
    """The way from the people of the account to everybody else whom one can call."""
    wall.line(_("All contacts"), wall.to_page("contact"), icon=":material/call:")


def team_text(team: tuple[TeamMember, ...], principal: Principal) -> str:
    accounts = {account.id: account.name for account in principal.accounts if account.id in principal.chosen}
    lines = [f"## {_('Key team members')}"]
    for member in team:
        role = term("membership.role" if member.role == "paa" else "staff.role", member.role)
        mail = mail_link(member.email)
        reach = [mail, plain(member.phone)] if member.phone else [mail]
        those = [plain(accounts[account]) for account in member.accounts]
        whose = f"  \n:small[:gray[{', '.join(those)}]]" if len(those) < len(accounts) else ""
        lines.append(f"**{plain(member.name)}** :gray-badge[{role}]{whose}  \n:small[{' · '.join(reach)}]")
    return "\n\n".join(lines)
