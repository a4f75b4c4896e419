"""Brian2 as the parser and the integrator that it is: equations in, checked statements in SI units out.

The only modules that import Brian2 outside its adapter, and that within functions. Much of what they call is internal
to Brian2; ``tests/behaviours/equations`` holds it to what Brian2's own groups compute.
"""

from fusion.behaviours.equations.parsing.parser import METHODS, Source, parse

__all__ = ["METHODS", "Source", "parse"]
