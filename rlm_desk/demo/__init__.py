"""The demonstration corpus: synthetic vendor agreements, deterministic, with known truth."""
