"""A Chromium for the tests of the pages: the machine's, else Debian's, else the one in an npm package.

What is not there is fetched once: with apt where this user may, else the package ``@sparticuz/chromium``
into the folder ``web/node_modules/.chromium``. Browsers that download themselves are not used.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess

from contact_center.web_build import WEB, find_node

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
VARIABLE = "CC_TEST_CHROMIUM"
PATIENCE = 600
PACKAGE = "@sparticuz/chromium"
FOLDER = WEB / "node_modules" / ".chromium"

ARGUMENTS = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter",
)


class NoChromium(Exception):
    """There is none, and none could be fetched; the text says why and what to do."""


def chromium() -> str:
    """The path of a Chromium, fetched where there is none. Raises `NoChromium`."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    if found := _there():
        return found
    with (WEB / "package.json").open("rb") as lock:  # the workers of one run wait for the first
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = _there() or _by_apt() or _by_npm()
    if not found:
        raise NoChromium(
            "the tests of the pages need Chromium: install it (apt install chromium), "
            f"or name one in {VARIABLE}"
        )
    return found


def _there() -> str | None:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    unpacked = FOLDER / "chromium"
    return found or (str(unpacked) if unpacked.exists() else None)


def _by_apt() -> str | None:
    """Debian's, where this user may install packages."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]):
        subprocess.run(
            ["apt-get", "-q", *command], env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
    return shutil.which("chromium")


def _by_npm() -> str | None:
    """The one of the npm package, unpacked; it runs on x86-64 Linux."""
    node = find_node()
    FOLDER.mkdir(parents=True, exist_ok=True)
    install = [*node.npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(FOLDER), PACKAGE]
    script = (
        f"import c from '{PACKAGE}'; import fs from 'node:fs';"
        "fs.copyFileSync(await c.executablePath(), 'chromium'); fs.chmodSync('chromium', 0o755)"
    )
    for command in (install, [*node.command, "--input-type=module", "-e", script]):
        ran = subprocess.run(command, cwd=FOLDER, capture_output=True, timeout=PATIENCE, check=False)
        if ran.returncode:
            return None
    return _there()
