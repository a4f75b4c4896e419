"""Genes: named parameters that come from the command line, `set_genome`, or the defaults where they are read.

As in PymoNNto there is one genome per process, for a script is started once for each individual:
``python -m fusion_pymonnto slave.py __evo_name__=test __evo_id__=1 a=0.5``.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

from fusion.errors import InvalidValue

_LOG = logging.getLogger(__name__)
# The default and the name of a gene, or the name alone.
_GENE = re.compile(r"\[(?:([^\[\]#]*)#)?([A-Za-z_]\w*)\]")
_NAMES = ("__evo_name__", "__evo_id__", "__evo_generation__")


class Genome:
    """Genes by name, and which individual of which evolution they belong to."""

    def __init__(self) -> None:
        self.genes: dict[str, Any] = {}
        self.individual: dict[str, str] = {}
        self._was_read = False

    def read_arguments(self) -> None:
        """Take in "name=value" of the command line, once."""
        if self._was_read:
            return
        self._was_read = True
        for argument in sys.argv[1:]:
            name, equals, value = argument.partition("=")
            if name in _NAMES:
                self.individual[name] = value
            elif equals and name.isidentifier():
                self.genes[name] = value

    def forget(self) -> None:
        """Begin anew; the command line has been used up."""
        self.genes, self.individual = {}, {}


_GENOME = Genome()


def get_gene(key: str, default: Any = None) -> Any:
    """The value of a gene; a float if the default is a number. What is read first by its default keeps it."""
    _GENOME.read_arguments()
    value = _GENOME.genes.setdefault(key, default)
    return float(value) if isinstance(default, int | float) else value


gene = get_gene


def get_genome() -> dict[str, Any]:
    """All genes that are known so far."""
    _GENOME.read_arguments()
    return _GENOME.genes


def set_genome(genome: Mapping[str, Any]) -> None:
    """Let these be the genes."""
    _GENOME.read_arguments()
    _GENOME.genes = dict(genome)


def is_evolution_mode() -> bool:
    """Whether this process computes an individual of an evolution."""
    return get_evo_name() is not None


def get_evo_name() -> str | None:
    """The name of the evolution that started this process."""
    _GENOME.read_arguments()
    return _GENOME.individual.get("__evo_name__")


def get_evo_id() -> str | None:
    """The number of the individual that this process computes."""
    _GENOME.read_arguments()
    return _GENOME.individual.get("__evo_id__")


def get_evo_generation() -> str | None:
    """The generation of the individual that this process computes."""
    _GENOME.read_arguments()
    return _GENOME.individual.get("__evo_generation__")


def get_gene_file(evo_name: str, id: object = None) -> str:
    """The folder of an individual."""
    return f"{evo_name} id{id}"


def set_score(score: float, info: Mapping[str, Any] | None = None, sm: Any = None) -> None:
    """Write the score of this individual, with its genes, into its storage, and forget the genome."""
    from fusion_pymonnto.storage import StorageManager

    name, number = get_evo_name(), get_evo_id()
    if sm is None and name is not None and number is not None:
        sm = StorageManager(name, get_gene_file(name, number), print_msg=False, add_new_when_exists=False)
    if sm is not None:
        about = {"score": score, "evo_name": name, "id": number, "generation": get_evo_generation()}
        sm.save_param_dict({**about, **get_genome(), **(info or {})})
    _LOG.info("score %s %s", score, dict(info or {}))
    _GENOME.forget()


def with_genes(text: str) -> str:
    """`text` with each "[default#GENE]" and "[GENE]" replaced by the gene's value; "[i]" of no gene stays.

    Raises
    ------
    InvalidValue
        If a default is no number.
    """

    def value(found: re.Match[str]) -> str:
        default, name = found[1], found[2]
        if default is None and name not in get_genome():
            return found[0]
        try:
            number = float(get_gene(name, None if default is None else float(default)))
        except (TypeError, ValueError) as error:
            raise InvalidValue(f"{found[0]}: genes and their defaults are numbers ({error}).", gene=name) from error
        return f"{number:.17g}"

    return _GENE.sub(value, text)
