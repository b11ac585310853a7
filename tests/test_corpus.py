"""Every folder of the corpus, swept by the same tests."""

from __future__ import annotations

import functools
import io
import logging
from collections import Counter
from pathlib import Path

import dockerfile
import pytest
from dockerfile_parse import DockerfileParser

from dockslim.syntax import File, parse
from dockslim.testing import Case, Observed, cases, observe

CORPUS = Path(__file__).parent.parent / "corpus"
CASES = cases(CORPUS)

each_case = pytest.mark.parametrize("case", CASES, ids=[case.folder.name for case in CASES])


@functools.cache
def _observed(folder: Path) -> Observed:
    return observe(next(case for case in CASES if case.folder == folder))


@each_case
def test_round_trip(case: Case) -> None:
    file = parse(case.data)
    assert file.source.encode(file.text) == case.data


@each_case
def test_findings(case: Case) -> None:
    assert _observed(case.folder).findings == case.expected["findings"]


@each_case
def test_rewrite(case: Case) -> None:
    result = _observed(case.folder).result
    assert result.text == parse(case.fixed).text
    assert result.data == case.fixed
    assert result.rewrite == case.expected["rewrite"]
    assert (result.safety.value if result.safety else None) == case.expected["safety"]
    reason = case.expected.get("reason")
    if reason is None:
        assert result.withheld == ()
    else:
        assert any(reason in each.message for each in result.withheld)


@each_case
def test_fixing_twice_is_fixing_once(case: Case) -> None:
    observed = _observed(case.folder)
    assert observed.again.data == observed.result.data


@each_case
def test_without_leave_nothing_unsafe_is_done(case: Case) -> None:
    options = {**case.expected.get("options", {}), "unsafe": False}
    result = observe(case._replace(expected={**case.expected, "options": options})).result
    assert all(applied.fix.safety.value == "safe" for applied in result.applied)


@each_case
def test_buildkit_reads_the_result(case: Case) -> None:
    result = _observed(case.folder).result
    commands = dockerfile.parse_string(result.text)
    assert [command.cmd.upper() for command in commands] == [each.name for each in parse(result.data).instructions]


@each_case
def test_the_second_reader_agrees(case: Case) -> None:
    result = _observed(case.folder).result
    if _second_reading(case.data) == _first_reading(parse(case.data)):
        assert _second_reading(result.data) == _first_reading(parse(result.data))


@each_case
def test_comments_are_kept(case: Case) -> None:
    before = Counter(comment.text for comment in parse(case.data).comments)
    after = Counter(comment.text for comment in parse(_observed(case.folder).result.data).comments)
    assert before <= after


def _first_reading(file: File) -> list[str]:
    return [instruction.name for instruction in file.instructions]


def _second_reading(data: bytes) -> list[str]:
    logging.disable(logging.CRITICAL)
    try:
        parser = DockerfileParser(fileobj=io.BytesIO(data))
        return [each["instruction"] for each in parser.structure if each["instruction"] != "COMMENT"]
    except (UnicodeDecodeError, ValueError):
        return []
    finally:
        logging.disable(logging.NOTSET)
