"""The command line: typer commands, one file per group. `--help` imports nothing heavy."""
