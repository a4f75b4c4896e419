"""The contract that a simulator fulfils, and how the simulators that are installed are found."""
