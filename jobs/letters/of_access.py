"""The words of mails about accounts and who may do what there."""

from __future__ import annotations

from auth.password_links import link_for
from data.settings import settings
from jobs.letters.clean import one_line, several_lines
from jobs.letters.content import Content, Context, moment_in
from jobs.letters.facts import Facts
from ui.formats import time_text
from ui.terms import term
from ui.words import NOTHING, _


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


def staff_welcome_text(_facts: Facts, context: Context) -> Content:
    role = term("staff.role", str(context.get("role")))
    return Content(
        subject=_("Your way into the portal"),
        heading=_("Welcome"),
        paragraphs=(
            _("You work in the portal as: {role}.", role=role),
            _("Choose a password with this link. It works once, within three days."),
            _("If it is too late, ask for a new password on the sign-in page."),
        ),
        action=(_("Choose a password"), link_for(str(context.get("nonce")))),
        reason=_("You get this mail because an administrator added you to the staff."),
    )


def access_by_staff_text(facts: Facts, context: Context) -> Content:
    account, member = one_line(facts.account), one_line(context.get("member"))
    role = context.get("role")
    now = term("membership.role", str(role)) if role else _("no longer belongs to the account")
    match context.get("did"):
        case "access.invite":
            now = _("invited as: {role}", role=now)
        case "access.resend":
            now = _("invited again as: {role}", role=now)
        case "access.revoke":
            now = _("no longer invited")
    return Content(
        subject=_("{account}: we changed access rights", account=account),
        heading=_("We changed access rights in your account"),
        paragraphs=(
            _("It was done at somebody's request. If you do not know of it, please tell the service desk at once."),
        ),
        quoted=several_lines(context.get("reason")),
        quoted_from=one_line(context.get("by")),
        facts=((_("Account"), account or NOTHING), (_("Person"), member or NOTHING), (_("Now"), now)),
        action=(_("Open the audit log"), f"{settings().base_url}/audit"),
        reason=_("You get this mail because you run this account."),
    )


def account_moved_text(facts: Facts, context: Context) -> Content:
    account, above = one_line(facts.account), one_line(context.get("above"))
    if context.get("is_attached"):
        heading = _("{account} is now a part of {above}", account=account, above=above)
        means = _("Whoever administers {above} now administers {account} as well.", account=account, above=above)
    else:
        heading = _("{account} is no longer a part of {above}", account=account, above=above)
        means = _("Whoever administers {above} no longer administers {account}.", account=account, above=above)
    return Content(
        subject=heading,
        heading=heading,
        paragraphs=(means, _("If you do not know why, please ask your account manager or the service desk.")),
        facts=((_("Account"), account or NOTHING), (_("Done by"), one_line(context.get("by")) or NOTHING)),
        action=(_("Open the portal"), f"{settings().base_url}/"),
        reason=_("You get this mail because you run one of these accounts, or did until now."),
    )
