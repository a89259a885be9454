"""The configuration: config.yaml and the environment in, one frozen `Config` out.

`sections` has every key with its default, `source` reads, `problems` puts errors into words, `keys`
is the flat table that the docs and the overrides are checked against.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from contact_center.config.problems import ConfigError, Problem, explain
from contact_center.config.sections import Config
from contact_center.config.source import Source, read_file

__all__ = ["Config", "ConfigError", "Problem", "load"]


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration in the file ``path``, with the environment laid over it.

    A missing or empty file is all defaults, and so is ``None``. Relative paths in the result are
    taken from the file's folder (None: the working directory). Raises `ConfigError` with every
    problem at once.
    """
    source = Source(path.name if path else "configuration")
    source.read(read_file(path) if path else "")
    source.expand(environ)
    source.override(environ)
    try:
        config = Config.model_validate(source.tree)
    except ValidationError as error:
        for at, text in explain(error):
            source.complain(at, text)
        raise ConfigError(source.problems) from None
    if source.problems:
        raise ConfigError(source.problems)
    return config.resolved(path.resolve().parent if path else Path.cwd())
