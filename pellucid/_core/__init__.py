"""What everything else stands on: errors, settings, names, configuration, random numbers."""
