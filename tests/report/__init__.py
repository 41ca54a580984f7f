"""Reports and bundles."""
