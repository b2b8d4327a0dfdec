"""Bundles made, taken apart and forged: what tests/bundles, the sweeps and the drill's tests use."""
