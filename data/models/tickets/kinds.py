"""What only one kind of ticket stores: hands, faults, shipments with their numbers, visits with their visitors."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, Id, Moment, Number, one_of, table_info
from data.models.tickets.parts import added_with, seen_by_worker, ticket_key
from rules.request_types import Carrier, FaultCategory, Schedule, TaskType, TicketKind


class RemoteHands(Base):
    """What only remote hands have: routine or scheduled, and the kind of task."""

    __tablename__ = "remote_hands"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    schedule: Mapped[str] = mapped_column(server_default=Schedule.ROUTINE)
    starts_at: Mapped[Moment | None]
    task_type: Mapped[str] = mapped_column(server_default=TaskType.OTHER)
    #: A start that the desk proposed, and what the customer said to it.
    proposed_starts_at: Mapped[Moment | None]
    proposal_answer: Mapped[str | None]
    __table_args__ = (
        ticket_key(),
        one_of("schedule", Schedule),
        one_of("task_type", TaskType),
        one_of("proposal_answer", ("accepted", "declined")),
        CheckConstraint("(schedule = 'scheduled') = (starts_at is not null)", name="scheduled_start"),
        table_info(
            seen_by_worker(
                added_with(
                    "schedule",
                    "starts_at",
                    "task_type",
                    of=TicketKind.REMOTE_HANDS,
                    desk=("schedule", "starts_at", "proposed_starts_at", "proposal_answer"),
                    customer=("proposal_answer",),
                ),
                "starts_at",
            )
        ),
    )


class Fault(Base):
    """What only a fault has: when it happened, what it is about, and how badly it hurts."""

    __tablename__ = "fault"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    occurred_at: Mapped[Moment]
    fault_category: Mapped[str] = mapped_column(server_default=FaultCategory.OTHER)
    service_down: Mapped[bool] = mapped_column(server_default=text("false"))
    redundancy_lost: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        ticket_key(),
        one_of("fault_category", FaultCategory),
        table_info(added_with("occurred_at", "fault_category", "service_down", "redundancy_lost", of=TicketKind.FAULT)),
    )


class Shipment(Base):
    """What only a shipment has: carrier, packages, dock, and for outbound where it goes."""

    __tablename__ = "shipment"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    expected_on: Mapped[date | None]
    carrier: Mapped[str]
    carrier_name: Mapped[str | None]
    packages: Mapped[int] = mapped_column(server_default=text("1"))
    oversized: Mapped[bool] = mapped_column(server_default=text("false"))
    dimensions: Mapped[str | None]
    weight_kg: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    loading_dock: Mapped[bool] = mapped_column(server_default=text("false"))
    cage_delivery: Mapped[bool] = mapped_column(server_default=text("false"))
    ship_to: Mapped[str | None]
    declared_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    currency: Mapped[str | None]
    insured: Mapped[bool] = mapped_column(server_default=text("false"))
    received_at: Mapped[Moment | None]
    received_packages: Mapped[int | None]
    notified_at: Mapped[Moment | None]
    storage_until: Mapped[date | None]
    __table_args__ = (
        ticket_key(),
        one_of("carrier", Carrier),
        CheckConstraint("packages >= 1", name="packages"),
        CheckConstraint("received_packages >= 0", name="received_packages"),
        Index("ix_shipment_storage", "storage_until", postgresql_where=text("storage_until is not null")),
        table_info(
            seen_by_worker(
                added_with(
                    "expected_on",
                    "carrier",
                    "carrier_name",
                    "packages",
                    "oversized",
                    "dimensions",
                    "weight_kg",
                    "loading_dock",
                    "cage_delivery",
                    "ship_to",
                    "declared_value",
                    "currency",
                    "insured",
                    of=TicketKind.SHIPMENT,
                    desk=("received_at", "received_packages", "notified_at", "storage_until"),
                ),
                "notified_at",
                "received_at",
                "storage_until",
            )
        ),
    )


class TrackingNumber(Base):
    """A carrier's tracking number; a customer claims an unclaimed parcel by it."""

    __tablename__ = "tracking_number"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    number: Mapped[Number] = mapped_column(index=True)
    __table_args__ = (
        ticket_key(),
        UniqueConstraint("account_id", "ticket_id", "number"),
        table_info(added_with("number", of=TicketKind.SHIPMENT)),
    )


class SiteVisit(Base):
    """What only a visit has: when, why, and what the visitors need."""

    __tablename__ = "site_visit"
    ticket_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    purpose: Mapped[str]
    escort: Mapped[bool] = mapped_column(server_default=text("false"))
    equipment_removal: Mapped[bool] = mapped_column(server_default=text("false"))
    __table_args__ = (
        ticket_key(),
        CheckConstraint("ends_at > starts_at and ends_at <= starts_at + interval '14 days'", name="period"),
        table_info(
            seen_by_worker(
                added_with("starts_at", "ends_at", "purpose", "escort", "equipment_removal", of=TicketKind.SITE_VISIT),
                "starts_at",
                "ends_at",
            )
        ),
    )


class Visitor(Base):
    """One person on a visit; of an ID number only the last four characters are ever stored."""

    __tablename__ = "visitor"
    id: Mapped[Id]
    account_id: Mapped[int]
    ticket_id: Mapped[int]
    name: Mapped[str]
    company: Mapped[str]
    email: Mapped[str | None]
    mobile: Mapped[str | None]
    id_last_four: Mapped[str | None]
    checked_in_at: Mapped[Moment | None]
    checked_out_at: Mapped[Moment | None]
    __table_args__ = (
        ticket_key(),
        CheckConstraint("email is not null or mobile is not null", name="reachable"),
        CheckConstraint("length(id_last_four) <= 4", name="id_last_four"),
        Index("ix_visitor_ticket", "account_id", "ticket_id"),
        table_info(
            added_with(
                *("name", "company", "email", "mobile", "id_last_four"),
                of=TicketKind.SITE_VISIT,
                desk=("checked_in_at", "checked_out_at"),
            )
        ),
    )


class TicketItem(Base):
    """An inventory item that a ticket is about."""

    __tablename__ = "ticket_item"
    account_id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(primary_key=True)
    __table_args__ = (
        ticket_key(),
        ForeignKeyConstraint(["account_id", "item_id"], ["inventory_item.account_id", "inventory_item.id"]),
        table_info(added_with("item_id")),
    )
