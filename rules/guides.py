"""The guides that come with the portal: what stands at the head of their files, apart from the text below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class GuideKind(StrEnum):
    """A guide, by the name of its file."""

    USER_GUIDE = "user_guide"
    ONBOARDING = "onboarding"
    POLICIES = "policies"
    FAQ = "faq"
    STAFF_GUIDE = "staff_guide"


@dataclass(frozen=True)
class Guide:
    """One file: its text, and what its head says of it."""

    kind: GuideKind
    language: str
    title: str
    edition: str
    effective_on: date
    must_accept: bool
    text: str = field(repr=False)


_HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def read_guide(kind: GuideKind, language: str, written: str) -> Guide:
    """A file whose head lacks something is a mistake of ours, seen when it is read first."""
    head = _HEAD.match(written)
    if head is None:
        raise ValueError(f"docs/help/{language}/{kind}.md does not begin with its head between two lines of ---")
    said = dict(line.split(": ", 1) for line in head.group(1).splitlines())
    return Guide(
        kind,
        language,
        said["title"],
        said["edition"],
        date.fromisoformat(said["effective"]),
        {"yes": True, "no": False}[said["must_accept"]],
        written[head.end() :].strip() + "\n",
    )
