"""rensa: R-MinHash of word 5-grams, 128 permutations, LSH, estimate checked."""

from files import arguments, shingles, write_pairs
from rensa import RMinHash, RMinHashLSH

ids, texts, target, threshold = arguments()
bands = 16 if threshold > 0.6 else 32
index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=bands)
hashes = []
for number, text in enumerate(texts):
    minhash = RMinHash(num_perm=128, seed=42)
    minhash.update(sorted(shingles(text)))
    hashes.append(minhash)
    index.insert(number, minhash)
found = set()
for number, minhash in enumerate(hashes):
    for other in index.query(minhash):
        if other > number and minhash.jaccard(hashes[other]) >= threshold:
            found.add((ids[number], ids[other]))
write_pairs(target, found)
