"""Build the site: both languages, every cell executed, every warning an error.

pip install ".[docs]"
python docs/build.py            # site/index.html
python docs/build.py ko         # one language
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).parent
SITE = DOCS.parent / "site"
LANGUAGES = ("en", "ko")
FRONT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>glassnet</title>
<style>
  body { font: 1.2rem system-ui, sans-serif; display: grid; place-content: center; height: 90vh; }
  body { color-scheme: light dark; gap: 1rem; text-align: center; }
</style>
<h1>glassnet</h1>
<a href="en/index.html">English</a>
<a href="ko/index.html" lang="ko">한국어</a>
</html>
"""


def build(language: str) -> int:
    """One language; the exit status of Sphinx."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "-n", "--keep-going"]
    command += ["-c", str(DOCS), "-d", str(SITE / "doctrees" / language), "-t", language]
    return subprocess.run([*command, str(DOCS / language), str(SITE / language)]).returncode


def main() -> int:
    languages = sys.argv[1:] or LANGUAGES
    unknown = [code for code in languages if code not in LANGUAGES]
    if unknown:
        print(
            f"docs/build.py: no language is called {unknown[0]}; there are {', '.join(LANGUAGES)}"
        )
        return 2
    SITE.mkdir(exist_ok=True)
    (SITE / "index.html").write_text(FRONT, "utf-8")
    return max(build(code) for code in languages)


if __name__ == "__main__":
    sys.exit(main())
