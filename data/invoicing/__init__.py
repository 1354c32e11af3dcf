"""Invoices as people work on them: one with all that hangs on it, its documents, and what can be done to it."""

from data.invoicing.reading import InvoiceDetail, get_invoice

__all__ = ["InvoiceDetail", "get_invoice"]
