"""Which profile this server runs with, and its limits.

The profile is `hosted` on a hosting platform (known by the variables it sets) and `local` elsewhere;
SIGHTLINES_PROFILE=local or hosted decides by hand. A settings file changes single limits: `sightlines.toml` beside
app.py, or the file that SIGHTLINES_SETTINGS names, with a table [limits] whose keys are the fields of `Limits`.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from pages.shared.limits import HOSTED, LOCAL, Limits

ROOT = Path(__file__).resolve().parents[2]
PROFILES = {"local": LOCAL, "hosted": HOSTED}
# Hugging Face Spaces, Cloud Run, Heroku, Render, Railway, Azure App Service
PLATFORM_VARIABLES = ("SPACE_ID", "K_SERVICE", "DYNO", "RENDER", "RAILWAY_ENVIRONMENT", "WEBSITE_INSTANCE_ID")
COMMUNITY_CLOUD_FOLDER = Path("/mount/src")


@dataclass(frozen=True)
class Settings:
    """The profile's name and the limits in force."""

    profile: str
    limits: Limits


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ, ROOT)


def limits() -> Limits:
    """The limits in force."""
    return settings().limits


def read(environment: Mapping[str, str], root: Path) -> Settings:
    """Settings from the variables and the settings file; ValueError where either names something unknown."""
    profile = environment.get("SIGHTLINES_PROFILE") or detect(environment, root)
    if profile not in PROFILES:
        raise ValueError(f"SIGHTLINES_PROFILE must be one of {', '.join(PROFILES)}; got {profile!r}.")
    named = environment.get("SIGHTLINES_SETTINGS")
    file = Path(named) if named else root / "sightlines.toml"
    if named and not file.is_file():
        raise ValueError(f"SIGHTLINES_SETTINGS must name a file; got {named!r}.")
    table = tomllib.loads(file.read_text(encoding="utf-8")).get("limits", {}) if file.is_file() else {}
    return Settings(profile, changed(PROFILES[profile], table))


def detect(environment: Mapping[str, str], root: Path) -> str:
    """`hosted` when a hosting platform shows itself by its variables or its folder, else `local`."""
    on_platform = any(environment.get(name) for name in PLATFORM_VARIABLES)
    return "hosted" if on_platform or root.is_relative_to(COMMUNITY_CLOUD_FOLDER) else "local"


def changed(base: Limits, table: Mapping[str, Any]) -> Limits:
    """`base` with the table's values; 0 takes a bound off where None may stand."""
    known = {field.name: field for field in fields(Limits)}
    if unknown := sorted(set(table) - set(known)):
        raise ValueError(f"[limits] may have the keys {', '.join(known)}; got {', '.join(unknown)}.")
    return replace(base, **{name: _value(name, known[name].type, value) for name, value in table.items()})


def _value(name: str, kind: Any, value: Any) -> Any:
    """One value of the settings file as the field's type; `kind` is the field's annotation."""
    wanted = bool if kind is bool else tuple if "tuple" in str(kind) else int
    if wanted is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if wanted is bool and isinstance(value, bool):
        return value
    if wanted is int and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return None if value == 0 and "None" in str(kind) else value
    raise ValueError(f"[limits] {name} must be {_WORDS[wanted]}; got {value!r}.")


_WORDS = {bool: "true or false", tuple: "a list of strings", int: "a whole number, zero or more"}
