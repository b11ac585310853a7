from __future__ import annotations

from collections.abc import Callable

from dockslim.verify.compare import compare, from_bases, problems_of
from dockslim.verify.results import (
    Complaint,
    Config,
    Image,
    ImportFailure,
    MissingLibrary,
    Script,
    Smoke,
    Verification,
)

Make = Callable[..., Image]
LOST = MissingLibrary("libodbc.so.2", "/site-packages/pyodbc.so")


def kinds(complaints: tuple[Complaint, ...]) -> list[str]:
    return [complaint.kind for complaint in complaints]


def test_equal_images_have_nothing_to_say(make_image: Make) -> None:
    assert compare(make_image(), make_image(size=100)) == ((), ())


def test_what_only_the_new_form_lacks_is_a_regression(make_image: Make) -> None:
    after = make_image(
        missing_libraries=(LOST,), import_failures=(ImportFailure("pyodbc", "pyodbc", "ImportError: x"),)
    )
    regressions, problems = compare(make_image(), after)
    assert kinds(regressions) == ["library", "import"]
    assert problems == ()


def test_what_failed_before_too_is_a_problem_even_if_the_words_differ(make_image: Make) -> None:
    before = make_image(
        missing_libraries=(MissingLibrary("libodbc.so.2", "/venv/pyodbc.so"),),
        import_failures=(ImportFailure("pyodbc", "pyodbc", "ImportError: /venv/x"),),
    )
    after = make_image(
        missing_libraries=(LOST,), import_failures=(ImportFailure("pyodbc", "pyodbc", "ImportError: y"),)
    )
    regressions, problems = compare(before, after)
    assert regressions == ()
    assert kinds(problems) == ["library", "import"]


def test_a_library_is_told_once_for_all_its_binaries(make_image: Make) -> None:
    image = make_image(missing_libraries=(LOST, MissingLibrary("libodbc.so.2", "/b.so")))
    (told,) = problems_of(image)
    assert told.what == "libodbc.so.2 is missing: needed by /site-packages/pyodbc.so and 1 more"


def test_a_symbol_version_is_told_as_such(make_image: Make) -> None:
    (told,) = problems_of(
        make_image(missing_libraries=(MissingLibrary("libc.so.6", "/b.so", "has no version GLIBC_2.38"),))
    )
    assert told.what == "libc.so.6 has no version GLIBC_2.38: needed by /b.so"


def test_distributions_must_stay_with_their_versions(make_image: Make) -> None:
    before = make_image(distributions=(("pyodbc", "5.1.0"), ("Flask_Login", "0.6"), ("six", "1.15")))
    after = make_image(distributions=(("flask-login", "0.6"), ("six", "1.17"), ("extra", "1")))
    regressions, _ = compare(before, after)
    assert [complaint.what for complaint in regressions] == [
        "pyodbc 5.1.0 is no longer installed",
        "six changed from 1.15 to 1.17",
    ]


def test_every_part_of_the_configuration_counts(make_image: Make) -> None:
    before = Config(command=("python", "a.py"), env={"A": "1", "PATH": "/x"}, workdir="/app", healthcheck=("CMD", "x"))
    after = Config(command=("python", "a.py"), env={"PATH": "/x", "B": "2"}, workdir="/", user="app")
    regressions, _ = compare(make_image(config=before), make_image(config=after))
    assert [complaint.what for complaint in regressions] == [
        "user: (none) became 'app'",
        "env A: '1' became (none)",
        "env B: (none) became '2'",
        "workdir: '/app' became '/'",
        "healthcheck: ['CMD', 'x'] became (none)",
    ]


def test_what_only_the_bases_differ_in_is_no_regression(make_image: Make) -> None:
    before = make_image(config=Config(env={"NV_X": "1", "PATH": "/a", "OWN": "1"}, labels={"vendor": "x"}))
    after = make_image(config=Config(env={"PATH": "/b", "OWN": "2"}))
    inherited = from_bases(before, after, {"OWN"})
    assert [complaint.what.split(":")[0] for complaint in inherited] == ["env NV_X", "labels vendor"]
    regressions, _ = compare(before, after, inherited)
    assert [complaint.what.split(":")[0] for complaint in regressions] == ["env OWN", "env PATH"]


def test_scripts_setuid_and_writable_paths(make_image: Make) -> None:
    before = make_image(scripts=(Script("flask", "/bin/flask"), Script("gone", "/bin/gone")), uid=7, writable=("/app",))
    after = make_image(scripts=(Script("flask", "/bin/flask", "is not there"),), setuid=("/bin/su",), uid=7)
    assert kinds(compare(before, after)[0]) == ["script", "script", "setuid", "writable"]


def test_another_user_is_told(make_image: Make) -> None:
    assert kinds(compare(make_image(uid=0), make_image(uid=5))[0]) == ["user"]


def test_an_image_that_grew_is_a_regression(make_image: Make) -> None:
    assert kinds(compare(make_image(size=100), make_image(size=120))[0]) == ["size"]
    assert compare(make_image(size=1000), make_image(size=1005))[0] == ()


def test_the_smoke_command_must_do_as_well_as_before(make_image: Make) -> None:
    good, bad = Smoke(0, "", 1.0), Smoke(1, "Traceback\nKeyError: 'x'\n", 1.0)
    regressions, _ = compare(make_image(smoke=good), make_image(smoke=bad))
    assert [complaint.what for complaint in regressions] == ["the smoke command ended with 1: KeyError: 'x'"]
    assert kinds(compare(make_image(smoke=bad), make_image(smoke=bad))[1]) == ["smoke"]
    assert compare(make_image(smoke=bad), make_image(smoke=good)) == ((), ())


def test_exit_codes(make_image: Make) -> None:
    complaint = (Complaint("import", "x"),)
    image = make_image()
    assert Verification("D", "docker", image, image).exit_code == 0
    assert Verification("D", "docker", image, image, problems=complaint).exit_code == 0
    assert Verification("D", "docker", image, image, regressions=complaint).exit_code == 1
    assert Verification("D", "docker", None, image, problems=complaint).exit_code == 1


def test_packages_gone_added_kept(make_image: Make) -> None:
    result = Verification("D", "docker", make_image(packages=("a", "b", "c")), make_image(packages=("c", "d")))
    assert [package.name for package in result.packages_gone] == ["a", "b"]
    assert [package.name for package in result.packages_added] == ["d"]
    assert result.packages_kept == 1
