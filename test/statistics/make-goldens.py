"""Writes metrics.golden.json: what scikit-learn and scipy make of the same scores.

    pip install scikit-learn==1.9.1 && python test/statistics/make-goldens.py
"""

import json
from pathlib import Path

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score, roc_curve

random = np.random.default_rng(7)
cases = []
for name, reals, fakes, decimals in [
    ("apart", 40, 60, 6),
    ("with ties", 150, 90, 1),
    ("few fakes", 300, 4, 6),
    ("the wrong way round", 50, 50, 3),
]:
    shift = -0.6 if name == "the wrong way round" else 1.2
    logits = np.concatenate([random.normal(shift, 1, reals), random.normal(0, 1, fakes)])
    scores = np.round(1 / (1 + np.exp(-logits)), decimals)
    is_real = np.concatenate([np.ones(reals, bool), np.zeros(fakes, bool)])
    # Forged is the positive class; a low authenticity speaks for it.
    fpr, tpr, _ = roc_curve(~is_real, -scores, drop_intermediate=False)
    # Where the polyline crosses the line on which as many are missed as are falsely called.
    eer = float(np.interp(1, fpr + tpr, fpr))
    cases.append(
        {
            "name": name,
            "scores": scores.tolist(),
            "isReal": is_real.tolist(),
            "auc": float(roc_auc_score(~is_real, -scores)),
            "averagePrecision": float(average_precision_score(~is_real, -scores)),
            "equalErrorRate": eer,
            "tprAt1": float(tpr[fpr <= 0.01].max()),
            "tprAt5": float(tpr[fpr <= 0.05].max()),
            "brier": float(brier_score_loss(is_real, scores)),
        }
    )

features = random.normal(0, 1, (120, 3))
labels = features @ [1.5, -1, 0] + random.logistic(0, 1, 120) > 0.3
# C is one over the ridge; scikit-learn, too, leaves the bias out of it.
fitted = LogisticRegression(C=1 / 2.0, class_weight="balanced", tol=1e-12, max_iter=10_000).fit(features, labels)

wilson = [
    {"hits": k, "count": n, "interval": [float(x) for x in scipy.stats.binomtest(k, n).proportion_ci(0.95, "wilson")]}
    for k, n in [(0, 36), (3, 36), (36, 36), (17, 1000)]
]
student = [
    {"probability": p, "freedom": n, "quantile": float(scipy.stats.t.ppf(p, n))}
    for p in [0.9, 0.99, 0.995]
    for n in [1, 2, 3, 4, 9, 36, 500]
]
golden = {
    "madeBy": f"test/statistics/make-goldens.py, scikit-learn {sklearn.__version__}, scipy {scipy.__version__}",
    "cases": cases,
    "logistic": {
        "features": features.tolist(),
        "isReal": labels.tolist(),
        "ridge": 2,
        "weights": fitted.coef_[0].tolist(),
        "bias": float(fitted.intercept_[0]),
    },
    "wilson": wilson,
    "student": student,
}
path = Path(__file__).parent / "metrics.golden.json"
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")
