"""Settings -> Services: the only place that chooses and builds the adapters."""
