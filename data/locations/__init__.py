"""Where we are, as an administrator sees to it: data centers, whom to call, who invoices, and what is promised."""

from data.locations.entities import ChangeEntity, CreateEntity, WriteBankDetails
from data.locations.listing import ENTITIES, SITES
from data.locations.reading import (
    Entity,
    Site,
    SiteContactRow,
    Target,
    entities_to_choose,
    get_entity,
    get_site,
    list_targets,
)
from data.locations.sites import AddContact, ChangeContact, ChangeSite, CreateSite, RemoveContact
from data.locations.targets import AddTarget

__all__ = [
    "ENTITIES", "SITES", "AddContact", "AddTarget", "ChangeContact", "ChangeEntity", "ChangeSite", "CreateEntity",
    "CreateSite", "Entity", "RemoveContact", "Site", "SiteContactRow", "Target", "WriteBankDetails",
    "entities_to_choose", "get_entity", "get_site", "list_targets",
]  # fmt: skip
