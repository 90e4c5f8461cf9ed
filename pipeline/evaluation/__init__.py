"""How good models are on a test set, and how good the units of a corpus look."""
