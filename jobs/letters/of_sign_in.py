"""The words of mails about somebody's own way in."""

from __future__ import annotations

from auth.password_links import FORGOTTEN, link_for
from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Context, moment_in
from jobs.letters.facts import Facts
from rules.sign_in import FactorNews
from ui.device import device_text
from ui.formats import time_text
from ui.terms import term
from ui.words import NOTHING, _


def password_link_text(_facts: Facts, context: Context) -> Content:
    return Content(
        subject=_("Set a new password"),
        heading=_("Set a new password"),
        paragraphs=(
            _("Somebody, we think you, asked for a new password for this address."),
            _("The link works once, within 30 minutes. Asking again makes the link before it worthless."),
            _("If it was not you, do nothing: your password stays as it is."),
        ),
        action=(_("Choose a password"), link_for(str(context.get("nonce")))),
        reason=_("You get this mail because a new password was asked for on the sign-in page."),
    )


def _where(context: Context) -> tuple[tuple[str, str], ...]:
    """When and from where somebody changed their own way in; nobody's browser, where the operator did."""
    when = (_("When"), time_text(moment_in(context.get("at"))))
    if "device" not in context:
        return (when,)
    device, address = one_line(context.get("device")), one_line(context.get("address"))
    return when, (_("Device"), device_text(device)), (_("Address"), address or NOTHING)


def factor_changed_text(_facts: Facts, context: Context) -> Content:
    what = FactorNews(str(context.get("what")))
    said = term("factor.news", what)
    by_operator = what is FactorNews.RESET
    return Content(
        subject=said,
        heading=said,
        paragraphs=(
            term("factor.means", what),
            _("Ask the service desk about it if you do not know why.")
            if by_operator
            else _("If it was not you, change your password at once and tell the service desk."),
        ),
        facts=_where(context),
        action=(_("To your settings"), f"{settings().base_url}/settings"),
        reason=_("You get this mail because it is about your own way to sign in."),
    )


def password_changed_text(_facts: Facts, context: Context) -> Content:
    return Content(
        subject=_("Your password was changed"),
        heading=_("Your password was changed"),
        paragraphs=(
            _("You are signed out everywhere else."),
            _("If it was not you, ask for a new password at once and tell the service desk."),
        ),
        facts=_where(context),
        action=(_("Ask for a new password"), f"{settings().base_url}{FORGOTTEN}"),
        reason=_("You get this mail because it is about your own password."),
    )
