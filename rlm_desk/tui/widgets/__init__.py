"""One widget per module; none of them knows the desk."""
