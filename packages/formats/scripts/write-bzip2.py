"""Writes fixtures/bzip2.json: what Python's bz2 makes of contents of many kinds, sizes and levels.

    python packages/formats/scripts/write-bzip2.py
"""

import base64
import bz2
import hashlib
import json
import pathlib
import random

PATH = pathlib.Path(__file__).parent.parent / "fixtures" / "bzip2.json"

any_of = random.Random(1).choices

WORDS = ["parrot", "stream", "of", "rows,", "and", "the", "answers\n", "0", "é", "語"]


def words(count):
    return " ".join(any_of(WORDS, weights=[2**at for at in range(len(WORDS))], k=count)).encode()


# Its rare bytes have symbols of more than ten bits, which are looked up in another way.
UNEVEN = bytes(any_of(range(60), weights=[1.5**at for at in range(60)], k=60_000))

CASES = {
    "nothing": (9, [b""]),
    "one byte": (9, [b"a"]),
    "each byte once": (9, [bytes(range(256))]),
    "random bytes": (1, [bytes(any_of(range(256), k=4_000))]),
    "a table": (9, [b"a,b\n1,2\n"]),
    "words": (9, [words(2_000)]),
    "several blocks": (1, [words(60_000)]),
    "symbols of many bits": (1, [UNEVEN]),
    **{f"{count} equal bytes": (5, [b"a" * count]) for count in [2, 3, 4, 5, 254, 255, 256, 258, 259, 260, 99_981]},
    "equal bytes of several blocks": (1, [b"a" * 20_000_000]),
    "runs of all lengths": (2, [b"".join(bytes([at % 251]) * at for at in range(600))]),
    "a text that repeats": (3, [b"0123456789" * 40_000]),
    "several streams": (1, [b"a,b\n", b"", words(300), b"1,2\n"]),
    **{f"level {level}": (level, [words(50)]) for level in range(1, 10)},
}


def case(name, level, parts):
    content = b"".join(parts)
    return {
        "name": name,
        "base64": base64.b64encode(b"".join(bz2.compress(part, level) for part in parts)).decode(),
        "length": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


PATH.write_text(json.dumps([case(name, *each) for name, each in CASES.items()], indent=2) + "\n")
