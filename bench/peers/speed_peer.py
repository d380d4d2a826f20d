# ruff: noqa: PLC0415 -- each run imports its own library: none is in the environment of another
"""Documents a second (of processor time) from text to a 128-value MinHash of word 5-grams, for the library named on the command line.

python speed_peer.py LIBRARY DOCUMENTS.jsonl        prints one number
"""

import json
import re
import sys
import time
from pathlib import Path

WORD = re.compile(r"\w+")


def shingles(text: str) -> list[str]:
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]


def datasketch_bulk(texts: list[str]) -> None:
    import xxhash
    from datasketch import MinHash

    sets = [[s.encode() for s in set(shingles(text))] for text in texts]
    MinHash.bulk(sets, num_perm=128, hashfunc=xxhash.xxh32_intdigest, scheme="affine32")


def datasketch_update(texts: list[str]) -> None:
    from datasketch import MinHash

    for text in texts:
        minhash = MinHash(num_perm=128)
        for shingle in set(shingles(text)):
            minhash.update(shingle.encode())


def rensa(texts: list[str]) -> None:
    from rensa import RMinHash

    for text in texts:
        minhash = RMinHash(num_perm=128, seed=42)
        minhash.update(shingles(text))
        minhash.digest()


def text_dedup(texts: list[str]) -> None:
    from text_dedup.config.algorithms.minhash import MinHashAlgorithmConfig

    settings = MinHashAlgorithmConfig(
        algorithm_name="minhash", text_column="text", num_perm=128, ngram_size=5, threshold=0.5, num_proc=1
    )
    embed = settings.get_embed_func()
    for number, text in enumerate(texts):
        embed([text], [number])


RUNS = {run.__name__: run for run in (datasketch_bulk, datasketch_update, rensa, text_dedup)}

if __name__ == "__main__":
    run = RUNS[sys.argv[1]]
    lines = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    run(texts[:20])
    started = time.process_time()
    run(texts)
    print(len(texts) / (time.process_time() - started))
