"""Reading a corpus: the latest units and articles, chosen by filters, while a run may be at work on it."""
