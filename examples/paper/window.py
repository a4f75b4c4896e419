"""The paper's basic network in a window (code block 5): voltages, spikes, and whom a click chooses.

``python window.py`` opens it; ``python window.py --picture window.png`` draws it without a screen.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import basic_network

from fusion.gui import Window, default_tabs

ITERATIONS = 1000


def show(window: Window, picture: Path | None) -> None:
    """Open the window until it is closed; or run for a second of the network's time, and draw it."""
    if picture is None:
        window.show()
        return
    with window:
        window.simulate(ITERATIONS).save(picture)
    print(picture)


def arguments(text: str | None) -> argparse.Namespace:
    """What the user wants; with a picture no screen is needed."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, metavar="PATH", help="run without a screen, and draw it there")
    found = parser.parse_args()
    if found.picture:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return found


def main() -> None:
    """The tabs for any network, and three neurons that are chosen."""
    picture = arguments(__doc__).picture
    net = basic_network.build(leak="normal(0.9, 0.02)")
    window = Window(net, default_tabs(["voltage"]), title="basic network")
    window.selection.choose(net["my_neurons", 0], [3, 7, 50])
    window.open("traces")
    show(window, picture)
    print("voltages:", net["voltage", 0].shape)


if __name__ == "__main__":
    main()
