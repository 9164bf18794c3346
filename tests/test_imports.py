"""The walls of the house: who may import whom, torch only when it is needed, and nothing that is not pinned."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"models", "viz", "pages", "scripts", "tests", "app"}
HEAVY = {"torch", "transformers"}
ALLOWED = {
    "viz": {"viz", "numpy", "plotly"},
    "models": {"models", "numpy", "torch", "transformers", "safetensors", "tokenizers", "huggingface_hub", "PIL"},
    "pages": {"pages", "models", "viz", "streamlit", "numpy", "plotly", "pandas"},
    "app.py": {"pages", "streamlit"},
}
# torch's settings and its import after the first paint
EXCEPTIONS = {("pages/shared/loading.py", "torch")}
# reached from the first paint, so free of torch at module level
SURFACE = ("app.py", "pages", "viz", "models/__init__.py", "models/cards.py", "models/trace.py", "models/sources.py")
# the package that a module comes with, where their names differ or another package brings it along
PACKAGE = {
    "PIL": "streamlit",
    "pandas": "streamlit",
    "tokenizers": "transformers",
    "huggingface_hub": "transformers",
    "sklearn": "scikit_learn",
    "scipy": "scikit_learn",
    "pytorch_grad_cam": "grad_cam",
}
KINDS = ("", "-dev", "-offline", "-checks", "-bench")
EVERY = tuple(f"requirements{kind}.txt" for kind in KINDS)


def files(folder: str) -> list[Path]:
    path = ROOT / folder
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imports(source: str, *, top_only: bool = False) -> Iterator[str]:
    """Top-level package names that a module imports; with `top_only` those that its own import already brings."""
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]
        later = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if not (top_only and (later or typing_only)):
            pending.extend(ast.iter_child_nodes(node))


def strangers(folder: str) -> list[tuple[str, str]]:
    """(file, package) for every import that the room's rule does not allow."""
    found = []
    for path in files(folder):
        name = path.relative_to(ROOT).as_posix()
        outside = set(imports(path.read_text(encoding="utf-8"))) - ALLOWED[folder] - set(sys.stdlib_module_names)
        found += [(name, package) for package in sorted(outside) if not excused(name, package)]
    return found


def excused(name: str, package: str) -> bool:
    """Training scripts may fetch and split data with packages of their own, never with what draws or with a page."""
    in_training = name.startswith("models/train/") and package not in {"streamlit", "plotly"} | OURS
    return in_training or (name, package) in EXCEPTIONS


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_room_imports_only_what_its_rule_allows(folder: str) -> None:
    assert files(folder), f"{folder} is empty"
    assert strangers(folder) == []


@pytest.mark.parametrize("folder", SURFACE)
def test_the_first_paint_imports_no_torch(folder: str) -> None:
    heavy = {
        path.relative_to(ROOT).as_posix(): HEAVY & set(imports(path.read_text(encoding="utf-8"), top_only=True))
        for path in files(folder)
    }
    assert {name: found for name, found in heavy.items() if found} == {}


@pytest.mark.parametrize("module", ["models", "pages.shared.shell", "viz"])
def test_importing_the_surface_leaves_torch_alone(module: str) -> None:
    asked = f"import sys, {module}; print(sorted({HEAVY!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def pinned(*names: str) -> set[str]:
    lines = [line for name in names for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return {re.sub(r"[-.]", "_", line.split("==")[0].strip().lower()) for line in lines if "==" in line}


@pytest.mark.parametrize(
    ("folders", "requirements"),
    [
        (("app.py", "pages", "viz", "models"), ("requirements.txt",)),
        (("scripts", "tests"), EVERY),
    ],
)
def test_every_package_that_is_imported_is_pinned(folders: tuple[str, ...], requirements: tuple[str, ...]) -> None:
    found = set()
    for path in (path for folder in folders for path in files(folder) if "models/train/" not in path.as_posix()):
        found |= set(imports(path.read_text(encoding="utf-8")))
    packages = {PACKAGE.get(name, name).lower() for name in found - OURS - set(sys.stdlib_module_names)}
    assert packages - pinned(*requirements) == set()


def test_every_requirement_is_pinned_exactly() -> None:
    for name in EVERY:
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*", line.strip()), f"{name}: {line}"


def test_the_reader_of_imports_sees_functions_and_skips_type_checking() -> None:
    source = (
        "import os.path\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch\n"
        "def f():\n    from transformers.models import bert\n"
    )
    assert set(imports(source)) == {"os", "typing", "torch", "transformers"}
    assert set(imports(source, top_only=True)) == {"os", "typing"}
