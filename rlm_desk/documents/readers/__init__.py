"""One module per format, run in the extraction worker only."""
