"""Invoices as people work on them: one with all that hangs on it, its documents, and what can be done to it."""

from data.invoicing.credits import ApplyCredit, TakeBackCredit
from data.invoicing.payments import Paying, RecordPayment, RecordPayments, TakeBackPayment
from data.invoicing.reading import InvoiceDetail, get_invoice
from data.invoicing.steps import IssueInvoice, VoidInvoice, WriteOff

__all__ = [
    "ApplyCredit", "InvoiceDetail", "IssueInvoice", "Paying", "RecordPayment", "RecordPayments", "TakeBackCredit",
    "TakeBackPayment", "VoidInvoice", "WriteOff", "get_invoice",
]  # fmt: skip
