"""How the fields of each request form stand together; what the fields are is said in rules/request_types.py."""

from __future__ import annotations

from rules.request_types import TicketKind
from rules.words import N_
from ui.form import Section

_REQUEST = Section(N_("Your request"), "edit_note", ("subject", "description"))
_PEOPLE = Section(N_("Place and people"), "group", ("space_id", "customer_reference", "contacts"))

SECTIONS: dict[TicketKind, tuple[Section, ...]] = {
    TicketKind.REMOTE_HANDS: (
        Section(N_("Task and time"), "schedule", ("schedule", "task_type", "starts_at")),
        _REQUEST,
        Section(N_("Place and people"), "group", ("space_id", "customer_reference", "items", "contacts")),
    ),
    TicketKind.FAULT: (
        Section(N_("What is wrong"), "emergency_home",
                ("fault_category", "occurred_at", "service_down", "redundancy_lost", "severity")),
        _REQUEST,
        Section(N_("Place and people"), "group", ("space_id", "customer_reference", "items", "contacts")),
    ),
    TicketKind.SHIPMENT: (
        Section(N_("Shipment"), "local_shipping",
                ("direction", "expected_on", "carrier", "carrier_name", "tracking_numbers")),
        Section(N_("Packages"), "package_2",
                ("packages", "oversized", "loading_dock", "cage_delivery", "weight_kg", "dimensions")),
        Section(N_("Destination"), "pin_drop", ("ship_to", "declared_value", "currency", "insured")),
        _REQUEST,
        _PEOPLE,
    ),
    TicketKind.SITE_VISIT: (
        Section(N_("When and why"), "event", ("starts_at", "ends_at", "purpose")),
        Section(N_("Visitors"), "badge", ("visitors", "escort", "equipment_removal")),
        _REQUEST,
        Section(N_("Place and people"), "group", ("items", "space_id", "customer_reference", "contacts")),
    ),
}  # fmt: skip
