"""dockslim: find what of the build still ships in a Python image, and rewrite the Dockerfile so that it does not."""

from __future__ import annotations

from dockslim.later import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "parse"]

if TYPE_CHECKING:
    from dockslim.syntax import parse


def __getattr__(name: str) -> object:
    # Lazy: `dockslim --version` must not pay for a parser.
    if name == "parse":
        from dockslim.syntax import parse

        return parse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
