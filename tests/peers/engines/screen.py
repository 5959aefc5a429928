"""A screen that nobody sees, with a window manager and WebKit's driver: one group of processes.

Run as a program, it prints the driver's address. All of them end, and the windows that the driver
has opened too, when the input ends: with the tests, however these do.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from typing import Any

MORE = 200  # pixels that windows may have around a page
QUIET: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # the address is alone
WAITS = 60, 10  # seconds: until the driver answers, until the screen has ended


def start_screen(width: int, height: int) -> tuple[subprocess.Popen[bytes], str]:
    """Start a screen on a number that is free; return its process and name."""
    read, write = os.pipe()
    size = f"{width + MORE}x{height + MORE}x24"
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[write], **QUIET)
    os.close(write)
    with os.fdopen(read) as file:
        number = file.readline().strip()
    if not number:
        raise RuntimeError(f"Xvfb has ended with {process.wait()}")
    return process, f":{number}"


def start_driver(environment: dict[str, str]) -> str:
    """Start WebKit's driver on a port that is free; return its address once it answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = ["WebKitWebDriver", "--host=127.0.0.1", f"--port={port}"]
    driver = subprocess.Popen(command, env=environment, **QUIET)
    address = f"http://127.0.0.1:{port}"
    while driver.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{address}/status", timeout=WAITS[0]):
            return address
        time.sleep(0.02)
    raise RuntimeError(f"WebKitWebDriver has ended with {driver.wait()}")


def main(width: int, height: int) -> None:
    """Start all for pages of such a size, say where, and end all when the input ends."""
    screen, display = start_screen(width, height)
    try:
        environment = os.environ | {"DISPLAY": display, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        subprocess.Popen(["openbox", "--sm-disable"], env=environment, **QUIET)
        print(json.dumps(start_driver(environment)), flush=True)
        sys.stdin.read()
    finally:
        screen.terminate()  # it takes away its lock
        with suppress(subprocess.TimeoutExpired):
            screen.wait(WAITS[1])
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    os.setsid()
    main(*map(int, sys.argv[1:]))
