"""Markdown as the page builds it: nested lists [tag, attributes, ...children], no HTML.

The page makes elements of them and never reads markup, so a file from anywhere can do no more than
show text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

Node = list[Any] | str

TAGS = {
    "paragraph": "p", "bullet_list": "ul", "ordered_list": "ol", "list_item": "li", "em": "em",
    "strong": "strong", "blockquote": "blockquote", "table": "table", "thead": "thead",
    "tbody": "tbody", "tr": "tr", "th": "th", "td": "td", "hr": "hr", "hardbreak": "br",
}  # fmt: skip
MATH = re.compile(r"\$([^$\s](?:[^$\n]*[^$\s\\])?)\$(?!\d)")
ROLE = re.compile(r"\{math\}`([^`\n]+)`")


def _math(state: StateInline, silent: bool) -> bool:
    """``$y = x$`` and {math}`y = x`."""
    if state.src[state.pos] not in "${":
        return False
    found = MATH.match(state.src, state.pos) or ROLE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("math_inline", "math", 0).content = found[1]
    state.pos = found.end()
    return True


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.inline.ruler.before("escape", "math", _math)
    return reader


def blocks(text: str, here: str = "") -> list[Node]:
    """The blocks of a text; ``here``: what a link into the lab begins with, behind its #.

    >>> blocks("*a* $x^2$")
    [['p', {}, ['em', {}, 'a'], ' ', ['math', {}, 'x^2']]]
    """
    return _children(SyntaxTreeNode(_reader().parse(text)), here)


def inline(text: str, here: str = "") -> list[Node]:
    """The same for a line."""
    return _children(SyntaxTreeNode(_reader().parseInline(text)), here)


def _children(node: SyntaxTreeNode, here: str) -> list[Node]:
    return [made for child in node.children for made in _node(child, here)]


def _node(node: SyntaxTreeNode, here: str) -> list[Node]:
    kind = node.type
    if kind == "inline":
        return _children(node, here)
    if kind == "text":
        return [node.content]
    if kind == "softbreak":
        return [" "]
    if kind == "math_inline":
        return [["math", {}, node.content]]
    if kind == "code_inline":
        return [["code", {}, node.content]]
    if kind in ("code_block", "fence"):
        info = node.info.strip().split(" ")[0] if kind == "fence" else ""
        if info in ("math", "{math}"):
            return [["math", {"display": "block"}, node.content.strip()]]
        return [["pre", {"class": "output"} if info == "text" else {}, node.content.rstrip("\n")]]
    if kind == "heading":
        return [["h4", {}, *_children(node, here)]]
    if kind == "link":
        return _link(str(node.attrs.get("href", "")), _children(node, here), here)
    if kind == "image":
        return [node.content]
    if kind in TAGS:
        return [[TAGS[kind], {}, *_children(node, here)]]
    return [node.content] if node.content else _children(node, here)


def _link(target: str, inside: list[Node], here: str) -> list[Node]:
    """Into the lab (the lesson stays open), or out into the web; other links become their words."""
    if target.startswith("#") and "=" in target:
        bare = target[1:]
        return [["a", {"href": f"#{bare}" if "lesson=" in bare else f"#{here}{bare}"}, *inside]]
    if re.match(r"https?://", target):
        return [["a", {"href": target, "target": "_blank", "rel": "noopener noreferrer"}, *inside]]
    return inside
