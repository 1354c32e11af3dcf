"""Feedback: how much of it there is, and how long it may be."""

from __future__ import annotations

LONGEST = 4000
LONGEST_PAGE = 100
#: So often somebody says what they think within an hour, and no more.
MOST_SENT = 5
