"""The pages of the HTML report, live from the database, for one person on this machine."""
