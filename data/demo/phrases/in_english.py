"""Tickets in English."""

from __future__ import annotations

from data.demo.phrases.form import Phrases, Request
from rules.request_types import FaultCategory, TaskType

ENGLISH = Phrases(
    remote_hands={
        TaskType.EQUIPMENT_INSTALL: (
            Request(
                "Install {count} servers in cabinet {cabinet}",
                "Please rack {count} servers in {cabinet} from U12 upwards. Rails and cables are in the boxes. Connect both power "
                "supplies, one to feed A and one to feed B, and tell us the outlet numbers.",
            ),
            Request(
                "Add memory to {device}",
                "{device} in {cabinet} has been shut down. Please add the {count} modules that arrived last week to the free slots, "
                "then start it and tell us what the screen shows.",
            ),
        ),
        TaskType.RESTART: (
            Request(
                "Power cycle {device}",
                "{device} in cabinet {cabinet} no longer answers, not even on its management port. Please hold the power button for ten "
                "seconds, start it again and confirm the front panel is green.",
            ),
            Request(
                "Restart the switch in {cabinet}",
                "After a firmware update the switch in {cabinet} hangs. Please unplug feed A and feed B for one minute and plug them in again.",
            ),
        ),
        TaskType.CABLE_INSTALL: (
            Request(
                "Patch {device} to port {port}",
                "Please run a single-mode LC patch cable from {device} in {cabinet} to panel port {port}, label both ends and send us the light level.",
            ),
            Request(
                "{count} new copper cables in {cabinet}",
                "Please lay {count} category 6A cables inside {cabinet} from the patch panel to {device}, ports {port} and up. Colour: blue.",
            ),
        ),
        TaskType.CABLE_MOVE: (
            Request(
                "Move uplink of {device} to port {port}",
                "Please move the uplink of {device} from its present port to port {port} on the second switch in {cabinet}. A short interruption is fine.",
            ),
        ),
        TaskType.CABLE_REMOVAL: (
            Request(
                "Remove unused cables from {cabinet}",
                "Please take out the {count} cables in {cabinet} that hang free at the rear and send us photos before and after.",
            ),
        ),
        TaskType.UNPACK_SHIPMENT: (
            Request(
                "Unpack {count} boxes for {cabinet}",
                "{count} boxes arrived for us. Please unpack them, check for damage and put the devices in front of {cabinet}. Packaging can go.",
            ),
        ),
        TaskType.LOCATE_PACKAGE: (
            Request(
                "Where is our parcel?",
                "The carrier says that {count} parcels were delivered to {site} yesterday. Please look whether they are in the store and tell us the labels.",
            ),
        ),
        TaskType.PICTURES: (
            Request(
                "Photos of cabinet {cabinet}",
                "Please send us photos of {cabinet}, front and rear, and of the label of {device}. We need them for our audit.",
            ),
        ),
        TaskType.CAGE_CLEANUP: (
            Request(
                "Clear the floor around {cabinet}",
                "Cardboard and two pallets stand in front of {cabinet}. Please take them away and sweep.",
            ),
        ),
        TaskType.ESCORT: (
            Request(
                "Escort for a technician at {cabinet}",
                "A technician of our maintenance partner comes to replace a disk in {device}. Please accompany him to {cabinet} for about an hour.",
            ),
        ),
        TaskType.OTHER: (
            Request(
                "Read the meters of {cabinet}",
                "Please read the power meters of both feeds of {cabinet} and tell us temperature at the front and at the rear.",
            ),
            Request(
                "Swap a backup tape in {device}",
                "Please put the tape with label {port} into {device} and keep the old one in the safe.",
            ),
        ),
    },
    faults={
        FaultCategory.POWER: (
            Request(
                "Feed A of {cabinet} is down",
                "Since a few minutes all devices in {cabinet} run on feed B alone. The breaker may have tripped. Please check at once.",
            ),
            Request(
                "Power readings of {cabinet} jump",
                "The measured load of {cabinet} changes by {count} kW within seconds though our machines are idle.",
            ),
        ),
        FaultCategory.COOLING: (
            Request(
                "Too warm at {cabinet}",
                "Our sensors at the front of {cabinet} show 31 °C and rising. {device} has begun to throttle.",
            ),
        ),
        FaultCategory.CROSS_CONNECT: (
            Request(
                "Cross connect {cabinet} port {port} lost light",
                "The link on port {port} of {cabinet} went down without any change on our side. The far end sees no light either.",
            ),
            Request(
                "Errors on a cross connect in {cabinet}",
                "Port {port} counts CRC errors since last night. Please clean and measure the connectors on both sides.",
            ),
        ),
        FaultCategory.NETWORK: (
            Request(
                "Packet loss towards {site}",
                "We lose about {count} % of packets on the internet port of {cabinet} since this morning. Traces are at your disposal.",
            ),
        ),
        FaultCategory.PHYSICAL_SECURITY: (
            Request(
                "Door of {cabinet} does not lock",
                "Our technician could not lock the rear door of {cabinet}. Please secure it and tell us who was near it last.",
            ),
        ),
        FaultCategory.OTHER: (
            Request(
                "Water drops near {cabinet}",
                "There are drops of water on the floor about two metres from {cabinet}. Please look at the pipe above.",
            ),
        ),
    },
    inbound=(
        Request(
            "Delivery of {count} servers for {cabinet}",
            "{count} boxes with servers from our supplier. Please store them until our installation next week.",
        ),
        Request(
            "Spare parts for {device}",
            "A small box with disks and a power supply for {device}. Please bring it to {cabinet}.",
        ),
        Request(
            "Network cards and cables",
            "One box with {count} network cards and patch cables, insured. Please tell us the weight.",
        ),
    ),
    outbound=(
        Request(
            "Send {device} back to the maker",
            "{device} is packed on the shelf in {cabinet}. Our carrier collects it; the return label is attached.",
        ),
        Request(
            "Return of {count} old servers",
            "Please pack the {count} switched-off servers from {cabinet} on one pallet for collection.",
        ),
    ),
    visits=(
        Request(
            "Maintenance visit at {cabinet}",
            "We replace disks and a power supply in {device}. We need a trolley and a monitor.",
        ),
        Request(
            "Site tour for our auditors",
            "Two auditors would like to see the access control and {cabinet}. No work on devices.",
        ),
        Request(
            "Installation of {count} servers",
            "Three people install {count} servers in {cabinet}; we bring our own tools.",
        ),
    ),
    acknowledged=(
        "Thank you, we have your request. A technician will be at {cabinet} shortly.",
        "Received. We are preparing and will write as soon as we begin.",
        "Thanks for the details. We have put this on the list of the shift at {site}.",
    ),
    scheduled=(
        "We have reserved a technician for the time you asked for.",
        "Scheduled. We will begin on time; please keep the device reachable for a test afterwards.",
    ),
    working=(
        "We are at {cabinet} now.",
        "Work has begun; we will tell you the result.",
        "A technician has found the place and is at work.",
    ),
    questions=(
        "{cabinet} holds two devices with this name. Which serial number is the right one?",
        "May we interrupt the connection of {device} for about five minutes?",
        "The cable in the box is too short. Shall we use one of ours, which is charged?",
        "Please confirm the port: {port} is already in use.",
    ),
    answers=(
        "It is the lower one, with the green label. Please go ahead.",
        "Yes, go ahead, the service has been moved away.",
        "Please use yours; the charge is fine.",
        "Sorry, it should be port {port}. Thank you for asking.",
    ),
    finished=(
        "Done as described. Photos are with the shift at {site}; ask for more if you like.",
        "Finished at {cabinet}. Please have a look from your side.",
        "The work is complete. Tell us if anything is missing.",
        "All done; the place is tidy again and {cabinet} is locked.",
    ),
    repaired=(
        "The cause is found and repaired. We watched it for half an hour: stable.",
        "We replaced the part near {cabinet}; all readings are normal again.",
        "Repaired. Please check {device} from your side.",
        "The connectors were cleaned and measured; no new errors since.",
    ),
    received=(
        "Your delivery has arrived, {count} packages without visible damage. It is in the store at {site}.",
        "Received today; one box has a dent, a photo is with the shift. Please tell us whether to open it.",
    ),
    approved=(
        "Your visit is approved. Please bring an identity document; badges are at the reception.",
        "Approved. Your visitors are on the list of {site}.",
    ),
    not_solved=(
        "It is back: the same alarm again since an hour ago.",
        "Sorry, but {device} went down again after the night.",
    ),
    thanks=(
        "Thank you, everything works.",
        "Perfect, thanks for the quick help.",
        "Confirmed from our side. Thank you.",
    ),
    internal=(
        "Key for {cabinet} is with the shift leader.",
        "Customer is sensitive about this cabinet; two people, please.",
        "Spare part taken from our own store, to be invoiced.",
        "Handed over to the night shift, nothing else to do before the customer answers.",
        "Checked with facility: no alarm on the busbar.",
    ),
    praise=("Quick and friendly.", "Exactly as asked, with photos.", "Great help at night."),
    complaints=("Took much longer than promised.", "We had to ask twice for the result."),
    reasons={
        "cancelled": "No longer needed: we solved it ourselves.",
        "rejected": "Not possible as described: the device belongs to another company.",
        "refused": "The parcel was damaged and the driver would not wait.",
        "returned": "Nobody claimed it within the storage time; sent back to the sender.",
        "no_show": "The visitors did not come.",
        "waiting_customer": "We need your answer before we can go on.",
        "on_hold_customer": "At your wish we wait for your maintenance window.",
        "on_hold_operator": "We wait for a spare part from our supplier.",
        "reopened": "The trouble came back.",
        "severity": "More systems are affected than first thought.",
        "closed": "Closed by itself five days after the work was done.",
    },
)
