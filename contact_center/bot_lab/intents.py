"""The intents of the configured project, for whoever labels a message."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from bot.embedded import SHIPPED_PROJECT
from bot.embedded.yaml_lines import read_yaml
from contact_center.bot_lab.training_file import known_intents
from crm_store.errors import Refused


def check_intent(intent: str, project: str) -> None:
    """Raise `Refused` unless the project (a folder, '' = the shipped one) declares ``intent``."""
    known = intents_of(Path(project) if project else SHIPPED_PROJECT)
    if intent in known:
        return
    near = get_close_matches(intent, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
    raise Refused(f"the bot's project has no intent '{intent}'; {hint}")


def intents_of(project: Path) -> tuple[str, ...]:
    """The intents that a message can be labelled with. Raises `ProjectError` for a domain that is no YAML."""
    single = project / "domain.yml"
    files = [single] if single.is_file() else sorted((project / "domain").glob("*.yml"))
    stamp = tuple((str(file), file.stat().st_mtime_ns) for file in files)
    return _intents(project, stamp)


@lru_cache(maxsize=4)
def _intents(project: Path, stamp: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """A domain takes a tenth of a second to read, so it is read anew only where a file has changed."""
    found: set[str] = set()
    for file, _ in stamp:
        sections = read_yaml(Path(file), project).mapping()
        for item in sections["intents"].sequence() if "intents" in sections else ():
            found.add(item.single()[0] if item.is_mapping else item.text())
    return tuple(known_intents(found))
