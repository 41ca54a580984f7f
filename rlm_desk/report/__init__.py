"""Folds that leave the house: Markdown, HTML, JSON, and bundles that replay elsewhere."""
