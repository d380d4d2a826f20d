"""Finds the copies in a corpus too large for one machine, with Spark; imported only where its extra is installed."""
