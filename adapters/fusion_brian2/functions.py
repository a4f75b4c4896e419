"""Brian2's NumPy code as functions: the same lines, without a look-up in a dictionary for each name in them.

Brian2 executes its code as that of a module: each name that is assigned lives in the namespace, and each import is made
anew in every step. That takes an eighth of the step of a thousand neurons.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from types import CodeType, FunctionType
from typing import Any

Parts = tuple[CodeType, CodeType]
Translation = Callable[[str, CodeType, frozenset[str]], Parts]


def translated(text: str, module: CodeType, outer: frozenset[str]) -> Parts:
    """The imports of a module, and a function without arguments that does the rest; both from its own lines.

    Parameters
    ----------
    text : the source of `module`
    module : what Brian2 executes; it is the second part itself, and nothing the first, if it has another source
    outer : names that are in the namespace already, or that other code finds there afterwards; whatever else is
        assigned, and is not handed on from one call to the next, leaves no trace
    """
    tree = ast.parse(text)
    if _compiled(tree) != module:
        return _compiled(ast.Module([], [])), module
    imports: list[ast.stmt] = [line for line in tree.body if isinstance(line, ast.Import | ast.ImportFrom)]
    body = [line for line in tree.body if line not in imports]
    shared = _assigned(body) & (outer | _imported(imports) | _read_first(body, set()))
    head: list[ast.stmt] = [ast.Global(sorted(shared))] if shared else []
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    main = ast.FunctionDef("main", nothing, [*head, *body, ast.Pass()], [])
    made = _compiled(ast.fix_missing_locations(ast.Module([main], [])))
    return _compiled(ast.Module(imports, [])), next(code for code in made.co_consts if isinstance(code, CodeType))


def as_function(parts: Parts, namespace: dict[str, Any]) -> FunctionType:
    """What does to a namespace as executing the module in it does; what is imported is there from now on."""
    imports, main = parts
    # The code of a module finds its local names among the global ones.
    FunctionType(imports, namespace)()
    return FunctionType(main, namespace)


def _compiled(tree: ast.Module) -> CodeType:
    # Line by line as Brian2 has it, whatever this module imports from the future.
    code: CodeType = compile(tree, "(string)", "exec", dont_inherit=True)
    return code


def _assigned(lines: Iterable[ast.AST]) -> set[str]:
    """The names that are given a value somewhere."""
    return {name.id for name in _names(lines) if isinstance(name.ctx, ast.Store)}


def _imported(imports: Iterable[ast.stmt]) -> set[str]:
    """The names that come from elsewhere."""
    aliases = (alias for line in imports for alias in ast.walk(line) if isinstance(alias, ast.alias))
    return {alias.asname or alias.name.partition(".")[0] for alias in aliases}


def _read_first(body: Iterable[ast.stmt], known: set[str]) -> set[str]:
    """The names that may be read before they are assigned; `known` grows by those that surely are assigned.

    Assignments and branches are followed; in any other statement each name counts as read.
    """
    found: set[str] = set()
    for line in body:
        if isinstance(line, ast.If):
            then, otherwise = set(known), set(known)
            found |= {name.id for name in _names([line.test])} - known
            found |= _read_first(line.body, then) | _read_first(line.orelse, otherwise)
            known |= then & otherwise
        elif isinstance(line, ast.Assign):
            stored = _assigned(line.targets)
            found |= {name.id for name in _names([line]) if isinstance(name.ctx, ast.Load)} - known
            known |= stored
        else:
            found |= {name.id for name in _names([line])} - known
    return found


def _names(lines: Iterable[ast.AST]) -> Iterable[ast.Name]:
    return (node for line in lines for node in ast.walk(line) if isinstance(node, ast.Name))
