"""python models.py FOLDER: fits the models of the bench; writes NAME.joblib, and NAME.json with rows and scikit-learn's answers."""

import json
import os
import sys
import warnings

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

warnings.filterwarnings("ignore")
ROWS = 1000
R = np.random.RandomState(0)


def numbers(data, model):
    X, y = data(return_X_y=True)
    rows = X[R.randint(0, len(X), ROWS)] + R.rand(ROWS, X.shape[1]) * 0.1
    return model.fit(X, y), rows, rows.tolist()


def passengers(n):
    frame = pd.DataFrame({
        "age": R.uniform(1, 80, n), "fare": R.exponential(30, n), "family": R.randint(0, 6, n).astype(float),
        "sex": R.choice(["male", "female"], n), "port": R.choice(["S", "C", "Q"], n), "deck": R.choice(list("ABCDEFG"), n),
    })
    frame.loc[R.rand(n) < 0.2, "age"] = np.nan
    return frame


def columns():
    frame = passengers(2000)
    y = np.where((frame.sex == "female") ^ (R.rand(2000) < 0.2), "survived", "died")
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    before = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["age", "fare", "family"]),
        (words, ["sex", "port", "deck"]))
    rows = passengers(ROWS)
    records = json.loads(rows.to_json(orient="records", double_precision=15))
    return make_pipeline(before, LogisticRegression()).fit(frame, y), pd.DataFrame(records), records


def texts():
    """Words of a made-up language, as frequent as words are."""
    syllables = [a + b for a in "bcdfghklmnprstvz" for b in "aeiou"]
    words = np.array(["".join(R.choice(syllables, R.randint(1, 5))) for _ in range(9000)])
    def make(n):
        return [" ".join(words[np.minimum(R.zipf(1.3, R.randint(8, 40)) + (i % 3) * 20, len(words) - 1)]) for i in range(n)]
    train, rows = make(6000), make(ROWS)
    y = np.array(["ham", "spam", "other"])[np.arange(6000) % 3]
    return make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(train, y), rows, rows


def svc():
    return make_pipeline(StandardScaler(), SVC(probability=True, random_state=0))


MODELS = {
    "logistic": lambda: numbers(load_breast_cancer, make_pipeline(StandardScaler(), LogisticRegression())),
    "forest-100": lambda: numbers(load_digits, RandomForestClassifier(100, random_state=0)),
    "hist": lambda: numbers(load_digits, HistGradientBoostingClassifier(random_state=0)),
    "columns": columns,
    "text": texts,
    "svc-3": lambda: numbers(load_wine, svc()),
    "svc-10": lambda: numbers(load_digits, svc()),
}


def main(folder):
    for name, make in MODELS.items():
        model, rows, plain = make()
        joblib.dump(model, os.path.join(folder, name + ".joblib"))
        expected = model.predict_proba(rows)
        with open(os.path.join(folder, name + ".json"), "w") as f:
            json.dump({"rows": plain, "probabilities": expected.tolist(), "shape": list(expected.shape)}, f)


if __name__ == "__main__":
    main(sys.argv[1])
