"""Completions from a local model: a llama.cpp worker with continuous batching, and the host's side of it."""
