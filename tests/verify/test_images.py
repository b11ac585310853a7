"""Real engines, real images: the lab's, or the machine's own where it has the base image."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from dockslim.engine.fixer import fix
from dockslim.engine.session import Session
from dockslim.rewrite.edits import Proof, Safety
from dockslim.verify import Options, complete, verified_fix, verify
from dockslim.verify.bench import Bench
from dockslim.verify.dockerfile import Written
from dockslim.verify.engines import Engine
from dockslim.verify.faults import Fault
from dockslim.verify.rewriting import rewritten

pytestmark = pytest.mark.image

Run = Callable[..., Result]
SLIM = "FROM python:3.11-slim-bookworm\n"
HOST = Options(network="host")


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder / "Dockerfile"


def test_the_published_recipe_is_found_broken(run: Run, docker: Engine, blog: Path) -> None:
    result = run(
        "verify", blog / "Dockerfile", "--against", blog / "two-stage.Dockerfile", "--engine", "docker",
        "--network", "host", "--output-format", "json", "--quiet",
    )  # fmt: skip
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)
    assert 430_000_000 < found["before"]["size"] < 480_000_000
    assert 130_000_000 < found["after"]["size"] < 160_000_000
    assert len(found["packages_gone"]) > 50
    assert "gcc-12" in found["packages_gone"]
    assert found["before"]["import_failures"] == []
    assert [each["module"] for each in found["after"]["import_failures"]] == ["pyodbc"]
    assert [each["library"] for each in found["after"]["missing_libraries"]] == ["libodbc.so.2"]
    assert found["before"]["config"] == found["after"]["config"]
    assert [each["kind"] for each in found["regressions"]] == ["library", "import"]
    for regression in found["regressions"]:
        assert regression["fix"]["package"] == "libodbc2"
        assert regression["fix"]["line"] == 12
        assert regression["fix"]["text"].startswith("RUN apt-get update && apt-get install")
    assert [layer["line"] for layer in found["before"]["layers"] if layer["size"] > 1_000_000] == [None, 2, 5]


def test_the_loop_mends_the_published_recipe(docker: Engine, blog: Path) -> None:
    path, two = blog / "Dockerfile", (blog / "two-stage.Dockerfile").read_bytes()
    # What nothing links to goes again; curl has a program and stays.
    crowded = two.replace(b"\nFROM base\n", b"\nFROM base\nRUN apt-get update && apt-get install -y curl libpq5\n")
    done = complete(path, path.read_bytes(), crowded, options=HOST, engine=docker)
    assert done.added == ("libodbc2",)
    assert done.dropped == ("libpq5",)
    assert done.proven
    assert b"apt-get install -y curl libodbc2\n" in done.data
    assert done.verification.after.look.import_failures == ()
    assert path.read_bytes() == (blog / "Dockerfile").read_bytes()


def test_the_loop_finds_what_dockslim_does_not_know(
    docker: Engine, blog: Path, forget_runtime: Callable[[str, tuple[str, ...] | None], None]
) -> None:
    forget_runtime("unixodbc-dev", ())
    path = blog / "Dockerfile"
    rewrite = rewritten(path, HOST)
    assert rewrite.rewrite == "done"
    assert b"libodbc2" not in rewrite.data
    done = complete(path, path.read_bytes(), rewrite.data, options=HOST, engine=docker)
    assert done.added == ("libodbc2",)
    assert done.proven
    assert done.verification.before is not None
    assert done.verification.after.size < 0.4 * done.verification.before.size


def test_fix_writes_what_was_proven(
    docker: Engine, blog: Path, forget_runtime: Callable[[str, tuple[str, ...] | None], None]
) -> None:
    forget_runtime("unixodbc-dev", None)
    (work,) = Session([blog / "Dockerfile"]).works()
    unproven = fix(work.data, work.path, work.reader, work.linter, unsafe=True)
    assert (unproven.rewrite, unproven.safety) == ("done", Safety.UNSAFE), unproven.reasons
    result = verified_fix(work, options=HOST, engine=docker)
    assert (result.rewrite, result.safety, result.changed) == ("done", Safety.SAFE, True)
    assert {each.proof for each in result.obligations} == {Proof.PROVEN}
    note = next(each for each in result.notes if each.what == "libodbc2")
    assert note.why == "pyodbc.cpython-311-x86_64-linux-gnu.so links to libodbc.so.2"
    assert "libodbc2" in result.text
    assert "gcc" not in result.text.rpartition("FROM ")[2]
    # And a rewrite whose image fails is not written, however safe it looked.
    smoke = Options(network="host", smoke="command -v gcc")
    refused = verified_fix(work, options=smoke, engine=docker)
    assert refused.rewrite == "refused"
    assert refused.text.count("FROM ") == 1  # other safe fixes are still made
    assert "the smoke command ended with" in refused.withheld[-1].message


def test_the_loop_needs_no_knowledge_at_all(docker: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dockslim import knowledge

    try:
        docker.inspect("python:3.11-bookworm")
    except Fault:
        pytest.skip("the full base image is not in the engine's store")
    monkeypatch.setattr(knowledge, "python_needs", lambda project, release: knowledge.Needs(False))
    install = "WORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    path = written(
        tmp_path / "case",
        Dockerfile="FROM python:3.11-bookworm\n" + install,
        requirements_txt="GitPython==3.1.43\npython-magic==0.4.27\npsycopg2==2.9.9\nnumpy==1.26.4\n",
    )
    rewrite = rewritten(path, HOST)
    assert rewrite.rewrite == "done"
    assert b"apt-get" not in rewrite.data
    done = complete(path, path.read_bytes(), rewrite.data, options=HOST, engine=docker)
    # A program that an import calls, a library that ctypes opens, and one that a binary links to.
    assert done.added == ("git", "libmagic1", "libpq5")
    assert done.proven
    assert done.verification.problems == ()
    assert b"--no-install-recommends git libmagic1 libpq5 &&" in done.data


APT = "RUN apt-get update && apt-get install -y {} && rm -rf /var/lib/apt/lists/*\n"
MAGIC = SLIM + APT + "RUN pip install python-magic\n"


def test_a_library_that_only_ctypes_loads_is_named(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=MAGIC.format("libmagic1"))
    other = tmp_path / "case" / "other.Dockerfile"
    other.write_text(SLIM + "RUN pip install python-magic\n")
    found = verify(path, against=other, options=HOST, engine=engine)
    (regression,) = [each for each in found.regressions if each.kind == "import"]
    assert regression.what.startswith("import magic fails (python-magic): ImportError: failed to find libmagic")
    assert regression.fix is not None
    assert regression.fix.package == "libmagic1"
    assert found.before is not None
    assert sum(layer.size for layer in found.before.layers) == found.before.size
    assert [layer.line for layer in found.before.layers if layer.size > 100_000][:2] == [None, 2]
    assert {"libmagic1", "libmagic-mgc"} <= {package.name for package in found.packages_gone}


def test_a_program_that_an_import_calls_is_named(docker: Engine, tmp_path: Path) -> None:
    git = "RUN apt-get update && apt-get install -y --no-install-recommends git\nRUN pip install GitPython\n"
    path = written(tmp_path / "case", Dockerfile=SLIM + git)
    other = tmp_path / "case" / "other.Dockerfile"
    other.write_text(SLIM + "RUN pip install GitPython\n")
    found = verify(path, against=other, options=HOST, engine=docker)
    regression = next(each for each in found.regressions if each.kind == "import")
    assert regression.fix is not None
    assert regression.fix.package == "git"


INSIDE = """\
FROM python:3.11-slim-bookworm
RUN useradd --uid 4321 app && python -m venv --without-pip /srv/env && mkdir /srv/data && chown app /srv/data
RUN S=/srv/env/lib/python3.11/site-packages && mkdir $S/demo-1.dist-info && cd $S \\
 && printf 'Name: demo\\nVersion: 1\\n' > demo-1.dist-info/METADATA \\
 && printf 'demo\\n' > demo-1.dist-info/top_level.txt \\
 && printf '[console_scripts]\\ndemo = demo:main\\n' > demo-1.dist-info/entry_points.txt && echo 'x = 1' > demo.py \\
 && printf '#!/srv/env/bin/python\\n' > /srv/env/bin/demo && chmod +x /srv/env/bin/demo
ENV APP=1
EXPOSE 80
LABEL kind=test
HEALTHCHECK --interval=5s CMD true
STOPSIGNAL SIGINT
WORKDIR /srv
USER app
ENTRYPOINT ["/srv/env/bin/python"]
CMD ["-m", "demo"]
"""


def test_everything_of_an_image_is_seen(docker: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=INSIDE)
    other = path.with_name("other.Dockerfile")
    changed = INSIDE.replace("#!/srv/env/bin/python", "#!/srv/gone/python").replace("USER app", "USER root")
    other.write_text(changed.replace("ENV APP=1", "ENV APP=2").replace("echo 'x = 1'", "echo 'import nonsuch'"))
    found = verify(path, against=other, options=HOST, engine=docker)
    before = found.before
    assert before is not None
    assert (before.look.uid, before.look.user) == (4321, "app")
    assert "/srv/data" in before.look.writable
    assert "/usr/bin/passwd" in before.look.setuid
    assert [(each.name, each.version) for each in before.look.distributions if each.name == "demo"] == [("demo", "1")]
    assert before.config.healthcheck == ("CMD-SHELL", "true", "Interval=5000000000")
    assert before.config.labels["kind"] == "test"
    assert "dockslim.verify" not in before.config.labels
    assert sorted(each.what for each in found.regressions) == [
        "console script demo its interpreter /srv/gone/python is not there",
        "env APP: '1' became '2'",
        "import demo fails (demo): ModuleNotFoundError: No module named 'nonsuch'",
        "the image ran as user 4321 and runs as 0",
        "user: 'app' became 'root'",
    ]


def test_images_without_python_or_anything(docker: Engine, tmp_path: Path) -> None:
    gone = SLIM + "RUN rm -rf /usr/local/bin /usr/local/lib\n"
    path = written(tmp_path / "case", Dockerfile=gone, hello_txt="hi")
    found = verify(path, against=path, options=HOST, engine=docker)
    assert found.after.look.how == "sh"
    assert any(package.name == "libc6" for package in found.after.look.packages)
    assert found.notes == ("the image has no Python: packages were listed, nothing was imported",)
    path.write_text("FROM scratch\nCOPY hello.txt /\n")
    found = verify(path, against=path, options=HOST, engine=docker)
    assert (found.after.look.how, found.after.size) == ("", 2)
    assert "neither Python nor a shell" in found.notes[0]


def test_the_smoke_command_runs_in_both(docker: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=SLIM + "RUN echo yes > /answer\n")
    other = path.with_name("other.Dockerfile")
    other.write_text(SLIM)
    found = verify(path, against=other, options=Options(network="host", smoke="grep yes /answer"), engine=docker)
    assert found.before is not None
    assert found.before.smoke is not None
    assert (found.before.smoke.passed, found.before.smoke.output) == (True, "yes")
    assert [each.kind for each in found.regressions] == ["smoke"]


def test_a_smoke_command_that_hangs_is_a_fault(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=SLIM)
    options = Options(smoke="echo started; sleep 600", timeout=3, network="host")
    with pytest.raises(Fault, match=r"the smoke command did not end within 3 s in the original") as caught:
        verify(path, against=path, options=options, engine=engine)
    assert (caught.value.kind, caught.value.details) == ("timeout", "started")


def test_builds_that_fail_say_whose_fault_it_is(engine: Engine, tmp_path: Path) -> None:
    good, bad = SLIM, SLIM + "RUN echo almost && nonsuch-command --now\n"
    path = written(tmp_path / "case", Dockerfile=bad)
    with pytest.raises(Fault, match="the original does not build, before dockslim changed anything") as caught:
        verify(path, against=path, options=HOST, engine=engine)
    assert caught.value.kind == "build-failed"
    assert "nonsuch-command --now" in caught.value.message
    assert "nonsuch-command: not found" in caught.value.details
    other = path.with_name("other.Dockerfile")
    other.write_text(bad)
    path.write_text(good)
    with pytest.raises(Fault, match="the other file does not build, and the original does"):
        verify(path, against=other, options=HOST, engine=engine)


def test_a_base_that_cannot_be_pulled_is_named(engine: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile="FROM registry.invalid/nonsuch/base:1\n")
    with pytest.raises(Fault, match=r"registry\.invalid/nonsuch/base:1 cannot be pulled") as caught:
        verify(path, against=path, options=HOST, engine=engine)
    assert caught.value.kind == "base-unavailable"


def test_a_build_that_takes_too_long_is_stopped(docker: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=SLIM + "RUN sleep 300\n")
    with pytest.raises(Fault, match="the build did not end within 3 s"):
        verify(path, against=path, options=Options(network="host", build_timeout=3), engine=docker)


def test_many_files_end_in_one_table(run: Run, docker: Engine, tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / name, Dockerfile=SLIM + f"RUN echo {name} > /x\n")
    written(tmp_path / "three", Dockerfile=SLIM + "RUN false\n")
    result = run("verify", tmp_path, "--jobs", "2", "--engine", "docker", "--network", "host")
    assert result.exit_code == 2
    table = result.stdout.splitlines()[-3:]
    assert [line.split()[0].rsplit("/", 2)[1] for line in table] == ["one", "three", "two"]
    assert "not verified" in table[1]


def test_kept_images_are_kept(run: Run, docker: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=SLIM + "RUN echo kept > /x\n")
    result = run(
        "verify", path, "--keep", "--engine", "docker", "--network", "host", "--output-format", "json", "--quiet"
    )
    tag = json.loads(result.stdout)["after"]["image"]
    assert docker.inspect(tag).size > 100_000_000
    docker.remove(tag)


def test_a_report_attributes_vulnerabilities(run: Run, docker: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=MAGIC.format("libmagic1 bc"))
    path.with_name("other.Dockerfile").write_text(MAGIC.format("libmagic1"))
    matches = [
        {"vulnerability": {"id": f"CVE-{name}", "severity": "High"}, "artifact": {"name": name, "version": "1"}}
        for name in ("bc", "libmagic1", "python-magic", "libc6", "nonsuch")
    ]
    report = tmp_path / "grype.json"
    report.write_text(json.dumps({"matches": matches, "descriptor": {"name": "grype", "version": "0.79.0"}}))
    result = run(
        "verify", path, "--against", path.with_name("other.Dockerfile"), "--scan", report, "--engine", "docker",
        "--network", "host", "--output-format", "json", "--quiet",
    )  # fmt: skip
    found = json.loads(result.stdout)["vulnerabilities"]
    brought = {each["package"]: (each["line"], each["removed"]) for each in found["before"]["vulnerabilities"]}
    assert brought == {
        "bc": (2, True),
        "libmagic1": (2, False),
        "python-magic": (3, False),
        "libc6": (1, False),
        "nonsuch": (None, True),
    }
    assert (found["before"]["counts"], found["after"]["counts"]) == ({"high": 5}, {"high": 3})


@pytest.mark.parametrize("scanner", ["trivy", "grype"])
def test_a_scanner_on_path_is_run_on_both(
    run: Run, docker: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scanner: str
) -> None:
    fake = tmp_path / "bin" / scanner
    fake.parent.mkdir()
    empty = {"trivy": {"SchemaVersion": 2, "Results": []}, "grype": {"matches": [], "descriptor": {"name": "grype"}}}
    fake.write_text(
        f"#!/bin/sh\nfor w; do case $w in */report.json) r=$w;; *image.tar) i=${{w#docker-archive:}};; esac; done\n"
        f"test -s $i && echo '{json.dumps(empty[scanner])}' > $r\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{shutil.os.environ['PATH']}")
    path = written(tmp_path / "case", Dockerfile=SLIM)
    result = run("verify", path, "--scan", scanner, "--engine", "docker", "--output-format", "json", "--quiet")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["vulnerabilities"]["after"] == {
        "source": scanner, "total": 0, "counts": {}, "removed": 0, "vulnerabilities": [],
    }  # fmt: skip


def test_progress_is_plain_lines_where_there_is_no_terminal(run: Run, docker: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=SLIM + "RUN echo hello > /x\n")
    result = run("verify", path, "--engine", "docker", "--network", "host")
    assert re.search(r"\[ +\d+\.\d+s\] .*: building the original", result.stderr)
    assert "RUN echo hello > /x" in result.stderr
    assert "\x1b" not in result.output


def test_podman_builds_and_weighs(podman: Engine, tmp_path: Path) -> None:
    path = written(tmp_path / "case", Dockerfile=SLIM + 'RUN dd if=/dev/zero of=/x bs=1000 count=3000\nCMD ["x"]\n')
    with Bench(podman, path, HOST) as bench:
        tag = bench.build("original", Written(path.read_bytes(), path))
        inspection = podman.inspect(tag)
        layers = Written(path.read_bytes(), path).attribute(inspection.layers)
        assert [(layer.line, layer.size) for layer in layers if layer.line] == [(2, 3_000_000), (3, 0)]
        assert inspection.config.command == ("x",)
        # Where it may run containers it looks inside, and where it may not it says so.
        try:
            how = bench.form("original", path.read_bytes()).image.look.how
        except Fault as fault:
            how = fault.kind
        assert how in ("python", "cannot-run")
