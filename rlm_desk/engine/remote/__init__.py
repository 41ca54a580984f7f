"""A model server of the person's own: the same protocol, spoken by a worker that reaches one address."""
