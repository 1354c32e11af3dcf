"""Accessibility, as axe-core sees it: what a page breaks of WCAG 2.2 A and AA, and whose fault it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

RUN = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"],
  });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => [id, target.flat().join(" "), html.slice(0, 300), failureSummary]));
}"""


@dataclass(frozen=True)
class Fault:
    """One element that breaks one rule."""

    rule: str
    target: str
    html: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.html}\n  {self.target}\n  {self.why}"


def faults_of(page: Page) -> Iterator[Fault]:
    """What stands on the page now, dialogs included."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    yield from (Fault(*each) for each in page.evaluate(RUN))


@cache
def _source() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
