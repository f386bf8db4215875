"""Memory that the C library gives to threads."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_THREADS = """
import ctypes, sys, threading
from shared import serving
if sys.argv[1] == "True":
    assert serving.share_heaps()
barrier = threading.Barrier(8)
def hold():
    kept = [bytes(2000) for _ in range(50)]
    barrier.wait()
for _ in range(8):
    threading.Thread(target=hold).start()
ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
@pytest.mark.parametrize("shared", [True, False])
def test_many_threads_share_two_heaps(shared: bool) -> None:
    command = [sys.executable, "-c", _THREADS, str(shared)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    heaps = done.stderr.count("Arena ")
    assert (heaps <= 2) is shared, done.stderr
