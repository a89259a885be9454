"""Runs Rasa's commands on a project: trains where the content changed, tests, and says how far it is."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bot.embedded.load_project import project_files
from contact_center.rasa_env.environment import Environment, Say
from contact_center.rasa_env.errors import RasaEnvError

_KEPT_MODELS = 3
_TAIL = 30
_TRAINS = re.compile(r"Starting to train component '(?P<name>[^']+)'")
_EPOCHS = re.compile(r"Epochs:\s+(?P<share>\d+)%")

_CODE: Final = ("embedded", "nlu", "rasa_components.py", "rasa_state.py", "articles.py")
"""What of the package ``bot`` decides what a model of Rasa's learns."""


class Workshop:
    """Rasa's commands for one project. ``code`` is the folder of the package ``bot``."""

    def __init__(
        self,
        folder: Path,
        environment: Environment,
        project: Path,
        code: Path,
        encoder: str,
        config: str,
        region: str = "CN",
    ) -> None:
        self._folder = folder
        self._environment = environment
        self.project = project
        self._code = code
        self._encoder = encoder
        self._config = config
        self._region = region
        self.models = folder / "models"
        self.shipped = code / "rasa_project"

    @property
    def rasa(self) -> list[str]:
        """How Rasa is started."""
        return [str(self._environment.python), "-m", "rasa"]

    def variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        """What Rasa's processes see: the caller's variables less what belongs to its Python, and ours."""
        kept = {
            name: value
            for name, value in environment.items()
            if not name.startswith("PYTHON") and name != "VIRTUAL_ENV"
        }
        return kept | {
            "PYTHONPATH": str(self._linked_code()),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "RASA_TELEMETRY_ENABLED": "false",
            "RASA_CACHE_DIRECTORY": str(self._folder / "cache"),
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "OPENBLAS_NUM_THREADS": "1",  # more threads than that only wait for each other
            "SANIC_HOST": "127.0.0.1",
            "CC_ENCODER": self._encoder,
            "CC_REGION": self._region,
        }

    def _linked_code(self) -> Path:
        """A folder with nothing but the package ``bot``: what else lies beside it is for another Python."""
        folder = self._folder / "code"
        link = folder / "bot"
        folder.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink() or link.resolve() != self._code.resolve():
            link.unlink(missing_ok=True)
            link.symlink_to(self._code.resolve())
        return folder

    def model(self) -> Path:
        """The file of the model of the present content; it need not be there yet."""
        digest = hashlib.sha256(self._environment.wanted().split("lock ")[1].encode())
        digest.update(f"{self._encoder}\n{self._region}\n{self._config}\n".encode())
        config = self.project / self._config
        if not config.is_file():
            offered = ", ".join(sorted(path.name for path in self.project.glob("config*.yml")))
            raise RasaEnvError(f"There is no {self._config} in {self.project}: choose from {offered or '-'}.")
        for path in [config, *project_files(self.project)]:
            digest.update(path.relative_to(self.project).as_posix().encode() + path.read_bytes())
        for name in _CODE:
            place = self._code / name
            for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
                digest.update(path.read_bytes())
        return self.models / f"{digest.hexdigest()[:16]}.tar.gz"

    def train(self, say: Say, environment: Mapping[str, str]) -> tuple[Path, bool]:
        """The model of the present content, and whether it had to be trained."""
        model = self.model()
        if model.is_file():
            return model, False
        self.models.mkdir(parents=True, exist_ok=True)
        say(f"training Rasa with {self._config}")
        command = [
            *self.rasa, "train", "--skip-validation", "--out", str(self.models), "--config", self._config,
            "--domain", self._domain(), "--data", "data",
            "--fixed-model-name", model.name.removesuffix(".tar.gz"),
        ]  # fmt: skip
        self._watch(command, _Training(say).note, environment, "training Rasa")
        for old in sorted(self.models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)[
            :-_KEPT_MODELS
        ]:
            old.unlink()
        return model, True

    def test(self, say: Say, environment: Mapping[str, str]) -> None:
        """Have Rasa check the project and play its test stories; raises `RasaEnvError` where any fails."""
        domain = ["--domain", self._domain()]
        say("rasa data validate")
        validate = [*self.rasa, "data", "validate", *domain, "--data", "data", "-c", self._config]
        self._watch(validate, lambda line: None, environment, "rasa data validate")
        model, _ = self.train(say, environment)
        say("rasa test core")
        results = self._folder / "results"
        play = [
            *self.rasa, "test", "core", "--stories", "tests", "--model", str(model), "--out", str(results),
            "--fail-on-prediction-errors",
        ]  # fmt: skip
        self._watch(play, lambda line: None, environment, "rasa test core")
        say(f"all test stories pass; reports are in {results}")

    def _domain(self) -> str:
        return "domain.yml" if (self.project / "domain.yml").is_file() else "domain"

    def _watch(
        self,
        command: list[str],
        note: Callable[[str], None],
        environment: Mapping[str, str],
        doing: str,
    ) -> None:
        """Run one of Rasa's commands in the project's folder to its end."""
        variables = self.variables(environment) | {"RASA_TOKEN": environment.get("RASA_TOKEN", "unused")}
        last: list[str] = []
        with subprocess.Popen(  # noqa: S603 our own words
            command,
            cwd=self.project,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as child:
            try:
                for line in child.stdout or ():
                    note(line)
                    last = [*last, line.rstrip()[:500]][-_TAIL:]
            except BaseException:
                child.terminate()
                raise
        if child.returncode:
            told = "\n".join(f"  {line}" for line in last if line.strip() and "Processed" not in line)
            raise RasaEnvError(f"{doing} failed with status {child.returncode}; its last words:\n{told}")


class _Training:
    """Turns Rasa's log into a few plain lines."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._tenths = 0

    def note(self, line: str) -> None:
        if found := _TRAINS.search(line):
            self._tenths = 0
            self._say(f"  {found['name'].rsplit('.', 1)[-1]}")
        for found in _EPOCHS.finditer(line):
            tenths = int(found["share"]) // 20
            if tenths > self._tenths:
                self._tenths = tenths
                self._say(f"    {tenths * 20} %")
