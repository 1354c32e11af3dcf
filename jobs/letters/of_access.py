"""The words of mails about who may do what in an account."""

from __future__ import annotations

from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Context, moment_in
from jobs.letters.facts import Facts
from ui.formats import time_text
from ui.terms import term
from ui.words import _


def invitation_text(facts: Facts, context: Context) -> Content:
    account, by = one_line(facts.account), one_line(context.get("by"))
    return Content(
        subject=_("{name} invites you to the portal of {account}", name=by, account=account),
        heading=_("You are invited"),
        paragraphs=(
            _("{name} invites you to work with {account} in the customer portal.", name=by, account=account),
            _("The link works once, until {time}.", time=time_text(moment_in(context.get("until")))),
            _("If you do not know what this is about, do nothing."),
        ),
        facts=(
            (_("Account"), account),
            (_("Role"), term("membership.role", str(context.get("role")))),
        ),
        action=(_("Accept the invitation"), str(context.get("link"))),
        reason=_("You get this mail because {name} entered your address in the portal.", name=by),
    )


def access_asked_text(facts: Facts, context: Context) -> Content:
    by, account = one_line(context.get("by")), one_line(facts.account)
    function = term("permission", str(context.get("function")))
    return Content(
        subject=_("{name} asks for access", name=by),
        heading=_("{name} asks for access", name=by),
        paragraphs=(_("You decide whether they get it. If they should not, nothing needs to be done."),),
        facts=((_("Function"), function), (_("Account"), account)),
        action=(_("Open their access rights"), f"{settings().base_url}/access?member={context.get('member')}"),
        reason=_("You get this mail because you administer {account}.", account=account),
    )


def handed_over_text(facts: Facts, context: Context) -> Content:
    by, account = one_line(context.get("by")), one_line(facts.account)
    return Content(
        subject=_("You are the administrator of {account} now", account=account),
        heading=_("You are the administrator of {account} now", account=account),
        paragraphs=(
            _("{name} has handed the administration of {account} over to you.", name=by, account=account),
            _("You hold all functions, invite people and decide what each may do."),
        ),
        action=(_("Open the access rights"), f"{settings().base_url}/access"),
        reason=_("You get this mail because you administer {account}.", account=account),
    )
