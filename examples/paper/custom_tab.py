"""A tab of one's own in the window (code block 11): the mean voltage of the basic network, and its threshold.

``python custom_tab.py`` opens it; ``python custom_tab.py --picture custom_tab.png`` draws it without a screen.
"""

from __future__ import annotations

import basic_network
from window import arguments, show

from fusion.gui import Tab, Window, default_tabs


class MeanVoltage(Tab):
    """The mean over the group, of the last thousand iterations."""

    title = "mean voltage"

    def build(self) -> None:
        neurons = self.network["my_neurons", 0]
        self.recorder = self.record(neurons, "np.mean(voltage)")
        plot = self.plot(x="time (ms)", y="mean voltage")
        self.curve = plot.curve("mean of my_neurons")
        plot.line(neurons["LeakyNoise", 0].threshold, name="threshold")

    def update(self) -> None:
        self.curve.set(self.recorder.t, self.recorder["np.mean(voltage)", 0])


def main() -> None:
    """It stands beside the tabs for any network."""
    picture = arguments(__doc__).picture
    net = basic_network.build()
    tab = MeanVoltage()
    show(Window(net, [tab, *default_tabs(["voltage"])], title="basic network"), picture)
    print("mean voltage:", round(float(net["np.mean(voltage)", 0].mean()), 4))


if __name__ == "__main__":
    main()
