"""datasketch: MinHash of word 5-grams, 128 permutations, LSH at a threshold, estimate checked."""

from datasketch import MinHash, MinHashLSH
from files import arguments, shingles, write_pairs

ids, texts, target, threshold = arguments()
hashes = list(MinHash.bulk([[s.encode() for s in shingles(text)] for text in texts], num_perm=128))
index = MinHashLSH(threshold=threshold, num_perm=128)
for number, minhash in enumerate(hashes):
    index.insert(number, minhash)
found = set()
for number, minhash in enumerate(hashes):
    for other in index.query(minhash):
        if other > number and minhash.jaccard(hashes[other]) >= threshold:
            found.add((ids[number], ids[other]))
write_pairs(target, found)
