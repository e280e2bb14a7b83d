"""From samples to a trained, measured network: read, split, prepare, build, learn."""
