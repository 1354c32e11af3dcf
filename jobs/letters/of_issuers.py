"""The words of the mail that tells finance and the administrators where invoices are paid to by now."""

from __future__ import annotations

from data.settings import settings
from jobs.letters.clean import one_line
from jobs.letters.content import Content, Context, moment_in
from jobs.letters.facts import Facts
from ui.formats import time_text
from ui.words import _


def bank_details_text(_facts: Facts, context: Context) -> Content:
    entity, by = one_line(context.get("entity")), one_line(context.get("by"))
    said = _("Other bank details for {entity}", entity=entity)
    wrote = _(
        "{by} wrote where invoices of {entity} are paid to. All of them show it from now on.", by=by, entity=entity
    )
    return Content(
        subject=said,
        heading=said,
        paragraphs=(
            wrote,
            _("Please look at an invoice of this entity. If you did not expect this, call an administrator at once."),
        ),
        facts=((_("Legal entity"), entity), (_("By"), by), (_("When"), time_text(moment_in(context.get("at"))))),
        action=(_("Open the invoices"), f"{settings().base_url}/invoices"),
        reason=_("You get this mail because you work in finance or administer the portal."),
    )
