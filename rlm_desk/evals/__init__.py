"""Long-context tasks and scorers: what the model card's figures come from."""
