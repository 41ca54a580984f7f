"""`python -m rlm_desk`."""

from rlm_desk.cli.app import main

main()
