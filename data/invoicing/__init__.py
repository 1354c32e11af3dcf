"""Invoices as people work on them: one with all that hangs on it, its documents, and what can be done to it."""

from data.invoicing.credits import ApplyCredit, TakeBackCredit
from data.invoicing.disputing import (
    AcceptDispute,
    CloseDispute,
    DisputeDetail,
    DisputesOf,
    OpenDispute,
    RejectDispute,
    SayInDispute,
    disputes_of,
    read_dispute_file,
)
from data.invoicing.documents import KeepOriginal, Original, Paper, RemoveOriginal, take_document
from data.invoicing.payments import Paying, RecordPayment, RecordPayments, TakeBackPayment
from data.invoicing.reading import InvoiceDetail, get_invoice
from data.invoicing.steps import IssueInvoice, VoidInvoice, WriteOff

__all__ = [
    "AcceptDispute", "ApplyCredit", "CloseDispute", "DisputeDetail", "DisputesOf", "InvoiceDetail",
    "IssueInvoice", "KeepOriginal", "OpenDispute", "Original", "Paper", "Paying", "RecordPayment",
    "RecordPayments", "RejectDispute", "RemoveOriginal", "SayInDispute", "TakeBackCredit", "TakeBackPayment",
    "VoidInvoice", "WriteOff", "disputes_of", "get_invoice", "read_dispute_file", "take_document",
]  # fmt: skip
