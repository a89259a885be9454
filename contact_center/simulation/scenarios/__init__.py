"""The scenarios that come with the product, one YAML file each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


def shipped() -> dict[str, Path]:
    """Their files by name."""
    return {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}
