"""Steps bound in advance: Brian2's compiled functions called with their namespaces, past the layers in between.

``BrianObject.run`` reaches a compiled function over five calls of Python and a weak reference, twice as long as many of
these functions take. Code for NumPy becomes a function first. This is the only module that relies on how Brian2 (2.9 to
2.11) keeps compiled code; `tier` tries it out, and whatever it does not know runs as Brian2 runs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

from fusion.adapter.tiers import PUBLIC, Tier, kept_public, tell
from fusion_brian2.functions import Translation, as_function, translated

Call = Callable[[], Any]
_Binder = Callable[[Any, Translation], Call]

BOUND = "bound"


def tier() -> Tier:
    """How the steps of a Brian2 network are called in this process."""
    problem = _problem()
    return kept_public("brian2") or tell("brian2", Tier(PUBLIC, problem) if problem else Tier(BOUND))


def public_calls(obj: Any) -> list[Call]:
    """What runs a step of a Brian2 object: its own method."""
    return [obj.run]


def calls(tier: Tier) -> Callable[[Any], list[Call]]:
    """What is called in each step of a Brian2 object, as a function of the object."""
    # Code that is made anew is mostly the same, and need not be translated again.
    return partial(bound_calls, translate=cache(translated)) if tier.name == BOUND else public_calls


def bound_calls(obj: Any, translate: Translation = translated) -> list[Call]:
    """What `public_calls` would have run in the end; in force until the code of `obj` is made anew."""
    from brian2.core.base import BrianObject

    if type(obj).run is not BrianObject.run or "run" in vars(obj):
        return [obj.run]
    calls: list[Call] = []
    for code in obj.code_objects:
        bind = _binders().get(code.__class__)  # of what a weak proxy stands for
        # Values that change are set before each call by Brian2.
        if bind is None or code.nonconstant_values or vars(code).keys() & _METHODS:
            return [obj.run]
        if code.compiled_code["run"]:
            calls.append(bind(code, translate))
    return calls


_METHODS = frozenset({"update_namespace", "run", "run_block"})


def _bind_cython(code: Any, _: Translation) -> Call:
    return partial(code.compiled_code["run"].main, code.namespace)


def _bind_numpy(code: Any, translate: Translation) -> Call:
    after = code.compiled_code["after_run"]  # executed in the same namespace
    outer = frozenset((*code.namespace, *(after.co_names if after else ())))
    return as_function(translate(code.code.run.strip(), code.compiled_code["run"], outer), code.namespace)


def _binders() -> dict[type, _Binder]:
    from brian2.codegen.runtime.cython_rt.cython_rt import CythonCodeObject
    from brian2.codegen.runtime.numpy_rt.numpy_rt import NumpyCodeObject

    return {CythonCodeObject: _bind_cython, NumpyCodeObject: _bind_numpy}


def _problem() -> str:
    """Why steps cannot be bound; "" if a call of Brian2's and a bound call do the same."""
    import brian2

    try:
        same = all(list(_seen(kind, bind)) == [True, True] for kind, bind in _binders().items())
    except (ImportError, AttributeError, KeyError, TypeError, brian2.BrianObjectException) as error:
        return f"Brian2 {brian2.__version__} keeps its compiled code in another way than is known here ({error})"
    return "" if same else f"Brian2 {brian2.__version__} calls its compiled code in another way than is known here"


def _seen(kind: Any, bind: _Binder) -> Iterator[bool]:
    """For a call of Brian2's and a bound one: whether code ran once, on the namespace itself, and left it as it was."""
    from brian2.codegen.runtime.numpy_rt.numpy_rt import NumpyCodeObject

    for bound in (False, True):
        seen: list[Any] = []
        namespace: dict[str, Any] = {"seen": seen.append, "array": object()}
        code: Any = kind.__new__(kind)
        code.namespace, code.nonconstant_values = namespace, []
        compiled: Any = SimpleNamespace(main=seen.append)
        code.code = SimpleNamespace(run="seen(globals())")
        if kind is NumpyCodeObject:
            compiled = compile(code.code.run, "(probe)", "exec")
        code.compiled_code = {"run": compiled, "after_run": None}
        before = dict(namespace)
        call = bind(code, translated) if bound else code
        call()
        namespace.pop("__builtins__", None)  # Python adds them
        yield len(seen) == 1 and seen[0] is namespace and namespace == before
