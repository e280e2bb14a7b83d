"""Pellucid beside its peers: speed, memory, accuracy. Start with `benchmarks/README.md`."""
