"""Strangers' bytes become Documents: found and named here, parsed in confined extraction workers."""
