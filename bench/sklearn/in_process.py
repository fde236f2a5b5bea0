"""python in_process.py FOLDER SECONDS SIZES NAMES…: microseconds of predict_proba, as JSON on stdout."""

import json
import sys
import time
import warnings

import joblib

from rows import as_input

warnings.filterwarnings("ignore")


def times(model, rows, seconds):
    found, end = [], time.perf_counter() + seconds * 1.25
    begin = time.perf_counter() + seconds * 0.25
    while True:
        started = time.perf_counter()
        model.predict_proba(rows)
        now = time.perf_counter()
        if started > begin or now > end:
            found.append((now - started) * 1e6)
        if now > end:
            return found


def main(folder, seconds, sizes, names):
    answer = {}
    for name in names:
        model = joblib.load(f"{folder}/{name}.joblib")
        with open(f"{folder}/{name}.json") as f:
            rows = json.load(f)["rows"]
        answer[name] = {n: times(model, as_input(rows[:n]), seconds) for n in sizes}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), [int(n) for n in sys.argv[3].split(",")], sys.argv[4:])
