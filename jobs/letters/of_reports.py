"""The words of a list that somebody has sent to themselves, every week or month."""

from __future__ import annotations

from auth.report_links import stop_link
from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Context
from jobs.letters.facts import Facts
from rules.schedules import MOST_COUNTED, Every, Outcome, Why
from ui.formats import number_text
from ui.terms import term
from ui.words import _, n_


def scheduled_report_text(_facts: Facts, context: Context) -> Content:
    match Outcome(str(context.get("outcome"))):
        case Outcome.STOPPED:
            return _stopped(context)
        case Outcome.EMPTY:
            return _content(context, _("Nothing matches this time, so there is no workbook."))
        case Outcome.SENT:
            return _content(context, _rows(context), _("The workbook is attached."))
        case Outcome.LARGE:
            return _content(context, _("It is too large for a mail. You can have it in the portal."))
        case _:
            return _content(context, _rows(context), _("You can have it in the portal."))


def rights_changed_text(_facts: Facts, context: Context) -> Content:
    """What was written is not for them any more, or there is more by now."""
    if context.get("outcome") == Outcome.STOPPED:
        return _stopped(context)
    return _content(context, _("Your rights have changed since it was written. See in the portal what it shows now."))


def _content(context: Context, *paragraphs: str) -> Content:
    name = _name(context)
    weekly = context.get("every") == Every.WEEK
    subject = _("{list}: your weekly report", list=name) if weekly else _("{list}: your monthly report", list=name)
    return Content(
        subject=subject,
        heading=subject,
        paragraphs=paragraphs,
        action=(_("Open the list"), _address(context)),
        reason=(
            _("You get this mail because you want this report every week.")
            if weekly
            else _("You get this mail because you want this report every month.")
        ),
        leave=stop_link(int(context["report"])),
    )


def _stopped(context: Context) -> Content:
    name = _name(context)
    if context.get("why") == Why.RIGHTS:
        why = _("It shows what is not among your rights any more. Ask whoever administers your account.")
    else:
        why = _("It failed three times in a row. Start it again in your settings, or tell the service desk.")
    return Content(
        subject=_("{list}: your report was stopped", list=name),
        heading=_("Your report was stopped"),
        paragraphs=(why,),
        facts=((_("Report"), name),),
        action=(_("To your settings"), f"{settings().base_url}/settings"),
        reason=_("You get this mail because you wanted this report."),
    )


def _rows(context: Context) -> str:
    n = int(context.get("rows") or 0)
    if n > MOST_COUNTED:
        return _("More than {n} rows match.", n=number_text(MOST_COUNTED))
    return n_("{n} row matches.", "{n} rows match.", n)


def _name(context: Context) -> str:
    return one_line(term("audit.label", str(context.get("page"))))


def _address(context: Context) -> str:
    query = str(context.get("query") or "")
    return f"{settings().base_url}/{context.get('page')}{'?' if query else ''}{query}"
