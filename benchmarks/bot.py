"""The embedded bot beside a Rasa server with its stock pipeline, on the same project, in one run.

    python -m benchmarks.bot [--quick] [--rasa-python PATH] [--epochs 100] [--no-accuracy]

First `benchmarks.bot_accuracy` on public data and the project's own (``--no-accuracy`` leaves it out), then
speed: the embedded bot in a process of its own, and, where ``--rasa-python`` names the Python of Rasa's
environment, Rasa 3.6.21 with config_diet.yml trained here for ``--epochs``. Both get the same messages,
which neither has learnt; each message of the embedded bot is a whole turn (entities, intent, rules,
reply), as the server's webhook is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks import bot_accuracy
from benchmarks.bot_rasa import RasaFigures, measure

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "bot" / "rasa_project"
HELDOUT = ROOT / "tests" / "bot" / "heldout"
LIMITS = {"p50_ms": 6.0, "p99_ms": 15.0, "train": 5.0, "load": 1.0, "memory": 250.0}


def read_heldout() -> list[tuple[str, str]]:
    """Sentences that no training data hold, with their intents, in both languages."""
    pairs = []
    for name in ("en", "zh"):
        for intent, texts in yaml.safe_load((HELDOUT / f"{name}.yml").read_text(encoding="utf-8")).items():
            pairs += [(str(text), intent) for text in texts]
    return pairs


def run_embedded(folder: Path, texts: list[str], encoder: str) -> dict[str, float]:
    """One process with the embedded bot; the first call trains, later ones load the kept model."""
    messages = folder / "messages.json"
    messages.write_text(json.dumps(texts), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bot_process",
         "--project", str(PROJECT), "--cache", str(folder / encoder),
         "--messages", str(messages), "--encoder", encoder],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def installed_mb(python: Path) -> float:
    """What the environment of a Python takes on disk."""
    folder = python.parent.parent
    done = subprocess.run(["du", "-sm", str(folder)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[0])


def print_speed(trained: dict[str, float], loaded: dict[str, float], rasa: RasaFigures | None) -> None:
    """The table; without a Rasa server its column is empty and the limits alone are compared with."""
    rates: dict[str, float] = loaded["rates"]  # type: ignore[assignment]
    memory = loaded["resident_mb"] - loaded["before_mb"]
    rows = [
        (
            "a whole message, p50, ms",
            loaded["p50_ms"],
            rasa.webhook_p50_ms if rasa else None,
            LIMITS["p50_ms"],
        ),
        (
            "a whole message, p99, ms",
            loaded["p99_ms"],
            rasa.webhook_p99_ms if rasa else None,
            LIMITS["p99_ms"],
        ),
        ("training the project, s", trained["start_seconds"], rasa.train if rasa else None, LIMITS["train"]),
        ("start with a kept model, s", loaded["start_seconds"], rasa.start if rasa else None, LIMITS["load"]),
        ("memory, MiB", memory, rasa.resident_mb if rasa else None, LIMITS["memory"]),
    ]
    print(f"\n{'':34}{'embedded':>10}{'Rasa':>10}{'ratio':>8}{'at most':>9}")
    for name, ours, theirs, limit in rows:
        print(_row(name, ours, theirs, f"{limit:9g}"))
    for callers in (1, 8, 32):
        theirs = rasa.rates[callers] if rasa else None
        print(_row(f"messages a second, {callers} callers", rates[str(callers)], theirs, "", more=True))
    if rasa:
        print(f"  (Rasa: /model/parse p50 {rasa.parse_p50_ms:.1f} ms; DIET trained {rasa.epochs} epochs)")


def _row(name: str, ours: float, theirs: float | None, limit: str, *, more: bool = False) -> str:
    ratio = "" if theirs is None else f"{(ours / theirs if more else theirs / ours):7.1f}x"
    rival = "-" if theirs is None else f"{theirs:.1f}"
    return f"  {name:32}{ours:>10.2f}{rival:>10}{ratio:>8}{limit}"


async def embedded_accuracy(heldout: list[tuple[str, str]], encoder: str) -> float:
    """The share of sentences whose likeliest intent is right, as /model/parse is counted."""
    from bot.embedded.load_project import load_project
    from bot.embedded.understanding import learn

    understanding = learn(load_project(PROJECT), None, lambda share: None, encoder)
    right = 0
    for text, intent in heldout:
        parsed = understanding.parse(text)
        right += parsed.alternatives[0][0] == intent
    return 100 * right / len(heldout)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small case of each part")
    parser.add_argument("--rasa-python", type=Path, help="the Python of Rasa's environment")
    parser.add_argument("--epochs", type=int, default=100, help="of DIET, in this run")
    parser.add_argument("--encoder", default="multilingual")
    parser.add_argument("--no-accuracy", action="store_true", help="leave out the public data")
    options = parser.parse_args()
    if not options.no_accuracy:
        bot_accuracy.main(["--quick"] if options.quick else [])
    heldout = read_heldout()
    texts = [text for text, _ in heldout]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trained = run_embedded(folder, texts, options.encoder)
        loaded = run_embedded(folder, texts, options.encoder)
        rasa = None
        if options.rasa_python:
            rasa = asyncio.run(measure(options.rasa_python, PROJECT, folder, options.epochs, texts, heldout))
    print_speed(trained, loaded, rasa)
    ours = asyncio.run(embedded_accuracy(heldout, options.encoder))
    line = f"  sentences of strangers understood  embedded {ours:.1f} %"
    if rasa:
        line += f", DIET {rasa.accuracy:.1f} %"
        theirs, mine = installed_mb(options.rasa_python), installed_mb(Path(sys.executable))
        line += (
            f"\n  on disk: Rasa's environment {theirs:.0f} MiB, ours {mine:.0f} MiB with the tools for tests"
        )
    print(line)


if __name__ == "__main__":
    main()
