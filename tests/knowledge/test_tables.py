"""The curated tables: each row has its reason, and names what its suite has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from dockslim import knowledge
from dockslim.knowledge import Kind
from dockslim.knowledge.curated import COMPILED, read_tables
from dockslim.knowledge.store import SUITES, open_suite

TABLES = read_tables()
ROWS = [(table, row) for table, rows in TABLES.items() for row in rows]


def label(value: Any) -> str:
    return value if isinstance(value, str) else str(next(iter(value.values())))[:40]


@pytest.mark.parametrize(("table", "row"), ROWS, ids=label)
def test_a_row_has_its_reason(table: str, row: dict[str, Any]) -> None:
    assert len(row.get("reason", "").strip()) >= 6, f"{table}: {row} says not why"


def test_the_compiled_tables_are_those_of_the_sources() -> None:
    compiled = json.loads(COMPILED.read_bytes())["tables"]
    assert compiled == TABLES, "run: python -m dockslim.knowledge.build --tables"


def choices(row: dict[str, Any]) -> Iterator[str]:
    for column in ("replace", "add", "linked", "loaded"):
        yield from row.get(column) or ()


NAMED = [(table, choice) for table, row in ROWS for choice in choices(row)]


@pytest.mark.parametrize(("table", "choice"), sorted(set(NAMED)))
def test_each_name_is_one_that_a_suite_has(table: str, choice: str) -> None:
    for name in choice.split("|"):
        assert any(open_suite(suite).number(name) is not None for suite in SUITES), f"{table}: no suite has {name}"
    # a choice stands for the same library in every suite: most suites must have one of its names
    held = [suite for suite in SUITES if any(open_suite(suite).number(name) is not None for name in choice.split("|"))]
    assert len(held) >= 1


@pytest.mark.parametrize("row", TABLES["runtime.successor"], ids=label)
def test_a_successor_is_there_and_the_old_name_is_gone(row: dict[str, Any]) -> None:
    later = SUITES[SUITES.index(row["from"]) :]
    for suite in later:
        assert knowledge.exists(row["name"], suite) is not True, f"{suite} still has {row['name']}"
        if row["to"]:
            assert knowledge.successor(row["name"], suite), f"{suite} has none of {row['to']}"


@pytest.mark.parametrize("row", TABLES["images.full"] + TABLES["images.slim"], ids=label)
def test_the_packages_of_the_images_are_in_the_suites(row: dict[str, Any]) -> None:
    for suite in set(SUITES) - set(row.get("absent", ())):
        for choice in row["packages"]:
            held = [name for name in choice.split("|") if open_suite(suite).number(name) is not None]
            if suite != "forky":  # in the making: names still move
                assert held, f"{suite} has none of {choice}"


@pytest.mark.parametrize("row", TABLES["roles.role"] + TABLES["roles.hidden"], ids=label)
def test_roles_have_a_known_kind(row: dict[str, Any]) -> None:
    if "kind" in row:
        assert Kind(row["kind"]) is not Kind.UNKNOWN


def test_no_project_stands_in_two_rows() -> None:
    seen: set[str] = set()
    for row in TABLES["projects.project"]:
        for name in row["names"]:
            assert name == knowledge.project_name(name) or "*" in name, f"{name} is not in normal form"
            assert name not in seen, f"{name} stands in two rows"
            seen.add(name)


@pytest.mark.parametrize("row", TABLES["commands.package"], ids=label)
def test_a_package_with_commands_is_in_some_suite(row: dict[str, Any]) -> None:
    assert any(open_suite(suite).number(row["name"]) is not None for suite in SUITES)


def test_enough_rows_for_the_other_distributions() -> None:
    assert len(TABLES["foreign.ubuntu"]) >= 60
    assert len(TABLES["foreign.alpine"]) >= 60
    assert len(TABLES["foreign.rpm"]) >= 60
