"""Keeps the process small and at one thread of NumPy's matrix library.

A message is a few small products: shared between threads they take many times longer where other
programs use the cores. `bot.nlu` sets the environment before it first imports NumPy; where something
else imported NumPy earlier, the loaded OpenBLAS is told directly.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


def use_one_thread() -> None:
    """One thread for matrix products in this whole process, unless its user set a number."""
    if any(name in os.environ for name in _VARIABLES):
        return
    if "numpy" not in sys.modules:
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        return
    for library in _loaded_openblas():
        for name in _SETTERS:
            setter = getattr(library, name, None)
            if setter is not None:
                setter(ctypes.c_int(1))
                break


def _loaded_openblas() -> list[ctypes.CDLL]:
    """NumPy's wheel carries its OpenBLAS in a folder beside the package: "numpy.libs" on Linux and
    Windows, ".dylibs" inside it on macOS. Opening a loaded library again gives the loaded one."""
    package = Path(str(sys.modules["numpy"].__file__)).parent
    folders = (package.parent / "numpy.libs", package / ".dylibs")
    return [ctypes.CDLL(str(file)) for folder in folders for file in sorted(folder.glob("*openblas*"))]


def give_back_memory() -> None:
    """Return to the system what training has freed; glibc keeps a third of it otherwise."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
