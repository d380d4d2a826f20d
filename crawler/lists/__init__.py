"""Feeds, sitemaps and section pages: bytes in, addresses out, and when to ask for each again; pure."""
