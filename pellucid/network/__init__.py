"""Networks on paper: the weights and configurations that model files hold, as plain data."""
