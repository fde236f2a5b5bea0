"""python large_forest.py FILE: a forest of 2.5 million nodes, as joblib writes it."""

import sys

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier

r = np.random.RandomState(0)
X = r.rand(42_000, 8).astype("f4")
# Labels without a pattern: each tree tells the rows apart one by one.
model = RandomForestClassifier(100, random_state=0, n_jobs=-1).fit(X, r.randint(0, 2, len(X)))
joblib.dump(model, sys.argv[1])
print(sum(tree.tree_.node_count for tree in model.estimators_))
