"""Which guides there are for whom, section by section, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.guides import Guide, GuideKind, guide
from ui.guides.markdown import Section, Written, written

#: In the order of the page. Policies are rows: what the operator published (data/documents).
FOR_EVERYBODY = (GuideKind.USER_GUIDE, GuideKind.ONBOARDING, GuideKind.FAQ)
FOR_STAFF = (GuideKind.STAFF_GUIDE,)


@dataclass(frozen=True)
class Place:
    """A section, and the part of the help it stands in."""

    part: str
    section: str


def guide_in(kind: GuideKind, language: str) -> tuple[Guide, Written]:
    """In this language, else in English."""
    found = guide(kind, language)
    return found, written(found.text)


def sections_in(language: str, *, for_staff: bool) -> Iterator[tuple[Place, Section]]:
    """All that can be looked through, guide after guide."""
    for kind in (*FOR_EVERYBODY, *(FOR_STAFF if for_staff else ())):
        for section in guide_in(kind, language)[1].sections:
            yield Place(kind, section.name), section


def place_of(name: str) -> Place | None:
    """Where this stands: the help of a page (`PageSpec.help`), or else the section that holds what is called so."""
    holding = None
    for kind in (GuideKind.USER_GUIDE, GuideKind.STAFF_GUIDE, GuideKind.ONBOARDING, GuideKind.FAQ):
        found = guide_in(kind, "en")[1].section(name)
        if found is not None and found.name == name:
            return Place(kind, name)
        if found is not None and holding is None:
            holding = Place(kind, found.name)
    return holding
