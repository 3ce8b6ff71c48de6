"""The site: docs/en and docs/ko, each built by itself.

    python docs/build.py            # both, into site/en and site/ko

``sphinx-build -t ko`` chooses Korean.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

import glassnet  # noqa: E402

language = "ko" if tags.has("ko") else "en"  # noqa: F821  # Sphinx puts it there

project = "glassnet"
author = "The glassnet authors"
copyright = "The glassnet authors"
version = release = glassnet.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_click",
    "formula",
    "korean",
    "languages",
    "lessons",
    "mathml",
    "publicnames",
    "terms",
    "themewords",
    "unbroken",
    *(["reference"] if language == "en" else []),
]

source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
root_doc = "index"
exclude_patterns = ["lessons/files"]  # what a lesson's page offers to take away
smartquotes_action = "q"  # --help stays --help
nitpicky = True
nitpick_ignore = [  # named in the reference, and not in it
    ("py:class", "glassnet.runs.recipes.Settings"),
    ("py:class", "glassnet.runs.folder.RunFolder"),
    ("py:exc", "optuna.TrialPruned"),
]

# ---- pages: Markdown with formulas and cells ------------------------------------------------
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "substitution"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_merge_streams = True  # what a cell prints is one block, however slowly it comes
nb_execution_timeout = 300  # of a cell; a machine may be busy
nb_execution_cache_path = str(HERE.parent / "site" / "cells")

# ---- the reference ---------------------------------------------------------------------------
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
autosummary_generate = True
napoleon_custom_sections = [
    ("What else is asked of a kind of layer instead of testing its class", "params_style"),
]
napoleon_use_rtype = False
napoleon_preprocess_types = False

suppress_warnings = ["ref.python"]  # two public classes of one name, as layers.Activation

# ---- how it looks ----------------------------------------------------------------------------
html_theme = "furo"
html_title = "glassnet"
html_static_path = [str(HERE / "_static")]
html_math_renderer = "mathml"
templates_path = [str(HERE / "_templates")]
html_sidebars = {
    "**": [
        "sidebar/brand.html", "sidebar/search.html", "sidebar/languages.html",
        "sidebar/scroll-start.html", "sidebar/navigation.html", "sidebar/scroll-end.html",
    ]
}  # fmt: skip
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
