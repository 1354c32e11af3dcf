"""The demo: invented companies and people with two years of believable rows, from one seed."""

from __future__ import annotations

from data.demo.loading import load

__all__ = ["load"]
