"""Getting packages: index, download, unpacking, the lock file, and newsmt's own folder of packages.

The only room that may touch the network; nothing that a run needs imports it.
"""
