"""A static site that shows copies and their evidence in a browser."""
