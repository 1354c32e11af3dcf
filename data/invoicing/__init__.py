"""Invoices as people work on them: one with all that hangs on it, its documents, and what can be done to it."""

from data.commands import Done, execute
from data.invoicing.credits import ApplyCredit, TakeBackCredit
from data.invoicing.dispute_reading import DisputeDetail, DisputesOf, disputes_of, read_dispute_file
from data.invoicing.disputes import AcceptDispute, CloseDispute, OpenDispute, RejectDispute, SayInDispute
from data.invoicing.documents import KeepOriginal, Original, Paper, RemoveOriginal, take_document
from data.invoicing.payments import Paying, RecordPayment, RecordPayments, TakeBackPayment
from data.invoicing.reading import InvoiceDetail, get_invoice
from data.invoicing.steps import IssueInvoice, VoidInvoice, WriteOff

__all__ = [
    "AcceptDispute", "ApplyCredit", "CloseDispute", "DisputeDetail", "DisputesOf", "Done", "InvoiceDetail",
    "IssueInvoice", "KeepOriginal", "OpenDispute", "Original", "Paper", "Paying", "RecordPayment",
    "RecordPayments", "RejectDispute", "RemoveOriginal", "SayInDispute", "TakeBackCredit", "TakeBackPayment",
    "VoidInvoice", "WriteOff", "disputes_of", "execute", "get_invoice", "read_dispute_file", "take_document",
]  # fmt: skip
