"""Every address that is not a page: each family has a module, this is the list of them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from web import (
    assets,
    attachments,
    calendar,
    documents,
    health,
    invoices,
    metrics,
    reports,
    session,
    sign_in_help,
    sign_on,
    statement,
    stopping_reports,
    unsubscribing,
    watching,
)

routes: list[BaseRoute] = [
    *health.routes,
    *metrics.routes,
    *assets.routes,
    *session.routes,
    *sign_on.routes,
    *reports.routes,
    *stopping_reports.routes,
    *attachments.routes,
    *documents.routes,
    *sign_in_help.routes,
    *calendar.routes,
    *statement.routes,
    *invoices.routes,
    *watching.routes,
    *unsubscribing.routes,
]
