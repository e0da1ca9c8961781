"""axe-core in the page that is open: what would keep somebody from using it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from playwright.sync_api import Page

from tests.tools import node_ready

WEIGHTY = ("serious", "critical")
COLOURS = ("cat.color",)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

CONTROLS = """() => {
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled;
  const all = [...document.querySelectorAll(kinds)].filter((one) => seen(one) && !one.closest('.skip'));
  return all.map((one) => {
    one.dataset.seen = one.dataset.seen || Math.random().toString(36);
    return one.dataset.seen;
  });
}"""
"""A name for each control that can be seen."""

FOCUSED = """() => {
  const one = document.activeElement, row = one.closest && one.closest('[data-row]');
  const shown = (it) => it && getComputedStyle(it).outlineStyle !== 'none';
  return [one.dataset ? one.dataset.seen || '' : '', one === document.body || shown(one) || shown(row)];
}"""
"""The name of the control in focus, and whether it shows."""


@cache
def _source() -> str:
    node_ready.install(node_ready.FOLDER)
    return (node_ready.MODULES / "axe-core" / "axe.min.js").read_text("utf-8")


def found(page: Page, *, rules: Sequence[str] = RULES) -> list[str]:
    """What is serious or critical on the page as it is, by rules of these tags or these names."""
    page.wait_for_load_state("load")
    # Evaluated from outside, so that the page's own policy stays as it is.
    page.evaluate(_source())
    seen = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", list(rules))
    assert seen["passes"], "axe looked at nothing"
    return [
        f"{one['id']} ({one['impact']}): {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in seen["violations"]
        if one["impact"] in WEIGHTY
    ]


def check(page: Page, *, rules: Sequence[str] = RULES) -> None:
    """Raise AssertionError for anything serious or critical on the page as it is, by rules of these tags."""
    told = found(page, rules=rules)
    assert told == [], "\n".join([page.url, *told])
