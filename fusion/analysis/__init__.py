"""Analyses of what was recorded and of weights: functions of arrays, and modules that hang on objects of a network."""

from fusion.analysis.avalanches import Avalanches, AvalancheSizes, find_avalanches
from fusion.analysis.branching import Branching, BranchingRatio, fit_branching, regression_slopes
from fusion.analysis.classes import Classes, WeightClassification, classify, matched
from fusion.analysis.components import PCA, Components, principal_components
from fusion.analysis.counts import Correlation, Correlations, FanoFactor, correlation, fano_factor
from fusion.analysis.fields import (
    ReceptiveFields,
    SpikeTriggeredAverage,
    TriggeredAverage,
    receptive_fields,
    spike_triggered_average,
)
from fusion.analysis.isi import ISI, Intervals, cv, cv2, intervals, lv
from fusion.analysis.module import AnalysisModule
from fusion.analysis.power_law import PowerLaw, fit_power_law
from fusion.analysis.recorded import Samples, Trains, samples, trains
from fusion.analysis.spectrum import PowerSpectrum, Spectrum, power_spectrum

__all__ = [
    "ISI",
    "PCA",
    "AnalysisModule",
    "AvalancheSizes",
    "Avalanches",
    "Branching",
    "BranchingRatio",
    "Classes",
    "Components",
    "Correlation",
    "Correlations",
    "FanoFactor",
    "Intervals",
    "PowerLaw",
    "PowerSpectrum",
    "ReceptiveFields",
    "Samples",
    "Spectrum",
    "SpikeTriggeredAverage",
    "Trains",
    "TriggeredAverage",
    "WeightClassification",
    "classify",
    "correlation",
    "cv",
    "cv2",
    "fano_factor",
    "find_avalanches",
    "fit_branching",
    "fit_power_law",
    "intervals",
    "lv",
    "matched",
    "power_spectrum",
    "principal_components",
    "receptive_fields",
    "regression_slopes",
    "samples",
    "spike_triggered_average",
    "trains",
]
