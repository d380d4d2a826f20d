"""text-dedup: its own MinHash program, word 5-grams, with its check of false positives; clusters become pairs."""

import pickle
import sys
import tempfile
from itertools import combinations
from pathlib import Path

from files import arguments, write_pairs
from text_dedup.config.base import load_config_from_toml
from text_dedup.minhash import main


def run() -> None:
    ids, _, target, threshold = arguments()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "config.toml"
        settings.write_text(f"""
[input]
    input_type = "local_files"
    file_type = "json"
    read_arguments = {{ path = "json", data_files = "{Path(sys.argv[1]).resolve()}", split = "train", cache_dir = "{folder}" }}
[algorithm]
    algorithm_name = "minhash"
    algo_name = "minhash"
    text_column = "text"
    ngram_size = 5
    num_perm = 128
    threshold = {threshold}
    check_false_positive = true
    num_proc = 1
[output]
    output_dir = "{folder}/out"
    save_clusters = true
    skip_filtering = true
[debug]
    enable_profiling = false
    """)
        main(load_config_from_toml(settings))
        clusters = pickle.loads((Path(folder) / "out" / "clusters.pickle").read_bytes())  # noqa: S301 -- written just above
    members = {}
    for index, root in clusters.items():
        members.setdefault(root, []).append(index)
    found = {(ids[a], ids[b]) for group in members.values() for a, b in combinations(sorted(group), 2)}
    write_pairs(target, found)


if __name__ == "__main__":
    run()
