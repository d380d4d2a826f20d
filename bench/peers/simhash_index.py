"""simhash: 64-bit SimHash with the library's own features (4 characters), at most 3 bits apart."""

from files import arguments, write_pairs
from simhash import Simhash, SimhashIndex

ids, texts, target, _ = arguments()
hashes = [Simhash(text) for text in texts]
index = SimhashIndex([(str(number), value) for number, value in enumerate(hashes)], k=3)
found = set()
for number, value in enumerate(hashes):
    for other in index.get_near_dups(value):
        if int(other) > number:
            found.add((ids[number], ids[int(other)]))
write_pairs(target, found)
