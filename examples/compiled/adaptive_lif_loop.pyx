# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""One dt of adaptive integrate-and-fire neurons: the loop of adaptive_lif.py in C."""


def step(
    double[::1] v, double[::1] w, double[::1] left, const double[::1] current, unsigned char[::1] spike,
    double rate, double keep, double rest, double threshold, double reset, double jump, double refractory,
):
    cdef Py_ssize_t i
    cdef double stands
    cdef bint fires
    with nogil:
        for i in range(v.shape[0]):
            stands = v[i] + (rest - v[i] - w[i] + current[i]) * rate
            stands = reset if left[i] > 0 else stands
            fires = stands >= threshold
            spike[i] = fires
            w[i] = w[i] * keep + (jump if fires else 0.0)
            v[i] = reset if fires else stands
            left[i] = refractory if fires else left[i] - 1.0
