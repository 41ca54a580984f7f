"""What was read and what an answer rests on: pure functions and folds over events."""
