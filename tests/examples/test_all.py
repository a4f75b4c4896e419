"""Every example is run as a user runs it, from an empty folder, without a window."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from models import brunel_hakim

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py"))
ARGUMENTS = {
    "digits.py": ["--quick", "--json", "digits.json"],
    "paper/custom_tab.py": ["--picture", "custom_tab.png"],
    "paper/window.py": ["--picture", "window.png"],
}


def looks_like_a_picture(path):
    """Whether a file is an image of some size in which more than the paper is to be seen."""
    import matplotlib.image

    pixels = matplotlib.image.imread(path)
    height, width = pixels.shape[:2]
    ink = (pixels[..., :3].min(axis=-1) < 0.95).mean()
    return min(height, width) > 400 and 0.02 < ink < 0.9 and len(set(pixels[::7, ::7, :3].reshape(-1, 3).sum(1))) > 20


def check_brunel_hakim(folder, printed):
    """Rates and the rhythm of what does not oscillate are those of theory; what does is slower than at onset."""
    found = re.findall(r"(\w+): ([\d.]+) spikes per second, a rhythm of (\d+) Hz, (\d+) times the noise", printed)
    (_, slow, fast, strong), (_, rate, frequency, weak) = ([one[0], *map(float, one[1:])] for one in found)
    assert slow == pytest.approx(brunel_hakim.rate(1.0), rel=0.04)
    assert rate == pytest.approx(brunel_hakim.rate(5.0), rel=0.04)
    assert frequency == pytest.approx(brunel_hakim.rhythm(5.0)[0], rel=0.06)
    assert 1000.0 / (4 * brunel_hakim.DELAY) < fast < brunel_hakim.rhythm(1.0)[0]
    assert strong > 5 * weak
    assert looks_like_a_picture(folder / "brunel_hakim.png")


def check_digits(folder, printed):
    numbers = json.loads((folder / "digits.json").read_text())
    assert (numbers["n_train"], numbers["n_test"]) == (450, 150)
    assert numbers["accuracy"] >= 0.75
    assert f"{numbers['accuracy']:.3f} on 150 held-out images" in printed
    assert set(numbers["rates"]) == {"retina", "excitatory", "inhibitory"}
    assert sum(numbers["shares"].values()) == pytest.approx(1.0)
    assert looks_like_a_picture(folder / "digits.png")


def check_hybrid_column(folder, printed):
    first, last = map(float, re.findall(r"([\d.]+) in the (?:first|last)", printed))
    assert last < 0.2
    assert last < 0.5 * first
    before, after = map(float, re.search(r"mean weight: ([\d.]+) mV at first, ([\d.]+) mV", printed).groups())
    assert before != after
    for participant in ("brian2", "nest", "tensorflow reader"):
        assert participant in printed
    assert looks_like_a_picture(folder / "hybrid_column.png")


def check_hopfield(folder, printed):
    found = re.findall(r"(\d+) of 120 pixels wrong, (\d+) when recalled", printed)
    assert len(found) == 4
    assert all(int(before) > 15 and int(after) == 0 for before, after in found)
    assert looks_like_a_picture(folder / "hopfield.png")


def check_izhikevich(folder, printed):
    rates = [float(rate) for rate in re.findall(r"[EI]: ([\d.]+) spikes", printed)]
    assert len(rates) == 2
    assert all(5.0 < rate < 10.0 for rate in rates)
    assert looks_like_a_picture(folder / "izhikevich.png")


def check_sorn(folder, printed):
    fires, knows = zip(*re.findall(r"([\d.]+) % of E fire in a step, ([\d.]+) % of letters", printed), strict=True)
    assert all(9.0 < float(share) < 11.0 for share in fires)
    assert float(knows[0]) > 95.0 > 85.0 > float(knows[1])
    assert looks_like_a_picture(folder / "sorn.png")


def check_synfire_chain(folder, printed):
    last = {name: int(a) for name, a in re.findall(r"^(\w+): .* (\d+) \([\d.nan]+ ms\)$", printed, re.MULTILINE)}
    assert {name for name, a in last.items() if a > 90} == {"sharp", "large"}
    assert {name for name, a in last.items() if a < 12} == {"scattered", "weak"}
    assert looks_like_a_picture(folder / "synfire_chain.png")


def check_two_kernels(folder, printed):
    rates = [float(rate) for rate in re.findall(r"[EI][12] ([\d.]+)", printed.partition("spikes per second")[2])]
    assert len(rates) == 4
    assert all(5.0 < rate < 50.0 for rate in rates)
    assert "At the same time: nest, nest E2." in printed
    assert "the same bits as in process" in printed
    assert looks_like_a_picture(folder / "two_kernels.png")


def check_wang_buzsaki(folder, printed):
    """About 40 Hz and without phases between them, as the figure that Wang, Buzsaki (2012) take from the paper says."""
    found = re.findall(r"([\d.]+) spikes per second, coherence ([\d.]+)", printed)
    (rate, coherence), (_, incoherence) = (map(float, one) for one in found)
    assert rate == pytest.approx(40.0, abs=1.0)
    assert coherence > 0.95
    assert incoherence < 0.2
    assert looks_like_a_picture(folder / "wang_buzsaki.png")


def check_basic_network(folder, printed):
    assert "voltages: (200, 100)" in printed
    assert 20 < int(re.search(r"spikes: (\d+)", printed)[1]) < 1000
    assert looks_like_a_picture(folder / "basic_network.png")


def check_window(folder, printed):
    assert "voltages: (1000, 100)" in printed
    assert looks_like_a_picture(folder / "window.png")


def check_custom_tab(folder, printed):
    # As that of TensorFlow below, with the input of those that fire.
    assert 0.02 < float(re.search(r"mean voltage: ([\d.]+)", printed)[1]) < 0.06
    assert looks_like_a_picture(folder / "custom_tab.png")


def check_tensorflow_network(folder, printed):
    mean, spikes = map(float, re.search(r"mean voltage: ([\d.]+)\nspikes: (\d+)", printed).groups())
    # A kick of 0.5 on average in 1 % of the steps, of which 90 % stay from step to step: 0.05 without spikes.
    assert 0.02 < mean < 0.05
    assert spikes > 1000


def check_compiled(folder, printed):
    for form in ("cython", "numba"):
        assert re.search(rf"^{form}: \d{{4}} spikes, the same bits as NumPy$", printed, re.MULTILINE)
        assert re.search(rf"^{form} .* us .* x$", printed, re.MULTILINE)


def check_formula(folder, printed):
    """What comes after "=" or "at" on a line is what comes after "formula"."""
    for found, formula in re.findall(r"= ([\d.]+) mV.*formula ([\d.]+) mV", printed):
        assert found == formula
    for tick, time in re.findall(r"at (\d+) ms.*after ([\d.]+) ms", printed):
        assert 0 <= int(tick) - float(time) < 1
    assert "formula" in printed


CHECKS = {
    "paper/basic_network.py": check_basic_network,
    "paper/brian2_embedding.py": check_formula,
    "paper/custom_tab.py": check_custom_tab,
    "paper/nest_embedding.py": check_formula,
    "paper/tensorflow_network.py": check_tensorflow_network,
    "paper/window.py": check_window,
    "compiled/adaptive_lif.py": check_compiled,
    "brunel_hakim.py": check_brunel_hakim,
    "digits.py": check_digits,
    "hopfield.py": check_hopfield,
    "hybrid_column.py": check_hybrid_column,
    "izhikevich.py": check_izhikevich,
    "sorn.py": check_sorn,
    "synfire_chain.py": check_synfire_chain,
    "two_kernels.py": check_two_kernels,
    "wang_buzsaki.py": check_wang_buzsaki,
}


@pytest.mark.slow
@pytest.mark.timeout(900)  # a minute or two; the machine may be busy
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name, tmp_path):
    """A new one has no arguments and need only end well; say above what else it has to show."""
    command = [sys.executable, str(FOLDER / name), *ARGUMENTS.get(name, [])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    CHECKS.get(name, lambda folder, printed: None)(tmp_path, done.stdout)


def test_no_example_that_is_spoken_of_is_gone():
    assert CHECKS.keys() | ARGUMENTS.keys() <= set(EXAMPLES)
