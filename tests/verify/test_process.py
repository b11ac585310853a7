from __future__ import annotations

import sys
import threading
import time

import pytest

from dockslim.verify.faults import Fault, Interrupted
from dockslim.verify.process import Cancel, TimedOutError, run, stream


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_both_outputs_and_the_exit_code_come_back() -> None:
    ran = run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert (ran.exit_code, ran.stdout, ran.stderr) == (3, "out", "err")


def test_standard_input_is_given() -> None:
    assert run(python("import sys; print(sys.stdin.read().upper())"), stdin=b"abc").stdout == "ABC"


def test_lines_come_while_the_command_runs() -> None:
    lines: list[tuple[float, str]] = []
    run(
        python("import time; print('one', flush=True); time.sleep(0.5); print('two')"),
        on_line=lambda line: lines.append((time.monotonic(), line)),
    )
    assert [line for _, line in lines] == ["one", "two"]
    assert lines[1][0] - lines[0][0] > 0.2


def test_a_command_that_hangs_is_killed_with_its_children() -> None:
    code = "import subprocess,sys; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); p.wait()"
    started = time.monotonic()
    with pytest.raises(TimedOutError) as caught:
        run(python(code), timeout=1)
    assert time.monotonic() - started < 10
    child = caught.value.output.strip()
    assert run(["ps", "-o", "stat=", "-p", child]).stdout.strip()[:1] in ("", "Z")


def test_cancelling_from_another_thread_ends_it() -> None:
    cancel = Cancel()
    threading.Timer(0.3, cancel.set).start()
    started = time.monotonic()
    with pytest.raises(Interrupted):
        run(["sleep", "60"], cancel=cancel)
    assert time.monotonic() - started < 10


def test_bytes_that_are_no_text_do_not_stop_it() -> None:
    assert run(python("import sys; sys.stdout.buffer.write(bytes([255, 65]))")).stdout == "\ufffdA"


def test_a_stream_that_fails_says_so() -> None:
    code = "import sys; print('x'); print('bad disk', file=sys.stderr); sys.exit(1)"
    with pytest.raises(Fault) as caught, stream(python(code)) as pipe:
        assert pipe.read() == b"x\n"
    assert caught.value.details == "bad disk"
