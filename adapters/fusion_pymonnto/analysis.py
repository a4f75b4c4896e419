"""`AnalysisModule`: a function that hangs on a network or group, is found by tag, and keeps its results."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

from fusion_pymonnto.tags import Searched

_LOG = logging.getLogger(__name__)


class AnalysisModule(Searched):
    """``execute(neurons, **arguments)`` is what a subclass does; ``module(...)`` calls it and keeps the result.

    Parameters
    ----------
    parent : what it is attached to at once, if given
    **kwargs
        Read by `parameter`.
    """

    parent: Any = None

    def __init__(self, parent: Any = None, **kwargs: Any) -> None:
        self.init_kwargs = kwargs
        super().__init__(self.parameter("tag"))
        taken = list(inspect.signature(self.execute).parameters.values())[1:]
        named = [one for one in taken if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
        self.execution_arguments = {one.name: "" if one.default is one.empty else one.default for one in named}
        self.result_storage: dict[str, Any] = {}
        self.current_result: Any = None
        self.save_results = True
        self.update_notifier_functions: list[Callable[[Any], None]] = []
        self.progress_update_function: Callable[[float], None] | None = None
        if parent is not None:
            self.attach(parent)

    def attach(self, parent: Any) -> None:
        """Hang on a network or group, as an attribute with the name of the class."""
        self.parent = parent
        parent.analysis_modules.append(self)
        parent.network.structure_changed()
        self.initialize(parent)

    def initialize(self, neurons: Any) -> None:
        """Called when it is attached."""

    def execute(self, neurons: Any, **kwargs: Any) -> Any:
        """What the module does."""

    def is_executable(self) -> bool:
        """Whether the class has something to do."""
        return type(self).execute is not AnalysisModule.execute

    def parameter(self, key: str, default: Any = None) -> Any:
        """What was given under a name, or the default."""
        return self.init_kwargs.get(key, default)

    def __call__(self, **kwargs: Any) -> Any:
        self.update_progress(0)
        self.current_key = self.generate_current_key(kwargs)
        return self.save_result(self.current_key, self.execute(self.parent, **kwargs))

    def exec(self, **kwargs: Any) -> Any:
        """As the call."""
        return self(**kwargs)

    def generate_current_key(self, args_key: dict[str, Any], add_args: bool = True) -> str:
        """The name of a result: the module, and the arguments."""
        name = f"{type(self).__name__}({', '.join(map(str, self.init_kwargs.values()))})"
        return f"{name} {args_key}" if args_key and add_args else name

    def save_result(self, key: str, result: Any) -> Any:
        """Keep a result; returns it."""
        self.update_progress(100)
        if self.save_results and result is not None:
            self.current_result = self.result_storage[key] = result
        self._notify(key)
        return result

    def last_call_result(self) -> Any:
        """The newest result."""
        return self.current_result

    result = last_call_result

    def get_results(self) -> dict[str, Any]:
        """All results, by name."""
        return self.result_storage

    def remove_result(self, key: str) -> Any:
        """Forget a result; returns it."""
        if key not in self.result_storage:
            _LOG.warning("There is no result %r.", key)
        result = self.result_storage.pop(key, None)
        self._notify()
        return result

    def clear_results(self) -> None:
        """Forget all results."""
        self.result_storage = {}
        self._notify()

    def set_update_notifier(self, function: Callable[[Any], None]) -> None:
        """Call a function whenever results change."""
        self.update_notifier_functions.append(function)

    def remove_update_notifier(self, function: Callable[[Any], None]) -> None:
        """Call it no more."""
        if function in self.update_notifier_functions:
            self.update_notifier_functions.remove(function)

    def add_progress_update_function(self, function: Callable[[float], None]) -> None:
        """Call a function with per cent while the module works."""
        self.progress_update_function = function

    def update_progress(self, percent: float) -> None:
        """Told by `execute` how far it is."""
        if self.progress_update_function is not None:
            self.progress_update_function(percent)

    def _notify(self, key: Any = None) -> None:
        for function in self.update_notifier_functions:
            function(key)
