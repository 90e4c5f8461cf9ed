"""From texts to translations: what to decode, in which batches, and the engine that decodes it."""
