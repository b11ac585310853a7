"""Compose files that bring in others: ``extends`` and ``include``, across folders, and round in circles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockslim.engine.builds import builds


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("TAG", "NAME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def read(files: dict[str, str], name: str = "compose.yaml") -> tuple[list[tuple[str, str, str | None, Any]], list[str]]:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)
    said: list[str] = []
    found = [
        (each.dockerfile.as_posix(), each.context.as_posix(), each.target, dict(each.args))
        for each in builds(Path(name), said.append)
    ]
    return found, said


BASE = "services: {base: {build: {context: ./src, dockerfile: app.df, target: app, args: {A: 1, B: 2}}}}\n"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("", ("common/src/app.df", "common/src", "app", {"A": "1", "B": "2"})),
        ("build: {args: {B: 3}}", ("common/src/app.df", "common/src", "app", {"A": "1", "B": "3"})),
        ("build: {args: [B=3]}", ("common/src/app.df", "common/src", "app", {"A": "1", "B": "3"})),
        ("build: {target: prod}", ("common/src/app.df", "common/src", "prod", {"A": "1", "B": "2"})),
        ("build: ./web", ("web/app.df", "web", "app", {"A": "1", "B": "2"})),
        ("build: {context: ./web}", ("web/app.df", "web", "app", {"A": "1", "B": "2"})),
        ("build: !override {dockerfile: x.df}", ("x.df", ".", None, {})),
        ("build: null", ("common/src/app.df", "common/src", "app", {"A": "1", "B": "2"})),
        ("build: !reset null", None),
        ("build: {dockerfile_inline: FROM x}", None),
    ],
)
def test_a_service_extends_one_of_another_file(own: str, expected: Any) -> None:
    text = f"services:\n  web:\n    extends: {{file: common/base.yml, service: base}}\n    {own}\n"
    found, said = read({"common/base.yml": BASE, "compose.yaml": text})
    assert found == ([] if expected is None else [expected])
    assert said == []


def test_services_of_one_file_extend_each_other() -> None:
    text = (
        "services:\n"
        "  a: {build: {target: app, args: {A: 1}}, profiles: [never]}\n"
        "  b: {extends: a, build: {args: {B: 2}}}\n"
        "  c: {extends: {service: b}, build: {args: {C: 3}}}\n"
    )
    found, said = read({"compose.yaml": text})
    assert [args for *_, args in found] == [{"A": "1"}, {"A": "1", "B": "2"}, {"A": "1", "B": "2", "C": "3"}]
    assert said == []


def test_a_chain_of_files_keeps_its_folders() -> None:
    files = {
        "a/a.yml": "services: {x: {build: ./app}}\n",
        "b/b.yml": "services: {x: {extends: {file: ../a/a.yml, service: x}, build: {target: app}}}\n",
        "compose.yaml": "services: {x: {extends: {file: b/b.yml, service: x}, build: {dockerfile: x.df}}}\n",
    }
    assert read(files) == ([("a/app/x.df", "a/app", "app", {})], [])


def test_included_files_are_read_from_their_own_folders() -> None:
    files = {
        "compose.yaml": "include:\n- lib/compose.yaml\n- {path: [more/a.yaml, more/b.yaml]}\n"
        "- {path: far/c.yaml, project_directory: elsewhere, env_file: far/c.env}\nservices: {web: {build: .}}\n",
        "lib/compose.yaml": "include: [deep/compose.yaml]\nservices: {lib: {build: {target: '${NAME}'}}}\n",
        "lib/.env": "NAME=named\n",
        "lib/deep/compose.yaml": "services: {deep: {build: ./x}}\n",
        "more/a.yaml": "services: {m: {build: {context: ./m, target: first, args: {A: 1}}}}\n",
        "more/b.yaml": "services: {m: {build: {target: second}}, n: {build: !reset null}}\n",
        "far/c.yaml": "services: {c: {build: {context: ., args: {T: $TAG}}}}\n",
        "far/c.env": "TAG=9\n",
    }
    found, said = read(files)
    assert found == [
        ("lib/deep/x/Dockerfile", "lib/deep/x", None, {}),
        ("lib/Dockerfile", "lib", "named", {}),
        ("more/m/Dockerfile", "more/m", "second", {"A": "1"}),
        ("elsewhere/Dockerfile", "elsewhere", None, {"T": "9"}),
        ("Dockerfile", ".", None, {}),
    ]
    assert said == []


def test_the_project_goes_before_what_is_included() -> None:
    files = {
        ".env": "TAG=mine\n",
        "lib/.env": "TAG=theirs\n",
        "compose.yaml": "include: [lib/c.yaml]\n",
        "lib/c.yaml": "services: {x: {build: {args: {T: $TAG}}}}\n",
    }
    assert read(files)[0] == [("lib/Dockerfile", "lib", None, {"T": "mine"})]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"compose.yaml": "services: {a: {extends: b}, b: {extends: a}, c: {build: .}}\n"},
            "service 'a': extends: a circle of services: a (compose.yaml) → b (compose.yaml) → a (compose.yaml)",
        ),
        (
            {
                "compose.yaml": "services: {a: {extends: {file: x/o.yml, service: b}}, c: {build: .}}\n",
                "x/o.yml": "services: {b: {extends: {file: ../compose.yaml, service: a}}}\n",
            },
            "service 'a': extends: a circle of services: a (compose.yaml) → b (o.yml) → a (compose.yaml)",
        ),
        (
            {"compose.yaml": "services: {a: {extends: nobody}, c: {build: .}}\n"},
            "service 'a': extends: compose.yaml has no service 'nobody'",
        ),
        (
            {"compose.yaml": "services: {a: {extends: {file: '${TAG}', service: b}}, c: {build: .}}\n"},
            "service 'a': extends: ${TAG} is not read",
        ),
        (
            {"compose.yaml": "include: [x.yaml]\nservices: {c: {build: .}}\n", "x.yaml": "include: [compose.yaml]\n"},
            "include: a circle of files: compose.yaml → x.yaml → compose.yaml",
        ),
        (
            {"compose.yaml": "include: ['oci://example.org/x']\nservices: {c: {build: .}}\n"},
            "include: oci://example.org/x is not read",
        ),
        (
            {"compose.yaml": "include: [x.yaml]\nservices: {c: {build: .}}\n", "x.yaml": "services: [\n"},
            "include: x.yaml: not YAML: ",
        ),
    ],
)
def test_what_cannot_be_followed_is_said_and_the_rest_is_read(files: dict[str, str], message: str) -> None:
    found, said = read(files)
    assert ("Dockerfile", ".", None, {}) in found
    assert said[0].startswith(message)


def test_a_shared_file_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from dockslim.engine import compose

    count = []
    known = compose._yaml
    monkeypatch.setattr(compose, "_yaml", lambda data: count.append(1) or known(data))
    services = "".join(
        f"  s{n}: {{extends: {{file: base.yml, service: base}}, build: {{args: {{N: {n}}}}}}}\n" for n in range(50)
    )
    found, _ = read({"base.yml": BASE, "compose.yaml": f"services:\n{services}"})
    assert len(found) == 50
    assert len(count) == 2


def test_a_file_that_many_include_is_there_once() -> None:
    files = {f"c{n}.yaml": f"include: [c{n + 1}.yaml, ./c{n + 1}.yaml]\n" for n in range(40)}
    files["c40.yaml"] = "services: {x: {build: .}}\n"
    assert read(files, "c0.yaml") == ([("Dockerfile", ".", None, {})], [])
