"""Reads dataset folders as Hugging Face's library does and prints, as JSON, the rows of each split: read.py FOLDER …"""

import json
import sys

from datasets import load_dataset

read = {}
for folder in sys.argv[1:]:
    splits = load_dataset(folder)
    read[folder] = {name: split.to_list() for name, split in splits.items()}
print(json.dumps(read))
