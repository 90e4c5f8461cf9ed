"""Workers on a Ray cluster: Ray starts, places and restarts them, moves what they need, and says who died."""
