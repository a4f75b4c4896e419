"""The sides of the comparisons: each module runs in a process of its own and answers `benchmarks.sides.process`."""
