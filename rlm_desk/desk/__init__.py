"""The one service every face uses: library, runs, models. It wires the ports."""
