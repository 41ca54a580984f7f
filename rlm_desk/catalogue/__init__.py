"""Models: which are known, which are installed, what a file says about itself, and how one fits this machine."""
