"""The recursion: loop, dialects, budget, router, tree. It sees engines, REPLs and stores only through ports."""
