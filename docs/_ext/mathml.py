"""Formulas as MathML, by docutils' own converter: no script, and nothing from another site."""

from __future__ import annotations

from typing import Any

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

log = logging.getLogger(__name__)


def _write(translator: Any, node: Any, block: bool) -> None:
    text = node.astext()
    try:
        written = tex2mathml(text, as_block=block)
    except MathError as error:
        log.warning("no MathML for %s: %s", text, error, location=node)
        written = f"<code>{translator.encode(text)}</code>"
    translator.body.append(f'<div class="formula">{written}</div>' if block else written)


def inline(translator: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    _write(translator, node, block=False)
    raise SkipNode


def block(translator: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    _write(translator, node, block=True)
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
