"""What every page must stand in a real browser."""

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def audit(page, path):
    """Open a page and refuse any axe violation, sideways scroll, outside request, console error."""
    answer = page.goto(path)
    assert answer.ok, (path, answer.status)
    found = Axe().run(page, options=RULES).response["violations"]
    assert not found, [(f["id"], [n["html"][:160] for n in f["nodes"]]) for f in found]
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{path} scrolls sideways by {wide} px"
    assert not page.outside, page.outside
    assert not page.faults, page.faults
