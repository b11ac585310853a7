"""The examples in the documentation of the public names run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import dockslim.syntax

MODULES = ["dockslim.syntax"] + [
    f"dockslim.syntax.{module.name}" for module in pkgutil.iter_modules(dockslim.syntax.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_name_is_documented() -> None:
    for name in set(dockslim.syntax.__all__) - {"Lookup"}:  # an alias of a type has no docstring of its own
        assert getattr(getattr(dockslim.syntax, name), "__doc__", None), name
