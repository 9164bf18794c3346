"""Setting up: what make does for each target, what Streamlit is told, how a browser that does not start is named."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from scripts import chromium

ROOT = Path(__file__).resolve().parents[1]


def steps(*words: str) -> str:
    """What make would do from nothing."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "PORT", "ADDRESS")}
    command = ["make", "-n", "-B", *words]
    return subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=True).stdout


def test_the_app_listens_on_this_machine_alone_unless_asked() -> None:
    assert "--server.port 8501 --server.address localhost" in steps("run")
    assert "--server.port 8600 --server.address 0.0.0.0" in steps("run", "PORT=8600", "ADDRESS=0.0.0.0")


@pytest.mark.parametrize("target", ["test", "bench", "setup"])
def test_what_needs_a_browser_gets_one_before_it_starts(target: str) -> None:
    done = steps(target)
    install = done.index("scripts/chromium.py --install")
    assert "pytest" not in done[:install]


@pytest.mark.parametrize("target", ["run", "lint", "format", "train-sentiment", "presets"])
def test_what_needs_no_browser_works_without_one(target: str) -> None:
    assert "chromium" not in steps(target)


def test_the_first_start_asks_for_no_address() -> None:
    told = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert told["server"]["showEmailPrompt"] is False
    assert "address" not in told["server"]  # a hosting platform chooses its own


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one file that may be a browser."""
    monkeypatch.setattr(chromium, "NAMES", ())
    monkeypatch.setattr(chromium, "APPLICATIONS", ())
    monkeypatch.setattr(chromium, "_playwrights_own", lambda: str(tmp_path / "chrome"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    return tmp_path / "chrome"


def write(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_browser_that_cannot_start_is_named_with_its_reason(only: Path) -> None:
    write(only, "echo 'cannot open libnss3.so: no such file' >&2; exit 127")
    assert chromium.find() is None
    assert f"{only} is here and does not start: cannot open libnss3.so: no such file" in chromium.missing()
    write(only, "exit 3")
    assert "it ends with status 3 and says nothing" in chromium.missing()
    assert "set CHROMIUM=" in chromium.missing()


def test_without_any_browser_that_is_said(only: Path) -> None:
    assert chromium.find() is None
    assert "none could be found or installed" in chromium.missing()


def test_a_browser_that_starts_is_taken(only: Path) -> None:
    write(only, "echo Chromium 139")
    assert chromium.find() == str(only)
