"""Install the viewers that `make bench` compares with, and the scripts that one of them takes from the web.

    python scripts/peers.py FOLDER      a virtual environment in FOLDER, JavaScript in FOLDER/scripts

BertViz loads d3, jQuery and RequireJS from a content network each time. They are fetched once through npm, so that the
comparison needs no network and its times hold none. npm has no jQuery 2.0.0, hence 2.2.4. Without npm the browser
fetches them.
"""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = {
    "d3": ("d3@5.7.0", "package/dist/d3.min.js"),
    "jquery": ("jquery@2.2.4", "package/dist/jquery.min.js"),
    "require": ("requirejs@2.3.6", "package/require.js"),
}


def install(folder: Path) -> None:
    """The environment, then the scripts."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(ROOT / "requirements-bench.txt")], check=True)
    kept = folder / "scripts"
    kept.mkdir(exist_ok=True)
    npm = shutil.which("npm")
    if npm is None:
        sys.stderr.write("npm is not installed: the browser fetches BertViz's scripts from the web\n")
        return
    for name, (package, inside) in SCRIPTS.items():
        packed = subprocess.run([npm, "pack", package], cwd=kept, check=True, capture_output=True, text=True)
        archive = kept / packed.stdout.split()[-1]
        with tarfile.open(archive) as tar:
            content = tar.extractfile(inside)
            assert content is not None
            (kept / f"{name}.js").write_bytes(content.read())
        archive.unlink()


if __name__ == "__main__":
    install(Path(sys.argv[1]))
