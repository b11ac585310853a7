"""What is rewritten, what is left alone and what is refused: a line or two each; whole files are in the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockslim.model import Context, Options, read
from dockslim.rewrite import Fix, Proof, Refused, Safety, apply_edits, rewrite
from dockslim.syntax import parse

SLIM = "FROM python:3.12-slim-bookworm\n"
TOOLS = "RUN apt-get update && apt-get install -y gcc\n"
MOUNT = "--mount=type=bind,from=builder,source=/wheels,target=/wheels"


def answer(text: str, folder: Path | None = None, **options: object) -> Fix | Refused | None:
    context = Context(folder) if folder is not None else None
    facts = read(parse(text), context, options=Options(**options))  # type: ignore[arg-type]
    return next((found for stage in facts.final_stage.lineage if (found := rewrite(stage)) is not None), None)


def fixed(text: str, folder: Path | None = None, **options: object) -> str:
    fix = answer(text, folder, **options)
    assert isinstance(fix, Fix), fix
    return apply_edits(text, fix.edits)


def final(text: str) -> str:
    """The stage that ships, from its FROM on."""
    return text[text.rindex("\nFROM ") + 1 :]


@pytest.mark.parametrize(
    ("install", "builder", "shipped"),
    [
        (
            "pip install --user --upgrade six",
            "pip wheel --wheel-dir=/wheels six",
            "pip install --no-index --find-links=/wheels --user --upgrade six",
        ),
        (
            "pip install -i https://user:secret@index.example/simple six",
            "pip wheel --wheel-dir=/wheels -i https://user:secret@index.example/simple six",
            "pip install --no-index --find-links=/wheels six",
        ),
        (
            "python -m pip --no-cache-dir install six",
            "python -m pip --no-cache-dir wheel --wheel-dir=/wheels six",
            "python -m pip --no-cache-dir install --no-index --find-links=/wheels six",
        ),
        (
            "pip install git+https://example.org/a.git six",
            "pip wheel --wheel-dir=/wheels git+https://example.org/a.git six",
            "pip install --no-index --no-deps /wheels/*.whl",
        ),
        (
            "pip install --no-binary :all: six",
            "pip wheel --wheel-dir=/wheels --no-binary :all: six",
            "pip install --no-index --no-deps /wheels/*.whl",
        ),
        (
            "pip install --no-build-isolation --root-user-action=ignore six",
            "pip wheel --wheel-dir=/wheels --no-build-isolation six",
            "pip install --no-index --find-links=/wheels --root-user-action=ignore six",
        ),
    ],
)
def test_options_are_parted(install: str, builder: str, shipped: str) -> None:
    text = fixed(SLIM + TOOLS + f"RUN {install}\n")
    plain = text.replace(" \\\n    && rm -f /wheels/pip-[0-9]*.whl", "")
    assert f"RUN {builder}\n" in plain
    assert f"    {shipped}\n" in final(text)


def test_copy_where_the_builder_has_no_mounts() -> None:
    text = fixed(SLIM + TOOLS + "RUN pip install six\n", wheel_transfer="copy")
    assert "COPY --from=builder /wheels /wheels\nRUN pip install" in text
    assert "--mount" not in text


def test_an_old_frontend_has_no_mounts() -> None:
    assert "COPY --from=builder" in fixed("# syntax=docker/dockerfile:1.0\n" + SLIM + TOOLS + "RUN pip install six\n")


def test_secrets_stay_in_the_builder() -> None:
    text = fixed(SLIM + TOOLS + "RUN --mount=type=secret,id=netrc,target=/root/.netrc pip install six\n")
    assert text.count("type=secret") == 1
    assert "type=secret" not in final(text)


def test_a_user_is_kept_and_the_builder_has_none() -> None:
    text = fixed(SLIM + TOOLS + "RUN useradd app\nUSER app\nRUN pip install --user six\n")
    assert text.count("USER app") == 1
    assert "useradd" in final(text)


def test_the_name_of_a_stage_that_is_taken() -> None:
    text = fixed("FROM scratch AS builder\n" + SLIM + TOOLS + "RUN pip install six\n")
    assert "AS builder-2\n" in text
    assert "from=builder-2," in text


def test_lower_case_stays_lower_case() -> None:
    text = fixed("from python:3.12-slim-bookworm\nrun apt-get install -y gcc\nrun pip install six\n")
    assert text.startswith("from python:3.12-slim-bookworm as builder\n")


def test_line_ends_are_the_files_own() -> None:
    text = fixed((SLIM + TOOLS + "RUN pip install six\n").replace("\n", "\r\n"))
    assert "\n" not in text.replace("\r\n", "")


def test_a_file_without_final_line_break() -> None:
    assert fixed(SLIM + TOOLS + "RUN pip install six").endswith("--find-links=/wheels six")


def test_packages_kept_by_the_user_stay() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc make\nRUN pip install six\n"
    kept = fixed(text, keep=frozenset({text.index("make")}))
    assert "apt-get install -y make" in final(kept)


def test_a_tool_that_came_with_what_goes_is_kept_by_name() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y build-essential\nRUN pip install six\nCMD make serve\n"
    assert "apt-get install -y make" in final(fixed(text))


def test_from_a_variable_that_names_more() -> None:
    text = SLIM + 'ENV P="gcc curl"\nRUN apt-get update && apt-get install -y $P\nRUN pip install six\n'
    assert "apt-get install -y curl" in final(fixed(text))


def test_a_full_base_becomes_slim_and_keeps_what_the_file_calls() -> None:
    text = (
        "FROM python:3.12-bookworm\nRUN pip install six\nHEALTHCHECK CMD curl -f http://localhost/\nCMD python -m app\n"
    )
    result = fixed(text)
    assert "FROM python:3.12-slim-bookworm\n" in result
    assert "--no-install-recommends curl" in final(result)


def test_a_tool_that_a_later_run_calls_is_no_leftover() -> None:
    text = SLIM + "RUN apt-get install -y patch\nRUN pip install six\nRUN patch -p1 < /x.patch\n"
    assert answer(text) is None


def test_a_tag_inside_a_variable_is_not_ours_to_change() -> None:
    found = answer("ARG BASE=python:3.12\nFROM ${BASE}\nRUN pip install six\n")
    assert isinstance(found, Refused)
    assert "comes whole from a variable" in found.reason


def test_a_floating_tag_is_pinned_where_names_differ() -> None:
    text = "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y g++ unixodbc-dev\nRUN pip install pyodbc\n"
    pinned = fixed(text)
    assert pinned.count("python:3.12-slim-") == 2
    fix = answer(text, pin_release=False)
    assert proof(fix, "same base in both stages") is Proof.OPEN
    fix = answer("ARG BASE=python:3.12-slim\n" + text.replace("python:3.12-slim", "$BASE", 1))
    assert proof(fix, "same base in both stages") is Proof.OPEN


def test_a_floating_full_tag_is_pinned_where_names_differ() -> None:
    text = fixed("FROM python:3.12\nRUN pip install python-magic==0.4.27\n")
    assert "FROM python:3.12-trixie AS builder\n" in text
    assert "FROM python:3.12-slim-trixie\n" in text
    assert "libmagic1t64" in text
    text = fixed("FROM python:3.12\nRUN pip install psycopg2==2.9.10\n")
    assert "libpq5" in text
    assert "FROM python:3.12-slim\n" in text


def test_each_install_has_a_folder_of_its_own() -> None:
    text = fixed(SLIM + TOOLS + "RUN pip install six\nRUN pip install attrs\n")
    assert "--wheel-dir=/wheels/1 six" in text
    assert "--wheel-dir=/wheels/2 --find-links=/wheels/1 attrs" in text


def test_the_same_install_in_two_branches_shares_one_folder() -> None:
    text = SLIM + TOOLS + 'ARG X\nRUN if [ -n "$X" ]; then X=1 pip install six; else pip install six; fi\n'
    assert fixed(text).count("--wheel-dir=/wheels six") == 2


def test_uv_hands_over_its_environment() -> None:
    text = fixed(
        SLIM
        + TOOLS
        + 'WORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --frozen\nCOPY . .\nCMD ["uv", "run", "x"]\n'
    )
    assert "COPY --from=builder /app/.venv /app/.venv\n" in final(text)
    assert "uv sync" not in final(text)


def test_an_editable_install_hands_over_the_packages_of_the_interpreter() -> None:
    text = fixed(SLIM + TOOLS + "WORKDIR /app\nCOPY . .\nRUN pip install -e .\n")
    assert "COPY --from=builder /usr/local/lib/python3.12/site-packages" in final(text)
    assert "COPY . ." in final(text)


@pytest.mark.parametrize(
    ("rest", "why"),
    [
        ('RUN pip install six\nCMD ["gcc", "x.c"]\n', "compiles"),
        ("RUN pip install six\nRUN make install\n", "compiles"),
        ("RUN pip install six\nRUN npm rebuild\n", "which may compile"),
        ("RUN pip install six\nONBUILD RUN pip install x\n", "ONBUILD"),
        ("RUN pip install notebook\nCMD jupyter notebook --allow-root\n", "notebook"),
        ('RUN ["pip", "install", "six"]\n', "JSON form"),
        ("RUN pip install pytensor\n", "compiles at run time"),
        ("CMD python\n", "no Python package is installed"),
        ("RUN pip install 'six\n", "could not be read"),
        ("RUN apt-get install -y make || echo no\nRUN pip install six\n", "`||`"),
    ],
)
def test_refusals_say_why(rest: str, why: str) -> None:
    found = answer(SLIM + TOOLS + rest)
    assert isinstance(found, Refused), found
    assert why in found.reason
    assert found.span is not None


def test_poetry_arrives_before_it_is_called() -> None:
    text = fixed(
        SLIM
        + TOOLS
        + "RUN pip install poetry\nCOPY pyproject.toml poetry.lock ./\n"
        + "RUN poetry config virtualenvs.create false\nRUN poetry install\nCMD python -m app\n"
    )
    shipped = final(text)
    assert shipped.index("COPY --from=builder /usr/local/bin") < shipped.index("poetry config")
    assert "poetry install" not in shipped


def test_a_stage_on_top_that_installs_is_rewritten_with_the_one_below() -> None:
    base = "FROM python:3.12-slim-bookworm AS base\n" + TOOLS + "RUN pip install six\n"
    text = fixed(base + "FROM base\nRUN pip install cffi\n")
    assert text.count("pip wheel") == 2
    assert "gcc" not in text[text.index("\nFROM ", 1) :]
    beside = read(parse(base + "FROM base AS test\nRUN pip install cffi\n"), target="base")
    assert proof(rewrite(beside.final_stage), "no build tool used after the install") is Proof.OPEN


def test_tools_of_a_base_stage_and_the_installs_on_top_of_it() -> None:
    base = SLIM.rstrip() + " AS base\nRUN apt-get update && apt-get install -y gcc libpq-dev\n\n"
    text = base + 'FROM base\nCOPY r.txt .\nRUN pip install -r r.txt\nCMD ["python"]\n'
    new = fixed(text)
    builder, below, shipped = new.split("\nFROM ")
    assert "pip wheel --wheel-dir=/wheels -r r.txt" in builder
    assert "install -y libgomp1 libpq5" in below
    assert "RUN " + MOUNT in shipped
    findings = {id(answer(text))}
    assert len(findings) == 1


@pytest.mark.parametrize(
    ("below", "between", "on_top", "why"),
    [
        ("ARG X=1\n", "", "RUN pip install six==$X\n", "ARG X ends with its stage"),
        ("ARG PIP_INDEX_URL=x\n", "", "RUN pip install six\n", "ARG PIP_INDEX_URL ends with its stage"),
        ("", "FROM scratch AS files\n", "COPY --from=files /x /x\nRUN pip install /x\n", "in front of stage files"),
    ],
)
def test_stages_that_cannot_be_joined(below: str, between: str, on_top: str, why: str) -> None:
    found = answer(SLIM.rstrip() + " AS base\n" + below + TOOLS + between + "FROM base\n" + on_top)
    assert isinstance(found, Refused), found
    assert why in found.reason


def test_settings_made_by_a_run_go_along() -> None:
    text = fixed(SLIM + TOOLS + "RUN mkdir -p /root/.pip && echo x > /root/.pip/pip.conf\nRUN pip install six\n")
    assert text.count("/root/.pip/pip.conf") == 2


def test_sources_switched_off_stay_off() -> None:
    text = fixed(SLIM + "RUN rm -f /etc/apt/sources.list.d/*.sources\n" + TOOLS + "RUN pip install six\n")
    assert text.count("rm -f /etc/apt/sources.list.d") == 2


def test_hardly_anything_to_save_is_no_reason_for_a_stage() -> None:
    found = answer(SLIM + "RUN apt-get install -y --no-install-recommends make\nRUN pip install six\n")
    assert isinstance(found, Refused)
    assert "not worth" in found.reason


def test_a_development_image_keeps_its_tools() -> None:
    found = answer("FROM python:3.12 AS dev\nRUN pip install six\n")
    assert isinstance(found, Refused)
    assert "development image" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        SLIM + "RUN pip install six\n",
        SLIM + "RUN apt-get install -y gcc && pip install six && apt-get purge -y gcc\n",
        "FROM python:3.12 AS builder\nRUN pip wheel -w /w six\n" + SLIM + "RUN pip install /w/*.whl\n",
        "FROM scratch\nCOPY a /\n",
        "FROM node:20\nRUN npm install\n",
    ],
)
def test_left_alone(text: str) -> None:
    assert answer(text) is None


def proof(fix: Fix | Refused | None, name: str) -> Proof:
    assert isinstance(fix, Fix), fix
    return next(each.proof for each in fix.obligations if each.name == name)


def test_requirements_that_cannot_be_read_make_it_unsafe_and_by_path(tmp_path: Path) -> None:
    text = SLIM + TOOLS + "COPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    fix = answer(text, tmp_path)
    assert proof(fix, "requirements readable") is Proof.OPEN
    assert isinstance(fix, Fix)
    assert fix.safety is Safety.UNSAFE
    assert "/wheels/*.whl" in apply_edits(text, fix.edits)


def test_requirements_that_nothing_copies(tmp_path: Path) -> None:
    fix = answer(SLIM + TOOLS + "RUN pip install -r requirements.txt\n", tmp_path)
    assert proof(fix, "files of the install copied") is Proof.OPEN


def test_packages_from_an_unknown_variable_are_handed_over_unproven() -> None:
    assert proof(answer(SLIM + TOOLS + "RUN pip install $UNKNOWN\n"), "requirements readable") is Proof.OPEN


def test_a_script_that_cannot_be_read(tmp_path: Path) -> None:
    fix = answer(SLIM + TOOLS + 'RUN pip install six\nCMD ["/start.sh"]\n', tmp_path)
    assert proof(fix, "no build tool used after the install") is Proof.OPEN


def test_a_script_that_is_read(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text("#!/bin/sh\nexec python -m app\n")
    text = SLIM + TOOLS + 'RUN pip install six\nCOPY start.sh /start.sh\nCMD ["/start.sh"]\n'
    assert proof(answer(text, tmp_path), "no build tool used after the install") is Proof.PROVEN
    (tmp_path / "start.sh").write_text("#!/bin/sh\ncd /src && make && exec python -m app\ngcc x.c\n")
    assert isinstance(answer(text, tmp_path), Refused)


@pytest.mark.parametrize("run", ["chmod +x /start.sh", "dos2unix /start.sh", "sed -i 's/\\r$//' /start.sh"])
def test_a_script_made_executable_is_still_read(run: str, tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text("#!/bin/sh\nexec python -m app\n")
    text = SLIM + TOOLS + f'RUN pip install six\nCOPY start.sh /start.sh\nRUN {run}\nCMD ["/start.sh"]\n'
    fix = answer(text.replace("install -y gcc", "install -y gcc dos2unix"), tmp_path)
    assert proof(fix, "no build tool used after the install") is Proof.PROVEN


def test_only_the_files_read_are_copied(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r deep/base.txt\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "base.txt").write_text("six\n")
    text = fixed(SLIM + TOOLS + "WORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n", tmp_path)
    builder = text[: text.rindex("\nFROM ")]
    assert "COPY requirements.txt ./\nCOPY deep/base.txt /app/deep/\n" in builder
    assert "COPY . ." not in builder


def test_lists_that_a_later_install_needs_stay() -> None:
    text = SLIM + TOOLS + "RUN apt-get install -y curl\nRUN pip install six\n"
    assert "RUN apt-get update\n" in final(fixed(text))
    with_own = SLIM + TOOLS + "RUN apt-get update && apt-get install -y curl\nRUN pip install six\n"
    assert final(fixed(with_own)).count("apt-get update") == 1


def test_autoremove_stays_with_a_removal_that_stays() -> None:
    text = (
        SLIM
        + "RUN apt-get install -y gcc wget && apt-get purge -y wget && apt-get autoremove -y\nRUN pip install six\n"
    )
    assert "apt-get purge -y wget && apt-get autoremove -y" in final(fixed(text))


def test_settings_that_are_copied_go_along() -> None:
    text = fixed(SLIM + TOOLS + "COPY pip.conf /etc/pip.conf\nCOPY app /app\nRUN pip install six\n")
    builder = text[: text.rindex("\nFROM ")]
    assert "COPY pip.conf /etc/pip.conf" in builder
    assert "COPY app" not in builder


def test_a_constraint_from_the_environment_is_read(tmp_path: Path) -> None:
    (tmp_path / "constraints.txt").write_text("six==1.16.0\n")
    text = SLIM + TOOLS + "ENV PIP_CONSTRAINT=/c.txt\nCOPY constraints.txt /c.txt\nRUN pip install six\n"
    assert fixed(text, tmp_path).count("COPY constraints.txt /c.txt") == 2


def test_a_wheel_folder_of_the_files_own_is_not_hidden() -> None:
    text = fixed(SLIM + TOOLS + "COPY wheels /wheels\nRUN pip install --find-links=/wheels six\n")
    assert "target=/wheels-built" in text


def test_building_with_what_was_installed_before_is_handed_over() -> None:
    text = fixed(SLIM + TOOLS + "RUN pip install numpy\nRUN pip install --no-build-isolation cffi\n")
    assert "COPY --from=builder /usr/local/lib/python3.12/site-packages" in text


def test_files_of_development_packages_that_are_named_leave_it_open() -> None:
    text = SLIM + TOOLS + "RUN ln -s /usr/include/x.h /x.h\nRUN pip install six\n"
    assert proof(answer(text), "no build tool used after the install") is Proof.OPEN


def test_a_project_is_installed_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "demo-service"\ndependencies = ["six"]\n')
    text = fixed(SLIM + TOOLS + "WORKDIR /src\nCOPY . .\nRUN pip install .\n", tmp_path)
    assert "pip wheel --wheel-dir=/wheels .\n" in text
    assert "pip install --no-index --find-links=/wheels demo-service\n" in final(text)
    extra = fixed(SLIM + TOOLS + "WORKDIR /src\nCOPY . .\nRUN pip install '.[web]'\n", tmp_path)
    assert 'pip install --no-index --find-links=/wheels "demo-service[web]"\n' in final(extra)


def test_a_purge_in_a_stage_on_top_would_fail() -> None:
    text = (
        "FROM python:3.12-slim-bookworm AS base\n"
        + TOOLS
        + "RUN pip install six\nFROM base\nRUN apt-get purge -y gcc\n"
    )
    found = answer(text)
    assert isinstance(found, Refused)
    assert "removes packages" in found.reason


def test_the_environment_of_a_workspace_lies_at_its_root(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("version = 1\n")
    (tmp_path / "member").mkdir()
    text = SLIM + TOOLS + "WORKDIR /app\nCOPY . .\nWORKDIR /app/member\nRUN uv sync --frozen\n"
    assert "COPY --from=builder /app/.venv /app/.venv\n" in final(fixed(text, tmp_path))


def test_numbers_of_stages_behind_the_new_one_move_on() -> None:
    text = SLIM.rstrip() + " AS app\n" + TOOLS + "RUN pip install six\n\nFROM scratch AS files\nCOPY --from=0 /x /x\n"
    facts = read(parse(text), target="app")
    fix = rewrite(facts.final_stage)
    assert isinstance(fix, Fix)
    assert "COPY --from=1 /x /x\n" in apply_edits(text, fix.edits)


@pytest.mark.parametrize("kind", ["secret,id=netrc", "ssh"])
def test_credentials_stay_in_the_builder(kind: str) -> None:
    text = fixed(SLIM + TOOLS + f"RUN --mount=type={kind} pip install six\n")
    assert f"RUN --mount=type={kind} pip wheel" in text
    assert kind not in final(text)


def test_a_secret_that_something_else_reads_stays() -> None:
    text = fixed(SLIM + TOOLS + "RUN --mount=type=secret,id=a pip install six && cat /run/secrets/a > /b\n")
    assert "type=secret" in final(text)


def test_lists_are_not_fetched_for_nothing() -> None:
    text = fixed(SLIM + "RUN apt-get update\nRUN apt-get install -y gcc\nRUN pip install six\nRUN apt-get clean\n")
    assert "apt-get" not in final(text)
