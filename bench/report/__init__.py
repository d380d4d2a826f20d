"""The pages that tell of measurements: ``python -m bench.report`` writes ``bench/RESULTS.md``."""
