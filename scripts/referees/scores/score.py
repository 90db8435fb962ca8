"""Scores pairs as scikit-learn does: reads cases as JSON from a file and prints their scores as JSON: score.py FILE"""

import json
import sys

import numpy
from sklearn.metrics import (
    cohen_kappa_score,
    confusion_matrix,
    mean_absolute_error,
    precision_recall_fscore_support,
    r2_score,
    root_mean_squared_error,
)


def labels(expected, given):
    names = sorted(set(expected) | set(given))
    by_label = precision_recall_fscore_support(expected, given, labels=names, zero_division=0)
    macro = precision_recall_fscore_support(expected, given, labels=names, average="macro", zero_division=0)
    weighted = precision_recall_fscore_support(
        expected, given, labels=names, average="weighted", zero_division=0
    )
    kappa = cohen_kappa_score(expected, given)
    return {
        "kappa": None if numpy.isnan(kappa) else kappa,
        "each": [[float(part[at]) for part in by_label[:3]] for at in range(len(names))],
        "macro": [float(part) for part in macro[:3]],
        "weighted": [float(part) for part in weighted[:3]],
        "confusion": confusion_matrix(expected, given, labels=names).tolist(),
    }


def numbers(expected, given):
    return {
        "meanError": float(numpy.mean(numpy.subtract(given, expected))),
        "meanAbsoluteError": float(mean_absolute_error(expected, given)),
        "rootMeanSquaredError": float(root_mean_squared_error(expected, given)),
        "largestError": float(numpy.max(numpy.abs(numpy.subtract(given, expected)))),
        "correlation": float(numpy.corrcoef(expected, given)[0, 1]),
        "explained": float(r2_score(expected, given)),
    }


with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
print(
    json.dumps(
        {
            "labels": [labels(*case) for case in cases["labels"]],
            "numbers": [numbers(*case) for case in cases["numbers"]],
        }
    )
)
