"""`OnTier`: a class of checks that keeps to one tier of its adapter; and the tiers of NEST."""

from __future__ import annotations

import os
import shutil

import pytest

from fusion.adapter.tiers import PUBLIC, VARIABLE


class OnTier:
    """Derive from it before the suite.

    tier : str
        What all adapters of the checks must have been opened on: "public", which is asked for by the environment, or
        the fast one, which a machine that can have it must have.
    asked : str
        How the public one is asked for: for all simulators, or by the name of one.
    """

    tier: str
    asked = PUBLIC

    @pytest.fixture(autouse=True)
    def _on_tier(self, monkeypatch):
        if self.tier == PUBLIC:
            monkeypatch.setenv(VARIABLE, self.asked)
        else:
            monkeypatch.delenv(VARIABLE, raising=False)
        yield
        found = self.case.tiers
        assert found <= {self.tier}, f"{self.case} was used on {sorted(found)}, see the warning of fusion"


class ByThePort(OnTier):
    tier = "port"


class ByPyNest(OnTier):
    tier = PUBLIC
    asked = "nest"


with_a_compiler = pytest.mark.skipif(
    not any(map(shutil.which, (os.environ.get("CXX", "g++"), "c++"))), reason="no C++ compiler to build the port with"
)
