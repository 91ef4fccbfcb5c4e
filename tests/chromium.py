"""A real Chromium, and what axe-core finds in a page of it."""

import shutil

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ARGUMENTS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def start(playwright):
    """A browser; an assertion names the package where none is installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "A real Chromium is needed: apt-get install chromium"
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)


def violations(page) -> list[str]:
    """What breaks WCAG 2.2 AA on the page as it stands, as axe-core sees it: rule and first place of each."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
    return [f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found]
