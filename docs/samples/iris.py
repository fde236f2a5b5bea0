"""Writes the files that the guides use: a model, rows for a batch job, and rows with the answers that prove the model.

    python3 -m venv v && v/bin/pip install scikit-learn==1.5.2 pandas && v/bin/python docs/samples/iris.py

Fisher's irises (1936), in centimetres. The server needs none of this: it reads iris.pkl as data.
"""

import json
import pathlib
import pickle

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = pathlib.Path(__file__).parent
data = load_iris(as_frame=True)
flowers = data.data.set_axis(["sepal_length", "sepal_width", "petal_length", "petal_width"], axis=1)
species = data.target_names[data.target]

model = make_pipeline(StandardScaler(), LogisticRegression()).fit(flowers, species)
(folder / "iris.pkl").write_bytes(pickle.dumps(model))

rows = flowers.iloc[::10]
rows.to_csv(folder / "iris.csv", index=False)
samples = {
    "inputs": rows.to_dict(orient="records"),
    "predictions": model.predict(rows).tolist(),
    "probabilities": model.predict_proba(rows).tolist(),
}
(folder / "iris-samples.json").write_text(json.dumps(samples, indent=1) + "\n")
