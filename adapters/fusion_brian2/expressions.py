"""`Evaluator`: a variable that Brian2 computes on demand, compiled once and not at each reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Evaluator:
    """The values of a subexpression or a linked variable for all neurons of a group.

    ``brian2.VariableView`` generates code at each reading, which takes milliseconds.
    """

    def __init__(self, group: Any, name: str, namespace: Mapping[str, Any]) -> None:
        self._group, self._name, self._namespace = group, name, namespace
        self._size = 1 if group.variables[name].scalar else len(group)
        self._code: Any = None

    def __call__(self) -> NDArray[Any]:
        """A fresh array, (n,), or (1,) if the variable is shared."""
        if self._code is None:
            self._code = self._compile()
        # An expression without any variable that differs between neurons comes out as one number.
        return np.array(np.broadcast_to(self._code(), self._size))

    def forget(self) -> None:
        """Compile anew at the next reading."""
        self._code = None

    def _compile(self) -> Any:
        from brian2.codegen.codeobject import create_runner_codeobj
        from brian2.core.variables import Variables
        from brian2.devices.device import get_device

        # After `VariableView.get_subexpression_with_index_array`.
        group, variable = self._group, self._group.variables[self._name]
        result = Variables(None, default_index="_group_index")
        result.add_auxiliary_variable(
            "_variable", dimensions=variable.dim, dtype=variable.dtype, scalar=variable.scalar
        )
        result.add_array("_group_idx", size=self._size, dtype=np.int32)
        result["_group_idx"].set_value(np.arange(self._size))
        return create_runner_codeobj(
            group,
            f"_variable = {self._name}\n",
            "group_variable_get",
            run_namespace=self._namespace,
            user_code="",
            needed_variables=["_group_idx"],
            additional_variables=result,
            codeobj_class=get_device().code_object_class(fallback_pref="codegen.string_expression_target"),
        )
