"""The terminal interface: a client of `desk`, and the only room that imports Textual."""
