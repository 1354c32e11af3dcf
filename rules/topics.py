"""Topics: what people are told about, by which way each reaches them, and what nobody can turn off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from rules.mail import MailKind
from rules.permissions import Permission
from rules.principal import Principal

P = Permission


class Topic(StrEnum):
    """What news are about, as their reader sees it. The first ones are the categories of notices, by the same words."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    ADVISORY = "advisory"
    TICKET = "ticket"
    ORDER = "order"
    BILLING = "billing"
    SHIPMENT = "shipment"
    MESSAGE = "message"
    DISPUTE = "dispute"
    #: That a service level runs out or was missed: for staff.
    PROMISE = "promise"


class Channel(StrEnum):
    """How news of a topic reach somebody. Each of the first three has all that the portal shows."""

    #: Behind the bell, and by no mail.
    PORTAL = "portal"
    MAIL = "mail"
    #: One mail a day with all of it.
    DIGEST = "digest"
    #: By no mail, and the bell does not count it: who looks into the list finds it.
    OFF = "off"


#: What the bell lists as well, and so what it can be silent about.
OF_THE_BELL = frozenset({Topic.INCIDENT, Topic.MAINTENANCE, Topic.ADVISORY, Topic.TICKET, Topic.ORDER, Topic.BILLING})
_FOR_STAFF = frozenset({Topic.INCIDENT, Topic.MAINTENANCE, Topic.ADVISORY, Topic.TICKET, Topic.MESSAGE, Topic.PROMISE})
_FOR_CUSTOMERS = frozenset(Topic) - {Topic.PROMISE}

#: Any one of these functions is enough to be told; without any of them there is nothing to choose.
NEEDS: Mapping[Topic, tuple[Permission, ...]] = MappingProxyType(
    {
        Topic.INCIDENT: (P.NOTICE_VIEW,),
        Topic.MAINTENANCE: (P.NOTICE_VIEW,),
        Topic.ADVISORY: (P.NOTICE_VIEW,),
        Topic.TICKET: (P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN),
        Topic.ORDER: (P.ORDER_VIEW,),
        Topic.BILLING: (P.INVOICE_VIEW,),
        Topic.SHIPMENT: (P.TICKET_VIEW_COMPANY, P.TICKET_VIEW_OWN),
        Topic.MESSAGE: (P.MESSAGE_USE,),
        Topic.DISPUTE: (P.INVOICE_VIEW,),
        Topic.PROMISE: (P.TICKET_VIEW_COMPANY,),
    }
)

#: While somebody has chosen nothing: at once, except what can wait.
_USUAL: Mapping[Topic, Channel] = MappingProxyType({Topic.ADVISORY: Channel.DIGEST})

#: The mails that people can do without, by what they are about. All others are about somebody's way in or rights, ask
#: for something, or tell of what their reader has just done: they are sent whatever anybody prefers.
_TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        MailKind.TICKET_ANSWERED: Topic.TICKET,
        MailKind.TICKET_NOTE: Topic.TICKET,
        MailKind.TICKET_STATUS: Topic.TICKET,
        MailKind.SHIPMENT_RECEIVED: Topic.SHIPMENT,
        MailKind.SLA_WARNING: Topic.PROMISE,
        MailKind.SLA_BREACH: Topic.PROMISE,
        MailKind.DISPUTE_ANSWERED: Topic.DISPUTE,
        "message_received": Topic.MESSAGE,
    }
)
#: Mails of a notice are about what its category says.
_OF_NOTICES = frozenset({"notice_published", "notice_updated"})


def topic_of(kind: str, category: str | None = None) -> Topic | None:
    """What a mail of this kind (a MailKind) is about; `category` is the notice's, for mails of a notice. None: nobody
    can turn it off."""
    if kind in _OF_NOTICES:
        return Topic(category) if category is not None else None
    return _TOPICS.get(kind)


def topics_for(principal: Principal) -> tuple[Topic, ...]:
    """Those that can reach this person at all, in the order of the settings."""
    theirs = _FOR_STAFF if principal.is_staff else _FOR_CUSTOMERS
    return tuple(topic for topic in Topic if topic in theirs and any(map(principal.may, NEEDS[topic])))


def channels_of(topic: Topic) -> tuple[Channel, ...]:
    """What can be chosen; a message or a dispute is somebody's own, so that its badge always counts it."""
    return tuple(channel for channel in Channel if channel is not Channel.OFF or topic in OF_THE_BELL)


def usual_channel(topic: Topic) -> Channel:
    """What holds while somebody has chosen nothing."""
    return _USUAL.get(topic, Channel.MAIL)
