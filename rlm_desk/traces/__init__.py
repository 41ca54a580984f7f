"""Supervised fine-tuning data from runs."""
