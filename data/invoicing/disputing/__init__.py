"""Disputes as people work on them: opened by the customer, answered and decided by the local finance team."""

from data.invoicing.disputing.known import LONGEST
from data.invoicing.disputing.moving import AcceptDispute, CloseDispute, RejectDispute, SayInDispute
from data.invoicing.disputing.opening import OpenDispute
from data.invoicing.disputing.reading import DisputeDetail, DisputesOf, Said, disputes_of, read_dispute_file

__all__ = [
    "LONGEST", "AcceptDispute", "CloseDispute", "DisputeDetail", "DisputesOf", "OpenDispute", "RejectDispute", "Said",
    "SayInDispute", "disputes_of", "read_dispute_file",
]  # fmt: skip
