"""The benchmark: programs that measure newsdedup and its peers on real data; never imported by the product."""
