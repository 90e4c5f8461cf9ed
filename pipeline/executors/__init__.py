"""Where shards are worked on: in this process, or by workers on a Ray cluster."""
