"""Rows as JSON has them, as scikit-learn wants them."""

import numpy as np
import pandas as pd


def as_input(rows):
    if isinstance(rows[0], dict):
        return pd.DataFrame(rows)
    return rows if isinstance(rows[0], str) else np.array(rows)
