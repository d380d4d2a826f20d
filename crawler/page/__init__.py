"""A fetched page into an article: its text, and what it says of itself; pure, and run in worker processes."""
