"""Where a crawl may go: judges addresses and hosts, resolves names and connects to nothing else."""
