"""The tables of the portal (SPEC §§3-7); every one says who may see its rows."""

from data.models.access import AccessGrant, Assignment, Invitation, Membership
from data.models.accounts import Account, Instance, Person, StaffMember
from data.models.audit import AuditChain, AuditEntry
from data.models.base import Base
from data.models.disputes import Dispute, DisputeFile, DisputeLine, DisputeMessage
from data.models.documents import Document, DocumentAcceptance
from data.models.inventory import InventoryItem
from data.models.invoices import Invoice, InvoiceDocument, InvoiceLine, InvoiceTally
from data.models.mail import Mail, MailFile
from data.models.messages import (
    Broadcast,
    BroadcastAccount,
    BroadcastFile,
    Feedback,
    Thread,
    ThreadFile,
    ThreadMember,
    ThreadMessage,
)
from data.models.news import (
    Notice,
    NoticeAccount,
    NoticeMailing,
    NoticeRead,
    NoticeSite,
    NoticeText,
    NoticeUpdate,
)
from data.models.orders import OrderLine, ServiceOrder
from data.models.personal import AccountChoice, FeedToken, NotificationPreference, SavedView, ScheduledReport
from data.models.settling import BankLine, CreditApplication, InvoiceStep, Payment, PaymentReminder
from data.models.signing_in import (
    Credential,
    ExternalIdentity,
    HalfSignIn,
    Link,
    SecondFactor,
    SignInCode,
    SignInSession,
    Throttle,
)
from data.models.sites import LegalEntity, Parcel, Site, SiteContact, SlaTarget
from data.models.system import CommandKey, Draft, JobRun
from data.models.tickets import (
    Attachment,
    ClockTally,
    Fault,
    RemoteHands,
    Shipment,
    SiteVisit,
    StatusChange,
    Ticket,
    TicketClock,
    TicketContact,
    TicketItem,
    TicketMessage,
    TicketTally,
    TicketWatcher,
    TrackingNumber,
    Visitor,
)

__all__ = [
    "AccessGrant", "Account", "AccountChoice", "Assignment", "Attachment", "AuditChain", "AuditEntry",
    "BankLine", "Base", "Broadcast", "BroadcastAccount", "BroadcastFile", "ClockTally", "CommandKey", "Credential",
    "CreditApplication", "Dispute", "DisputeFile", "DisputeLine", "DisputeMessage", "Document",
    "DocumentAcceptance", "Draft", "ExternalIdentity", "Fault", "FeedToken", "Feedback", "HalfSignIn",
    "Instance", "InventoryItem", "Invitation", "Invoice", "InvoiceDocument", "InvoiceLine", "InvoiceStep",
    "InvoiceTally", "JobRun", "LegalEntity", "Link", "Mail", "MailFile", "Membership", "Notice",
    "NoticeAccount", "NoticeMailing", "NoticeRead", "NoticeSite", "NoticeText", "NoticeUpdate",
    "NotificationPreference", "OrderLine", "Parcel", "Payment", "PaymentReminder", "Person", "RemoteHands",
    "SavedView", "ScheduledReport", "SecondFactor", "ServiceOrder", "Shipment", "SignInCode", "SignInSession",
    "Site", "SiteContact", "SiteVisit", "SlaTarget", "StaffMember", "StatusChange", "Thread", "ThreadFile",
    "ThreadMember", "ThreadMessage", "Throttle", "Ticket", "TicketClock", "TicketContact", "TicketItem",
    "TicketMessage", "TicketTally", "TicketWatcher", "TrackingNumber", "Visitor",
]  # fmt: skip
