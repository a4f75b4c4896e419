"""Sphinx's settings."""

from importlib.metadata import version as installed

project = "fusion"
author = "the fusion authors"
version = release = installed("fusion-sim")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"fusion {release}"

# Docstrings write `Network` in plain backticks.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings give shapes and units, which types do not know
autodoc_class_signature = "mixed"
napoleon_google_docstring = False
python_maximum_signature_line_length = 100
