"""Run one server for as long as the process that started this one lives.

usage: python keeper.py FOLDER COMMAND [ARGUMENT ...]

Standard input is a pipe whose other end only the starter holds: it closes when the starter closes
it, ends, or is killed. Then the server is stopped and FOLDER, where its files and `log` are, is
removed. A server that ends by itself leaves FOLDER, so that the starter can read why. Meanwhile `pid` there
holds the server's process id.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

STOP_SECONDS = 10


def main(folder: Path, command: list[str]) -> None:
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    (folder / "pid").write_text(f"{server.pid}\n", encoding="ascii")
    starter_gone = threading.Event()

    def stop_when_starter_goes() -> None:
        while os.read(0, 1):  # not sys.stdin, whose lock the interpreter's end would wait for
            pass
        starter_gone.set()
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()

    watcher = threading.Thread(target=stop_when_starter_goes, daemon=True)
    watcher.start()
    server.wait()
    if starter_gone.is_set():
        watcher.join()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
