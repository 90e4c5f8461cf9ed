"""Translation models: package folders, the sets they come in, and the routes they make."""
