"""Work shared out over threads."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from glassnet._core import team
from glassnet._core.team import Team


@pytest.mark.parametrize("size", [1, 2, 5])
def test_each_part_is_done_once(size):
    done = []
    Team(size).run(lambda part, thread: done.append((part, thread)), 20)
    assert sorted(part for part, _ in done) == list(range(20))
    assert {thread for _, thread in done} <= set(range(size))


def test_parts_run_side_by_side():
    meet = threading.Barrier(3, timeout=20)
    Team(3).run(lambda part, thread: meet.wait() and None, 3)


@pytest.mark.parametrize("size", [1, 3])
def test_an_error_comes_out_and_the_team_goes_on(size):
    several = Team(size)

    def work(part, thread):
        if part == 4:
            raise ValueError("part 4")

    with pytest.raises(ValueError, match="part 4"):
        several.run(work, 9)
    done = []
    several.run(lambda part, thread: done.append(part), 9)
    assert sorted(done) == list(range(9))


def test_whoever_comes_second_works_alone():
    several, inner, threads = Team(2), [], set()

    def work(part, thread):
        several.run(lambda p, t: (inner.append(p), threads.add(t)), 4)

    several.run(work, 2)
    assert sorted(inner) == [0, 0, 1, 1, 2, 2, 3, 3] and threads == {0}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_makes_threads_of_its_own():
    several = team.TEAM
    several.run(lambda part, thread: None, 4)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def child():
        done = []
        several.run(lambda part, thread: done.append(part), 4)
        queue.put(sorted(done))

    process = context.Process(target=child)
    process.start()
    assert queue.get(timeout=30) == [0, 1, 2, 3]
    process.join(30)


def test_a_variable_says_how_many():
    code = "from glassnet._core import team; print(team.TEAM.size)"
    for name, count in (("OMP_NUM_THREADS", "1"), ("GLASSNET_NUM_THREADS", "1")):
        env = {k: v for k, v in os.environ.items() if k not in team.LIMITS} | {name: count}
        out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
        assert out.stdout.split() == [count], out.stderr


NETWORK = """
import sys
import numpy as np, glassnet as gn
from glassnet.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
samples, size = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
x = rng.normal(size=(samples, size, size, 2)).astype("f")
y = rng.integers(0, 3, samples)
model = gn.Sequential([
    Conv2D(3, 3, activation="relu"), MaxPooling2D(),
    Conv2D(4, 2, padding="same", activation="relu"), AveragePooling2D(),
    Conv2D(2, 2, strides=2, padding="same", activation="relu"), Flatten(), Dense(3, "softmax"),
], seed=0)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, y, epochs=2, batch_size=16, verbose=0)
print(model.parameters.values.astype("f8").sum().hex(), model.predict(x).astype("f8")[0, 0].hex())
"""


def run(samples=40, size=12, **variables):
    env = {k: v for k, v in os.environ.items() if k not in team.LIMITS} | variables
    call = [sys.executable, "-c", NETWORK, str(samples), str(size)]
    out = subprocess.run(call, env=env, capture_output=True, text=True)
    assert not out.returncode, out.stderr
    return [float.fromhex(number) for number in out.stdout.split()]


def test_the_numbers_do_not_depend_on_the_threads():
    one, two = (
        run(GLASSNET_NUM_THREADS=n, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        for n in ("1", "2")
    )
    assert one == two


def test_plain_python_computes_the_same():
    plain = run(3, 6, NUMBA_DISABLE_JIT="1")
    np.testing.assert_allclose(plain, run(3, 6), rtol=1e-4)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_waits_for_the_others_before_it_goes_on():
    """They would write into arrays that are used again; at the end of a process they crash it."""
    main, meet = threading.get_ident(), threading.Barrier(2, timeout=20)
    ended = []

    def work(part: int, thread: int) -> None:
        meet.wait()
        if thread == 0:
            return
        for _ in range(2):
            time.sleep(0.1)
            signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.1)
        ended.append(part)

    with pytest.raises(KeyboardInterrupt):
        Team(2).run(work, 2)
    assert ended
