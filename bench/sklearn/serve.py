"""uvicorn serve:app: the models of the folder MODELS, each behind POST /NAME, as one writes such a service."""

import os
import warnings
from typing import Any

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

from rows import as_input

warnings.filterwarnings("ignore")
folder = os.environ["MODELS"]
models = {f[:-7]: joblib.load(os.path.join(folder, f)) for f in sorted(os.listdir(folder)) if f.endswith(".joblib") and not f.startswith("large")}
app = FastAPI()


class Request(BaseModel):
    inputs: list[Any]


# Not `def`: a thread for each request would cost more than most of these models do.
@app.post("/{name}")
async def predict(name: str, request: Request):
    model = models[name]
    p = model.predict_proba(as_input(request.inputs))
    classes = model.classes_.tolist()
    return {
        "predictions": [classes[i] for i in p.argmax(axis=1)],
        "probabilities": [dict(zip(classes, row)) for row in p.tolist()],
        "confidence": p.max(axis=1).tolist(),
    }
