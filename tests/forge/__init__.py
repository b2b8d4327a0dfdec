"""Bundles made, taken apart and forged: for tests/bundles and for the sweeps."""
