"""What Brunel and Hakim (1999) calculate of their network: its rate, and when it oscillates, how fast.

    tau V' = -V + mu + sigma sqrt(tau) xi,    mu = mu_ext - C J nu tau,    sigma^2 = sigma_ext^2 + C J^2 nu tau

Neural Comput. 11:1621-1671. The stationary rate nu is that of a neuron with such input, which is made by nu. A rhythm
keeps itself alive where what it makes of itself, after the delay, is in phase with it and not smaller.
"""

from __future__ import annotations

import cmath

import mpmath
import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import erfcx

TAU, THRESHOLD, RESET = 20.0, 20.0, 10.0  # ms, mV, mV
J, INPUTS, DELAY, MEAN = 0.1, 1000, 2.0, 25.0  # mV, number, ms, mV


def drive(nu, noise):
    """(mu, sigma) in mV, of neurons that fire with nu (1/ms)."""
    return MEAN - INPUTS * J * nu * TAU, np.sqrt(noise**2 + INPUTS * J**2 * nu * TAU)


def rate(noise):
    """The stationary rate (Hz): 1 / nu = tau sqrt(pi) int exp(u^2) (1 + erf(u)) du, from reset to threshold."""

    def excess(nu):
        mu, sigma = drive(nu, noise)
        integral, _ = quad(lambda u: erfcx(-u), (RESET - mu) / sigma, (THRESHOLD - mu) / sigma)
        return 1.0 / (TAU * np.sqrt(np.pi) * integral) - nu

    return 1000.0 * brentq(excess, 1e-6, 0.2)


def loop(frequency, noise):
    """What becomes of a small rhythm (Hz) of the rate after one round: a complex factor."""
    nu = rate(noise) / 1000.0
    mu, sigma = drive(nu, noise)
    a = 2j * np.pi * frequency / 1000.0 * TAU

    def wave(y):
        first = mpmath.hyp1f1((1 - a) / 2, 0.5, -y * y) / mpmath.gamma((1 + a) / 2)
        second = 2 * y * mpmath.hyp1f1(1 - a / 2, 1.5, -y * y) / mpmath.gamma(a / 2)
        return mpmath.exp(y * y) * (first + second)

    ends = (THRESHOLD - mu) / sigma, (RESET - mu) / sigma
    with mpmath.workdps(40):  # both terms are up to exp(40), their sum is not
        value, slope, bend = (mpmath.diff(wave, ends[0], k) - mpmath.diff(wave, ends[1], k) for k in range(3))
    to_mean = nu / sigma / (1 + a) * slope / value
    to_variance = nu / (2 * sigma**2) / (2 + a) * bend / value
    made = -INPUTS * J * TAU * to_mean + INPUTS * J**2 * TAU * to_variance
    return complex(made * mpmath.exp(-a * DELAY / TAU))


def rhythm(noise):
    """(Hz, factor): the rhythm that is in phase with what it makes, and how much larger it is a round later."""
    frequency = brentq(lambda f: cmath.phase(loop(f, noise)), 100.0, 240.0, xtol=0.1)
    return frequency, abs(loop(frequency, noise))
