"""What a customer can have with us and how far it is (SPEC §5)."""

from __future__ import annotations

from enum import StrEnum


class ItemKind(StrEnum):
    CAGE = "cage"
    CABINET = "cabinet"
    POWER_CIRCUIT = "power_circuit"
    CROSS_CONNECT = "cross_connect"
    IP_PORT = "ip_port"
    HARDWARE = "hardware"


class ItemStatus(StrEnum):
    ACTIVE = "active"
    RESERVED = "reserved"
    PLANNED = "planned"
    DECOMMISSIONING = "decommissioning"
    DECOMMISSIONED = "decommissioned"


#: The attributes each kind has of its own, in the order a drawer shows them; names carry the unit.
ATTRIBUTES: dict[ItemKind, tuple[str, ...]] = {
    ItemKind.CAGE: ("area_m2",),
    ItemKind.CABINET: ("height_u", "limit_kw"),
    ItemKind.POWER_CIRCUIT: ("feed", "voltage_v", "amperage_a", "phase", "contracted_kva", "measured_kw"),
    ItemKind.CROSS_CONNECT: ("media", "connector", "a_side", "z_side"),
    ItemKind.IP_PORT: ("speed_mbps", "commit_mbps", "vlan"),
    ItemKind.HARDWARE: ("maker", "model", "serial", "height_u"),
}
