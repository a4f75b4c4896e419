"""What ``import PymoNNto`` gives, and how it is asked for."""

from __future__ import annotations

import importlib
import subprocess
import sys
import types

import pytest
from fusion_pymonnto import counterparts, install, window
from fusion_pymonnto.finder import Finder
from fusion_pymonnto.modules import CORE, MODULES, names_of

from fusion.errors import InvalidValue, Unsupported


def _modules_served():
    return [name for name, there in sys.modules.items() if isinstance(getattr(there, "__loader__", None), Finder)]


@pytest.fixture
def served(monkeypatch):
    """PymoNNto is served in this test, by modules that nobody has seen before it and nobody sees after it."""
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    earlier = {name: sys.modules.pop(name) for name in _modules_served()}
    install()
    yield
    for name in _modules_served():
        del sys.modules[name]
    sys.modules.update(earlier)


@pytest.mark.usefixtures("served")
def test_every_module_of_the_table_is_there():
    for path, own in MODULES.items():
        module = importlib.import_module(f"PymoNNto.{path}")
        assert {**CORE, **own}.items() <= names_of(path).items()
        assert names_of(path).keys() == set(module.__all__)
        assert all(getattr(module, name) is value for name, value in names_of(path).items())
        if "Network_UI" not in path:
            assert {**CORE, **own} == names_of(path)


@pytest.mark.usefixtures("served")
def test_a_module_does_not_hide_the_class_of_its_name():
    package = importlib.import_module("PymoNNto.Exploration.Network_UI")
    module = importlib.import_module("PymoNNto.Exploration.Network_UI.Network_UI")
    assert package.Network_UI is module.Network_UI is window.Network_UI
    program = "import PymoNNto.Exploration.Network_UI.TabBase as module, PymoNNto.Exploration.Network_UI as package"
    namespace = {}
    exec(program, namespace)
    assert namespace["package"].TabBase is counterparts.TabBase


@pytest.mark.usefixtures("served")
def test_qt_comes_with_the_window_and_with_nothing_else():
    program = "import fusion_pymonnto, sys; fusion_pymonnto.install(); from PymoNNto import *; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"pyqtgraph", "PyQt5", "fusion.gui"} & set(run.stdout.split())
    tabs = importlib.import_module("PymoNNto.Exploration.Network_UI.TabBase")
    assert {"pg", "QLabel", "QSlider", "QtCore"} <= set(tabs.__all__)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "line",
    [
        "from PymoNNto import *; Network, NeuronGroup, SynapseGroup, Behavior, Recorder, np, afferent, get_squared_dim",
        "from PymoNNto.NetworkCore.Behavior import *; Behavior, afferent, np",  # in 3.0.6 afferent is missing here
        "from PymoNNto.NetworkCore.Behaviour import *; Behaviour, def_dtype",
        "from PymoNNto.NetworkBehaviour.Recorder.Recorder import Recorder, EventRecorder",
        "from PymoNNto.NetworkBehavior.Structure.Partition import *; Partition",
        "from PymoNNto.NetworkBehavior.Basics.Nox_diffusion import *; NOX_Diffusion, Instant_Homeostasis",
        "from NetworkBehaviour.EulerEquationModules.VariableInitializer import *; Variable",
        "from PymoNNto.Exploration.Network_UI.TabBase import *; TabBase",
        "from PymoNNto.Exploration.Network_UI import *; Network_UI, get_default_UI_modules, weight_tab",
        "from PymoNNto.Exploration.Evolution.Interface_Functions import *; get_gene, set_score",
        "import PymoNNto as pymonnto; pymonnto.Network, pymonnto.Behaviour",
    ],
)
def test_scripts_import_as_they_do(line):
    exec(line, {})


@pytest.mark.usefixtures("served")
def test_a_module_that_is_not_served_is_said():
    with pytest.raises(ModuleNotFoundError, match=r"serves no PymoNNto\.NetworkCore\.Nothing.*NetworkCore\.Behavior"):
        importlib.import_module("PymoNNto.NetworkCore.Nothing")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'NetworkCore\.Nothing'"):
        importlib.import_module("NetworkCore.Nothing")


@pytest.mark.usefixtures("served")
def test_install_twice_changes_nothing():
    before = list(sys.meta_path)
    importlib.import_module("PymoNNto")
    install()
    assert sys.meta_path == before


def test_install_after_an_import_of_pymonnto_itself_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "PymoNNto", types.ModuleType("PymoNNto"))
    with pytest.raises(InvalidValue, match="imported already"):
        install()


def test_an_evolution_is_refused():
    with pytest.raises(Unsupported, match="slave"):
        MODULES["Exploration.Evolution.Evolution"]["Evolution"]("test", "slave.py")


SCRIPT = """
import sys
from PymoNNto import *
from PymoNNto.Exploration.Network_UI import *
import beside
net = Network(tag="net")
NeuronGroup(net, 3, tag="cells")
net.initialize()
print(__name__, sys.argv[1:], beside.VALUE, get_gene("a", 1.0), net.cells.size)
Network_UI(net, modules=get_default_UI_modules(["v"], ["W"])).show()
print("the end")
"""


def test_the_command_runs_a_script_as_python_would(tmp_path):
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "script.py").write_text(SCRIPT)
    (folder / "beside.py").write_text("VALUE = 7")
    command = [sys.executable, "-m", "fusion_pymonnto", "--no-window", "scripts/script.py", "a=2.5", "--no-window"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["__main__ ['a=2.5', '--no-window'] 7 2.5 3", "the end"]


def test_the_command_says_what_it_needs(capsys):
    from fusion_pymonnto.__main__ import main

    with pytest.raises(SystemExit):
        main(["--no-window"])
    assert "give a script, or -m and a module" in capsys.readouterr().err
