"""`StorageManager`: a folder per run, with parameters in ``config.ini``, arrays and text; `StorageManagerGroup`: many.

What PymoNNto pickled is not here: pickles run code when they are loaded.
"""

from __future__ import annotations

import logging
import operator
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fusion.errors import InvalidValue, Unsupported
from fusion_pymonnto.genome import get_evo_id, get_evo_name, get_gene_file

_LOG = logging.getLogger(__name__)
_CONDITION = re.compile(r"\s*(\w+)\s*(==|!=|>=|<=|>|<)\s*(.+?)\s*")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_SELF = "#SM#"


def get_data_folder(create_when_not_found: bool = True, default: str | None = "./Data") -> str | None:
    """The nearest folder Data at or above the working directory; a new one here if there is none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "Data").is_dir():
            return (folder / "Data").as_posix()
    if default is not None and create_when_not_found:
        Path(default).mkdir(exist_ok=True)
    return default


def get_root_folder(create_when_not_found: bool = True) -> str:
    """The folder that holds Data."""
    return str(Path(get_data_folder(create_when_not_found) or "./Data").parent)


def add_project_root_path() -> None:
    """Let modules be imported from the folder that holds Data."""
    root = str(Path(get_root_folder(create_when_not_found=False)).resolve())
    if root not in sys.path:
        sys.path.append(root)


class StorageManager:
    """One folder: ``Data/StorageManager/<main>/<folder>``, with a number when there is one already.

    Parameters
    ----------
    main_folder_name : str, or a dictionary of parameters that makes a name
    folder_name : str
        As the main one unless given.
    random_nr : bool or int
        Whether a random number, or this one, is added to the name.
    print_msg : whether to log the folder
    add_new_when_exists : whether to make a further folder rather than use the one that is there
    data_folder : where Data is; looked for unless given
    use_evolution_path : whether an individual of an evolution writes into the evolution's folder
    last : whether to take the newest of the folders that are there
    """

    config_file_name = "config.ini"

    def __init__(
        self,
        main_folder_name: str | Mapping[str, Any],
        folder_name: str | None = None,
        random_nr: bool | int = False,
        print_msg: bool = True,
        add_new_when_exists: bool = True,
        data_folder: str | None = None,
        use_evolution_path: bool = True,
        last: bool = False,
    ) -> None:
        evolution, number = get_evo_name(), get_evo_id()
        if use_evolution_path and evolution is not None and number is not None:
            main_folder_name, folder_name, random_nr = evolution, get_gene_file(evolution, number), False
        if isinstance(main_folder_name, Mapping):
            main_folder_name = "_".join(f"{key}={value}".replace(" ", "") for key, value in main_folder_name.items())
        name = folder_name or main_folder_name
        if random_nr is not False:
            name += str(int(np.random.default_rng().integers(10000)) if random_nr is True else random_nr)
        main = Path(data_folder or get_data_folder() or "./Data") / "StorageManager" / main_folder_name
        path = _free(main / name) if add_new_when_exists else _newest(main / name) if last else main / name
        is_new = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        self._open(path)
        if is_new:
            if print_msg:
                _LOG.info("%s", path)
            self.save_param("time", time.time())

    def _open(self, path: Path) -> None:
        self._path = path
        self.folder_name = path.name
        self.absolute_path = f"{path.as_posix()}/"
        self.frame_counter: dict[str, int] = {}

    def get_path(self) -> str:
        """The folder, with a slash at its end."""
        return self.absolute_path

    # --- parameters ------------------------------------------------------------------------------------------------

    def _config(self) -> ConfigParser:
        config = ConfigParser(interpolation=None)
        config.read(self._path / self.config_file_name)
        return config

    def save_param(self, key: str, value: Any, section: str = "Parameters") -> None:
        """Write one parameter."""
        self.save_param_dict({key: value}, section)

    def save_param_dict(self, d: Mapping[str, Any], section: str = "Parameters") -> None:
        """Write several."""
        config = self._config()
        if not config.has_section(section):
            config.add_section(section)
        for key, value in d.items():
            config.set(section, str(key), str(value).replace("\n", "\n\t"))
        with (self._path / self.config_file_name).open("w", encoding="utf-8") as file:
            config.write(file)

    def load_param(
        self, key: str, section: str = "Parameters", default: Any = None, return_string: bool = False
    ) -> Any:
        """A parameter as a bool, a whole number, a number or a string; `default` if there is none."""
        text = self._config().get(section, str(key), fallback=None)
        if text is None:
            return default
        return text if return_string else _value(text)

    def load_param_list(
        self,
        keys: Iterable[str],
        section: str = "Parameters",
        return_dict: bool = False,
        default: Any = None,
        return_string: bool = False,
    ) -> Any:
        """Several parameters as a list, or as a dictionary."""
        found = {key: self.load_param(key, section, default, return_string) for key in keys}
        return found if return_dict else list(found.values())

    def get_all_params(self, section: str = "Parameters") -> Iterable[str]:
        """Names of all parameters."""
        config = self._config()
        return config.options(section) if config.has_section(section) else []

    # --- files -----------------------------------------------------------------------------------------------------

    def save_np(self, key: str, obj: Any) -> None:
        """Write an array."""
        np.save(self._path / f"{key}.npy", np.asarray(obj), allow_pickle=False)

    def load_np(self, key: str) -> NDArray[Any]:
        """Read an array."""
        array: NDArray[Any] = np.load(self._path / f"{key}.npy", allow_pickle=False)
        return array

    def save_recorder(self, tag: str, recorder: Any, keys: str | Iterable[str] = ()) -> None:
        """Write what a recorder holds, an array for each expression."""
        for key in [keys] if isinstance(keys, str) else keys or recorder.variables:
            self.save_np(f"{tag}{key}", recorder.variables[key])

    def save_str(self, key: str, string: str) -> None:
        """Write text."""
        (self._path / f"{key}.txt").write_text(string, encoding="utf-8")

    def load_str(self, key: str) -> str:
        """Read text."""
        return (self._path / f"{key}.txt").read_text(encoding="utf-8")

    def backup(self, file_or_folder: str) -> None:
        """Copy a file into the folder."""
        shutil.copy(file_or_folder, self._path / Path(file_or_folder).name)

    def backup_execued_file(self) -> None:
        """Copy the script that runs into the folder."""
        self.backup(sys.argv[0])

    def get_next_frame_name(self, key: str) -> str:
        """A file name for the next picture of a series."""
        place = self.frame_counter.get(key, 0)
        self.frame_counter[key] = place + 1
        return f"{self.absolute_path}{key}{place}.png"

    def save_frame(self, image: NDArray[Any], key: str) -> None:
        """Write a picture (rows, columns[, channels]) of values from 0 to 255 as PNG; needs Matplotlib."""
        import matplotlib.image

        pixels = np.asarray(image).astype(np.uint8)
        matplotlib.image.imsave(self.get_next_frame_name(key), pixels, vmin=0, vmax=255, cmap="gray")

    def save_obj(self, key: str, obj: Any) -> None:
        """Not here: a pickle runs code when it is loaded."""
        raise Unsupported(f"save_obj({key!r}) would write a pickle. Save arrays with save_np, numbers with save_param.")

    load_obj = save_obj

    def has_obj(self, key: str) -> bool:
        """Whether PymoNNto has pickled an object here."""
        return (self._path / f"{key}.obj").is_file()


class SimpleStorageManager(StorageManager):
    """A folder that is there."""

    def __init__(self, folder: str) -> None:
        self._open(Path(folder))


class StorageManagerGroup:
    """All folders of a main folder whose names hold a tag.

    ``group["score>3"]`` is the list of those whose parameter is so.
    """

    def __init__(self, Tag: str, main_folder_name: str | None = None, data_folder: str | None = None) -> None:
        self.Tag = Tag
        self.data_folder = data_folder or get_data_folder() or "./Data"
        self._path = Path(self.data_folder) / "StorageManager" / (main_folder_name or Tag)
        self.absolute_path = f"{self._path.as_posix()}/"
        self.vp: dict[str, NDArray[Any]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look at the folders again."""
        folders = sorted(self._path.iterdir()) if self._path.is_dir() else []
        self.StorageManagerList = [
            SimpleStorageManager(str(path)) for path in folders if path.is_dir() and self.Tag in path.name
        ]

    def __iter__(self) -> Iterator[StorageManager]:
        return iter(self.StorageManagerList)

    def __getitem__(self, query: str) -> list[StorageManager]:
        found = _CONDITION.fullmatch(query)
        if found is None:
            raise InvalidValue(f"{query!r} is no condition; write one such as 'score>3'.", query=query)
        name, compare, limit = found[1], _COMPARE[found[2]], _value(found[3].strip("'\""))
        values = [(one, one.load_param(name)) for one in self]
        return [one for one, value in values if value is not None and compare(value, limit)]

    def sort_by(self, param: str, section: str = "Parameters") -> None:
        """Order the folders by a parameter; those without it come first."""
        self.StorageManagerList.sort(key=lambda one: one.load_param(param, section, default=-np.inf))

    def get_param_list(self, param: str, section: str = "Parameters", remove_None: bool = False) -> list[Any]:
        """A parameter of each folder; "#SM#" is the folder itself."""
        if param == _SELF:
            return list(self)
        return [v for v in (one.load_param(param, section) for one in self) if v is not None or not remove_None]

    def get_np_list(self, np_name: str, remove_None: bool = False) -> list[NDArray[Any]]:
        """An array of each folder."""
        return [one.load_np(np_name) for one in self]

    def add_virtual_multi_parameter(self, param: str, value: Any) -> None:
        """A parameter that is not in the files: one value for all folders, or one each."""
        one_each = isinstance(value, list | np.ndarray) and len(value) == len(self.StorageManagerList)
        self.vp[param] = np.array(value if one_each else [value for _ in self])

    def get_multi_param_list(
        self, params: Iterable[str], section: str = "Parameters", remove_None: bool = True
    ) -> NDArray[Any]:
        """Parameters of all folders (params, folders), without the folders that lack one."""
        rows = [list(self.vp[p]) if p in self.vp else self.get_param_list(p, section) for p in params]
        columns = [column for column in zip(*rows, strict=True) if None not in column or not remove_None]
        table = np.empty((len(rows), len(columns)), object)
        for place, column in enumerate(columns):
            table[:, place] = column
        return table

    def get_multi_param_dict(
        self, params: Iterable[str], section: str = "Parameters", remove_None: bool = True
    ) -> dict[str, NDArray[Any]]:
        """As `get_multi_param_list`, by name."""
        names = list(params)
        return dict(zip(names, self.get_multi_param_list(names, section, remove_None), strict=True))

    def get_all_params(self, section: str = "Parameters", include_virtual_parameters: bool = True) -> list[str]:
        """Names of all parameters."""
        names = [name for one in self for name in one.get_all_params(section)]
        return list(dict.fromkeys([*names, *(self.vp if include_virtual_parameters else ())]))


def _value(text: str) -> Any:
    if text in ("True", "False"):
        return text == "True"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _free(path: Path) -> Path:
    """The folder, or the first with a number that is not there."""
    count, free = 0, path
    while free.is_dir():
        count, free = count + 1, path.with_name(f"{path.name}_{count}")
    return free


def _newest(path: Path) -> Path:
    """The folder, or the last of those with a number."""
    count, newest = 0, path
    while (following := path.with_name(f"{path.name}_{count}")).is_dir():
        count, newest = count + 1, following
    return newest
