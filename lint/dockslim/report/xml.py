"""What the formats in XML share: text that XML 1.0 can hold, and one way to write a document."""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING
from dockslim.report.page import clean

if TYPE_CHECKING:
    from typing import TextIO
    from xml.etree.ElementTree import Element

__all__ = ["held", "write"]


def held(text: str) -> str:
    """Text without what XML forbids: control characters become pictures, the rest the replacement sign."""
    return "\n".join(map(clean, text.split("\n"))).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def write(root: Element, stream: TextIO) -> None:
    """Write a document, indented."""
    from xml.etree import ElementTree

    ElementTree.indent(root)
    stream.write("<?xml version='1.0' encoding='UTF-8'?>\n")
    stream.write(ElementTree.tostring(root, encoding="unicode") + "\n")
