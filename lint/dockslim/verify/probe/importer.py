"""Runs inside an image: import modules one by one, each in a forked process of its own.

Argument 1: a Python literal ``{"modules": [...], "paths": [...], "timeout": seconds}``.  Prints one literal for each
module: ``(module, error or None, [shared libraries mapped by the import])``.  It imports as little as it can, because
what it has imported is there for every module that forgot to.
"""

import os
import select
import signal
import sys
import time


def mapped() -> "set[str]":
    """Return the shared libraries in this process's memory."""
    found = set()
    try:
        with open("/proc/self/maps", "rb") as maps:
            for line in maps:
                path = line.split(None, 5)[-1].strip().decode("utf-8", "replace")
                if path.startswith("/") and ".so" in path:
                    found.add(path)
    except OSError:
        pass
    return found


def attempt(module: str, write_end: int) -> None:
    """In the child: import, then tell over the pipe; never returns."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    baseline = mapped()
    try:
        __import__(module)
        answer = repr((None, sorted(mapped() - baseline)))
    except BaseException as error:
        text = "%s: %s" % (type(error).__name__, " ".join(str(error).split()))
        answer = repr((text[:300].strip(), []))
    try:
        os.write(write_end, answer.encode("utf-8", "backslashreplace"))
    finally:
        os._exit(0)


def outcome(module: str, timeout: float) -> str:
    """In the parent: fork, wait no longer than ``timeout``, and return the literal to print."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read_end)
        attempt(module, write_end)
    os.close(write_end)
    deadline, chunks, late = time.time() + timeout, [], False
    while True:
        left = deadline - time.time()
        ready = select.select([read_end], [], [], max(left, 0))[0]
        if not ready:
            late = True
            break
        chunk = os.read(read_end, 65536)
        if not chunk:
            break
        chunks.append(chunk)
    os.close(read_end)
    if late:
        for kill in (os.killpg, os.kill):
            try:
                kill(child, signal.SIGKILL)
            except OSError:
                pass
    status = os.waitpid(child, 0)[1]
    if late:
        return repr((module, "did not end within %g s" % timeout, []))
    if chunks:
        return "(%r, *%s)" % (module, b"".join(chunks).decode("utf-8"))
    how = "killed by signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exited with %d" % (status >> 8)
    return repr((module, "the process was " + how if "killed" in how else "the process " + how, []))


def main() -> None:
    """Import all that was asked for."""
    asked = eval(sys.argv[1], {"__builtins__": {}})  # a literal that our own script wrote; ast is one import too many
    sys.path[:] = asked["paths"] + [entry for entry in sys.path if entry]
    for module in asked["modules"]:
        print(outcome(module, asked["timeout"]))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
