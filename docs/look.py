"""Open every page of the site in Chromium: light, dark, and as wide as a phone.

    python docs/build.py && python docs/look.py pictures
    python docs/look.py pictures ko/guides ko/lessons       # those below these only

Fails on an error in a page's console, on a request to anywhere else, and on a page that is wider
than the screen of a phone. The pictures are for people to look at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

SITE = Path(__file__).parents[1] / "site"
ASIDE = ("_", "doctrees", "jupyter_execute", "cells")
WAYS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1},
}
TALL = 3000  # pixels of a page that are drawn
WIDER = """() => {
  const wide = document.scrollingElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return "";
  const out = [...document.querySelectorAll("main *")].filter((one) => {
    for (let up = one.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible" && up !== document.body) return false;
    return one.getBoundingClientRect().right > window.innerWidth + 1;
  });
  const name = out.length ? out.at(-1).outerHTML.slice(0, 90) : "";
  return `${wide} pixels wider than the screen: ${name}`;
}"""


def pages(below: list[str]) -> list[Path]:
    """The pages of the site, or those whose path begins with one of ``below``."""
    found = [
        page
        for page in sorted(SITE.rglob("*.html"))
        if not any(part.startswith(ASIDE) for part in page.relative_to(SITE).parts)
    ]
    if not below:
        return found
    return [page for page in found if str(page.relative_to(SITE)).startswith(tuple(below))]


def look(browser: Any, way: str, listed: list[Path], folder: Path) -> Iterator[str]:
    """What is wrong, a line each; and a picture of each page in ``folder``."""
    context = browser.new_context(**WAYS[way])
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            wrong.append(f"asks for {asked.url}")
            if not asked.url.startswith(("file:", "data:", "blob:"))
            else None
        ),
    )
    for file in listed:
        name = str(file.relative_to(SITE))
        page.goto(file.as_uri(), wait_until="load")
        if way == "phone" and (wide := page.evaluate(WIDER)):
            wrong.append(wide)
        picture = folder / way / f"{name.removesuffix('.html').replace('/', '-')}.png"
        height = min(TALL, page.evaluate("document.scrollingElement.scrollHeight"))
        width = WAYS[way]["viewport"]["width"]
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        page.screenshot(path=picture, full_page=True, clip=clip)
        yield from (f"{name} ({way}): {one}" for one in wrong)
        wrong.clear()
    context.close()


def main() -> int:
    folder, below = Path(sys.argv[1] if len(sys.argv) > 1 else "pictures"), sys.argv[2:]
    listed = pages(below)
    if not listed:
        print(f"docs/look.py: there is no page in {SITE}: python docs/build.py makes it")
        return 2
    failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for way in WAYS:
            (folder / way).mkdir(parents=True, exist_ok=True)
            for line in look(browser, way, listed, folder):
                print(line, flush=True)
                failed += 1
        browser.close()
    print(f"{len(listed)} pages, {len(WAYS)} ways: {failed} things wrong. Pictures: {folder}")
    return min(failed, 1)


def chromium() -> str | None:
    """The system's own, where there is one; else Playwright's."""
    own = [Path(f"/usr/bin/{name}") for name in ("chromium", "chromium-browser")]
    return next((str(path) for path in own if path.exists()), None)


if __name__ == "__main__":
    sys.exit(main())
