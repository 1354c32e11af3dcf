"""Guides and policies as a reader sees them: safe HTML in sections, and found by words."""

from ui.guides.finding import Hit, find
from ui.guides.markdown import Section, Written, written

__all__ = ["Hit", "Section", "Written", "find", "written"]
