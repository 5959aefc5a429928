"""What `make proof` runs: long trials whose figures stand in ``docs/quality.md``."""
