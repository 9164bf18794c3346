"""Find the Chromium that the browser tests drive, or install one.

`find()` gives a path or None; `python scripts/chromium.py --install` makes sure that there is one: it keeps what
`find()` finds, else asks apt-get (as root or with a sudo that asks no password), else Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ADVICE = "Install one with your system's packages (Debian: apt-get install chromium), or set CHROMIUM=/path/to/chrome."
PATIENCE = 60  # seconds for a browser to say its version


def find() -> str | None:
    """The first browser that starts: named by CHROMIUM, on PATH, in /Applications, or downloaded by Playwright."""
    return next((path for path in _candidates() if not _fault(path)), None)


def missing() -> str:
    """Why there is no browser: what each one that is here says when it is started, and what to do."""
    faults = [f"{path} is here and does not start: {_fault(path)}" for path in _candidates()]
    said = faults or ["The browser tests need Chromium or Chrome, and none could be found or installed."]
    return "\n".join([*said, ADVICE])


def _candidates() -> list[str]:
    """Files that may be a browser, the preferred one first."""
    named = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES), *APPLICATIONS, _playwrights_own()]
    return [path for path in named if path and Path(path).exists()]


def install() -> str | None:
    """Install a browser in the first way that works here; its path, or None."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    root = _as_root()
    if shutil.which("apt-get") and root is not None:
        ways[:0] = [[*root, "apt-get", "update", "-q"], [*root, "apt-get", "install", "-y", "-q", "chromium"]]
    for way in ways:
        subprocess.run(way, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr)
        if path := find():
            return path
    return None


def _fault(path: str) -> str:
    """What a file says that does not start, "" for a browser; Ubuntu's `chromium-browser` may be a stub of snap's."""
    try:
        tried = subprocess.run([path, "--version"], capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (tried.stderr or tried.stdout).decode(errors="replace").strip()
    return "" if tried.returncode == 0 else said or f"it ends with status {tried.returncode} and says nothing"


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _as_root() -> list[str] | None:
    """The words to put before a command that needs root: none for root, sudo where it asks no password, else None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def main() -> int:
    path = find() or (install() if "--install" in sys.argv else None)
    sys.stderr.write(f"Browser for the tests: {path}\n" if path else f"{missing()}\n")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main())
