"""Runs scripts one after another and saves what each calls ``results``: ``running.py FOLDER [WHEEL] -- SCRIPT ...``.

With the folder of an unpacked wheel PymoNNto itself serves them, else whoever answers ``import PymoNNto``.
"""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path

import numpy as np

place = sys.argv.index("--")
folder, *wheel = sys.argv[1:place]
if wheel:
    sys.path.insert(0, wheel[0])
    # It is imported for a method that writes pictures, and is none of our dependencies.
    sys.modules.setdefault("imageio", types.ModuleType("imageio"))
scripts = sys.argv[place + 1 :]
sys.argv = sys.argv[:1]
for script in scripts:
    results = runpy.run_path(script)["results"]
    np.savez(Path(folder) / Path(script).stem, **results)
