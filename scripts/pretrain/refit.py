"""Refits the classification head on pooled features, chooses thresholds on held-out files and writes a model folder.

The backbone stays as it is. Two logistic regressions, manipulated against real and synthetic against real, give the logits
of the three classes (that of real is 0). Known fakes, self-blends and swaps count as manipulated. A source counts by the
square root of its size, so that large ones do not drown the others. Validation groups are not trained on; calibration and
thresholds are fitted on them.
"""

import argparse
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from blends import self_blend, swap
from evaluate import auc
from export import write_model
from faces import MARGIN, FaceSet, PackedFace, is_validation, random_framing, read_packs
from model import Detector, load_detector, to_arrays
from pack import MANIPULATED, REAL, SYNTHETIC, Record

SIZE = 224
# Training faces of one source and class at most; the others of a large source add little to a linear head.
SOURCE_LIMIT = 8000
# Real faces of each source that self-blends and swaps are made of; two in three are self-blends.
MADE_LIMIT, MADE_BATCH = 600, 16
# They count this much less than known fakes: of 0, 0.5, 1, 2 and 4 it did best on DFDC and lost least on synthetic faces.
MADE_WEIGHT = 0.5
# Weight of the squared length of a regression's kernel, on standardised features; of 1e-5 to 1e-2 it did best on validation.
L2 = 1e-3
# Limits for the thresholds: real files called forged, those of a source with enough files, forged files called authentic.
MAX_FPR, MAX_SOURCE_FPR, MAX_MISS_RATE = 0.01, 0.02, 0.10
MIN_SOURCE_FILES = 100
# A kind of media with fewer real validation files takes the thresholds of all files.
MIN_KIND_FILES = 100


def choose_faces(faces: Sequence[PackedFace], limit: int) -> list[PackedFace]:
    """All validation faces, and of each source and class at most `limit` training faces, drawn evenly."""
    groups: dict[tuple, list[int]] = defaultdict(list)
    for index, face in enumerate(faces):
        groups[face.record.source, face.record.label, is_validation(face.record)].append(index)
    draw = random.Random(7)
    chosen: list[int] = []
    for (_, _, is_held_out), indices in groups.items():
        chosen += indices if is_held_out or len(indices) <= limit else draw.sample(indices, limit)
    return [faces[index] for index in sorted(chosen)]


def cut(image: np.ndarray, record: Record, draw: random.Random | None) -> np.ndarray:
    """The crop as in use, or moved, scaled, turned and mirrored at random. BGR uint8 [224, 224, 3]."""
    centre_x, centre_y, face = record.box
    side, angle, flip = face * MARGIN, 0.0, 1
    if draw is not None:
        centre_x += draw.uniform(-0.05, 0.05) * side
        centre_y += draw.uniform(-0.05, 0.05) * side
        side *= draw.uniform(0.85, 1.15)
        angle = draw.uniform(-0.12, 0.12) if draw.random() < 0.4 else 0.0
        flip = -1 if draw.random() < 0.5 else 1
    cos, sin = np.cos(angle) * SIZE / side, np.sin(angle) * SIZE / side
    linear = np.array([[flip * cos, flip * sin], [-sin, cos]])
    middle = np.full(2, SIZE / 2 - 0.5) - linear @ np.array([centre_x - 0.5, centre_y - 0.5])
    matrix = np.column_stack([linear, middle]).astype(np.float32)
    return cv2.warpAffine(image, matrix, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)


def degrade_lightly(crop: np.ndarray, draw: random.Random) -> np.ndarray:
    """30% lose some resolution, 60% are compressed: fine texture, which synthetic faces show, is kept in most."""
    if draw.random() < 0.3:
        scale = draw.uniform(0.5, 0.95)
        shrunk = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        crop = cv2.resize(shrunk, (SIZE, SIZE), interpolation=draw.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    if draw.random() < 0.6:
        quality = int(draw.uniform(40, 95))
        crop = cv2.imdecode(cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return crop


def views_of(face: PackedFace, seed: int) -> np.ndarray:
    """The plain crop and a changed one: float32 [2, 3, 224, 224], RGB in [0, 255]."""
    image = cv2.imdecode(np.asarray(face.data), cv2.IMREAD_COLOR)
    draw = random.Random(seed)
    pair = [cut(image, face.record, None), degrade_lightly(cut(image, face.record, draw), draw)]
    return np.stack(pair)[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32)


@torch.no_grad()
def features_of(detector: Detector, faces: Sequence[PackedFace], device: torch.device) -> np.ndarray:
    """Mean of the last map over space, float16 [N, 2, 1024]. A batch of one is fastest on a CPU, by its caches."""
    cv2.setNumThreads(1)
    features = np.zeros((len(faces), 2, 1024), np.float16)
    batch = 1 if device.type == "cpu" else 64
    with ThreadPoolExecutor(8) as threads:
        for start in range(0, len(faces), batch):
            part = range(start, min(start + batch, len(faces)))
            views = np.stack(list(threads.map(lambda index: views_of(faces[index], index), part)))
            images = torch.from_numpy(views.reshape(-1, 3, SIZE, SIZE)).to(device)
            pooled = detector.backbone(images.contiguous(memory_format=torch.channels_last), (13,))[0].mean((2, 3))
            features[part.start : part.stop] = pooled.cpu().numpy().reshape(len(part), 2, -1)
            if start % 1000 == 0:
                print(f"features: {start} of {len(faces)}", flush=True)
    return features


@torch.no_grad()
def made_features_of(
    detector: Detector, faces: Sequence[PackedFace], device: torch.device
) -> tuple[np.ndarray, np.ndarray]:
    """Features of faces and of self-blends and swaps made from them, float16 [M, 2, 1024] (real, fake); is_swap, bool [M]."""
    by_source: dict[str, list[PackedFace]] = defaultdict(list)
    for face in faces:
        if face.record.label == REAL and not is_validation(face.record):
            by_source[face.record.source].append(face)
    draw = random.Random(5)
    chosen = [face for _, own in sorted(by_source.items()) for face in draw.sample(own, min(len(own), MADE_LIMIT))]
    draw.shuffle(chosen)
    face_set = FaceSet(chosen, device)
    features, is_swap = [], []
    for step, start in enumerate(range(0, len(chosen), MADE_BATCH)):
        indices = torch.arange(start, min(start + MADE_BATCH, len(chosen)), device=device)
        framing = random_framing(indices)
        crops = face_set.crops_of(indices, framing, SIZE)
        if step % 3 == 2:
            others = torch.randint(0, len(chosen), (len(indices),), device=device)
            sources = face_set.crops_of(others, random_framing(others)._replace(mirror=framing.mirror), SIZE)
            real, (fake, _) = crops.images, swap(crops, sources)
        else:
            real, fake, _ = self_blend(crops)
        for pair in zip(real, fake):
            pair = [image.round().clamp(0, 255).permute(1, 2, 0).cpu().numpy().astype(np.uint8) for image in pair]
            if draw.random() < 0.6:
                quality = [cv2.IMWRITE_JPEG_QUALITY, int(draw.uniform(40, 95))]
                pair = [cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_COLOR) for image in pair]
            images = torch.from_numpy(np.stack(pair).transpose(0, 3, 1, 2).astype(np.float32)).to(device)
            pooled = [detector.backbone(image[None], (13,))[0].mean((2, 3))[0] for image in images]
            features.append(torch.stack(pooled).cpu().numpy().astype(np.float16))
            is_swap.append(step % 3 == 2)
        if step % 50 == 0:
            print(f"self-blends and swaps: {start} of {len(chosen)}", flush=True)
    return np.stack(features), np.array(is_swap)


def source_weights(records: Sequence[Record], is_chosen: np.ndarray) -> np.ndarray:
    """One over the root of the size of each face's source (of fakes: and generator) among the chosen faces."""
    keys = [(record.source, record.label, record.generator) for record in records]
    sizes = Counter(key for key, is_counted in zip(keys, is_chosen) if is_counted)
    return np.array([1 / max(1, sizes[key]) ** 0.5 for key in keys])


def fit_logistic(rows: np.ndarray, is_fake: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Weighted logistic regression; both classes weigh alike. Rows [N, 1024]. :returns: kernel [1024], bias"""
    balanced = weights.copy()
    for part in (is_fake, ~is_fake):
        balanced[part] /= 2 * balanced[part].sum()
    x, y, w = (torch.from_numpy(values.astype(np.float32)) for values in (rows, is_fake, balanced))
    theta = torch.zeros(rows.shape[1] + 1, requires_grad=True)
    optimiser = torch.optim.LBFGS([theta], max_iter=60, history_size=20, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        entropy = F.binary_cross_entropy_with_logits(x @ theta[:-1] + theta[-1], y, reduction="none")
        value = (w * entropy).sum() + L2 * (theta[:-1] ** 2).sum()
        value.backward()
        return value

    optimiser.step(loss)
    values = theta.detach().numpy()
    return values[:-1], float(values[-1])


class Features(NamedTuple):
    """Pooled features, float32."""

    known: np.ndarray  # [N, 2, 1024]: faces of the packs, plain and changed
    records: list[Record]  # [N]
    made: np.ndarray  # [M, 2, 1024]: real faces, and self-blends and swaps made from them
    is_swap: np.ndarray  # bool [M]


def fit_heads(features: Features, is_training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """:returns: kernel [1024, 3] and bias [3] of the classes; real has the logit 0"""
    known = features.known[is_training]
    labels = np.array([record.label for record in features.records])[is_training]
    weights = source_weights(features.records, is_training)[is_training]
    mean, deviation = known[:, 0].mean(0), known[:, 0].std(0) + 1e-3
    made_weights = MADE_WEIGHT / np.where(features.is_swap, features.is_swap.sum(), (~features.is_swap).sum()) ** 0.5
    kernel, bias = np.zeros((known.shape[2], 3), np.float32), np.zeros(3, np.float32)
    for label in (MANIPULATED, SYNTHETIC):
        chosen = (labels == REAL) | (labels == label)
        rows = [known[chosen, 0], known[chosen, 1]]
        is_fake = [labels[chosen] == label] * 2
        row_weights = [weights[chosen] / 2] * 2
        if label == MANIPULATED:
            rows += [features.made[:, 0], features.made[:, 1]]
            is_fake += [np.zeros(len(features.made), bool), np.ones(len(features.made), bool)]
            row_weights += [made_weights] * 2
        standardised = (np.concatenate(rows) - mean) / deviation
        own, offset = fit_logistic(standardised, np.concatenate(is_fake), np.concatenate(row_weights))
        kernel[:, label] = own / deviation
        bias[label] = offset - (own / deviation) @ mean
    return kernel, bias


def real_logits(features: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Log-odds of real against both kinds of fakes. Features [N, 1024] -> [N]."""
    logits = features @ kernel + bias
    return logits[:, REAL] - np.logaddexp(logits[:, MANIPULATED], logits[:, SYNTHETIC])


def fit_platt(logits: np.ndarray, is_real: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Scale and bias of sigmoid(scale * logit + bias) (Platt 1999); both classes weigh alike."""
    balanced = weights.copy()
    for part in (is_real, ~is_real):
        balanced[part] /= 2 * balanced[part].sum()
    theta = torch.tensor([0.5, 0.0], dtype=torch.float64, requires_grad=True)
    z, y, w = (torch.from_numpy(values.astype(np.float64)) for values in (logits, is_real, balanced))
    optimiser = torch.optim.LBFGS([theta], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        entropy = F.binary_cross_entropy_with_logits(theta[0] * z + theta[1], y, reduction="none")
        value = (w * entropy).sum()
        value.backward()
        return value

    optimiser.step(loss)
    scale, bias = theta.detach().tolist()
    return scale, bias


def choose_thresholds(scores: np.ndarray, is_real: np.ndarray, sources: np.ndarray, what: str) -> dict:
    """The two thresholds and the error rates at them.

    :param scores: authenticity in [0, 1] of N files
    :param what: what the files are, plural
    """
    reals = scores[is_real]
    limits = [np.quantile(reals, MAX_FPR, method="lower")]
    for source in set(sources[is_real]):
        own = scores[is_real & (sources == source)]
        if len(own) >= MIN_SOURCE_FILES:
            limits.append(np.quantile(own, MAX_SOURCE_FPR, method="lower"))
    forged_below = math.floor(min(limits) * 10_000) / 10_000  # rounded down: no real file more is called forged
    fakes = scores[~is_real]
    sizes = Counter(sources[~is_real])
    weights = np.array([sizes[source] ** -0.5 for source in sources[~is_real]])
    order = np.argsort(-fakes)
    passed = np.cumsum(weights[order]) / weights.sum()
    index = min(np.searchsorted(passed, MAX_MISS_RATE), len(fakes) - 1)
    authentic_above = math.ceil(max(forged_below, float(fakes[order][index])) * 10_000) / 10_000
    return {
        "forgedBelow": forged_below,
        "authenticAbove": authentic_above,
        "measuredFpr": float((reals < forged_below).mean()),
        "measuredMissRate": float((fakes > authentic_above).mean()),
        "measuredOn": f"{len(reals)} real and {len(fakes)} forged {what} of groups that no training saw",
    }


def report(records: Sequence[Record], scores: np.ndarray, thresholds: dict) -> list[dict]:
    """AUC and error rates by source of the fakes, against reals of the same source, else against all."""
    labels = np.array([record.label for record in records])
    names = np.array([record.source for record in records])
    rows = []
    for name in sorted(set(names)):
        reals, fakes = scores[(names == name) & (labels == REAL)], scores[(names == name) & (labels != REAL)]
        row = {"source": name, "reals": len(reals), "fakes": len(fakes)}
        if len(reals):
            row["calledForged"] = int((reals < thresholds["forgedBelow"]).sum())
            row["calledAuthentic"] = int((reals > thresholds["authenticAbove"]).sum())
        if len(fakes):
            against = reals if len(reals) >= 20 else scores[labels == REAL]
            row["auc"] = round(auc(against, fakes), 4)
            row["caught"] = int((fakes < thresholds["forgedBelow"]).sum())
            row["passed"] = int((fakes > thresholds["authenticAbove"]).sum())
        rows.append(row)
    return rows


def files_of(records: Sequence[Record], logits: np.ndarray) -> tuple[list[Record], np.ndarray]:
    """One row for each file: a picture's face, or the mean logit of a clip's frames (source "videos", same group and class)."""
    groups: dict[tuple, list[int]] = defaultdict(list)
    for index, record in enumerate(records):
        key = (record.group, record.label, record.generator) if record.source == "videos" else index
        groups[key].append(index)
    rows = list(groups.values())
    return [records[row[0]] for row in rows], np.array([logits[row].mean() for row in rows])


def extract_features(detector: Detector, faces: Sequence[PackedFace], limit: int) -> Features:
    """Those of the faces of packs; the device is a GPU where there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    detector.to(device, memory_format=torch.channels_last)
    chosen = choose_faces(faces, limit)
    known = features_of(detector, chosen, device)
    made, is_swap = made_features_of(detector, faces, device)
    records = [face.record for face in chosen]
    return Features(known.astype(np.float32), records, made.astype(np.float32), is_swap)


def save_features(path: Path, features: Features) -> None:
    records = np.array(json.dumps([record._asdict() for record in features.records]))
    known, made = features.known.astype(np.float16), features.made.astype(np.float16)
    np.savez(path, known=known, records=records, made=made, is_swap=features.is_swap)


def load_features(path: Path | None) -> Features | None:
    """What `save_features` wrote; None where there is no such file."""
    if path is None or not path.exists():
        return None
    with np.load(path) as stored:
        records = [Record(**entry) for entry in json.loads(str(stored["records"]))]
        known, made = stored["known"].astype(np.float32), stored["made"].astype(np.float32)
        return Features(known, records, made, stored["is_swap"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", required=True, type=Path, metavar="FOLDER")
    parser.add_argument("--weights", required=True, type=Path, metavar="FACE.npz", help="as train.py wrote them")
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="model folder; refit.json goes there too")
    parser.add_argument("--features", type=Path, metavar="FILE.npz", help="keeps the features, or has them already")
    parser.add_argument("--version", default="0.0.0", help="version in the manifest")
    parser.add_argument("--limit", type=int, default=SOURCE_LIMIT, help="training faces of a source and class at most")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    detector = load_detector(arguments.weights).eval()
    features = load_features(arguments.features)
    if features is None:
        features = extract_features(detector, read_packs(arguments.packs), arguments.limit)
        if arguments.features is not None:
            save_features(arguments.features, features)
    records = features.records
    held_out = np.array([is_validation(record) for record in records])
    kernel, bias = fit_heads(features, ~held_out)

    rows = [record for record, is_chosen in zip(records, held_out) if is_chosen]
    files, logits = files_of(rows, real_logits(features.known[held_out, 0], kernel, bias))
    is_real = np.array([record.label == REAL for record in files])
    scale, offset = fit_platt(logits, is_real, source_weights(files, np.ones(len(files), bool)))
    scores = 1 / (1 + np.exp(-(scale * logits + offset)))
    sources = np.array([record.source for record in files])
    is_video = sources == "videos"
    thresholds = {}
    for kind, chosen, what in (("image", ~is_video, "pictures"), ("video", is_video, "clips")):
        if (is_real & chosen).sum() < MIN_KIND_FILES:
            chosen, what = np.ones(len(files), bool), "pictures and clips"
        thresholds[kind] = choose_thresholds(scores[chosen], is_real[chosen], sources[chosen], what)

    arrays = to_arrays(detector.cpu()) | {"classes/kernel": kernel, "classes/bias": bias}
    trained_on = sorted({record.source for record, is_out in zip(records, held_out) if not is_out})
    write_model(arrays, arguments.out, arguments.version, {"scale": scale, "bias": offset}, thresholds, trained_on)
    table = report(files, scores, thresholds["image"])
    result = {"calibration": {"scale": scale, "bias": offset}, "sources": table}
    (arguments.out / "refit.json").write_text(json.dumps(result, indent=1) + "\n")
    for row in table:
        print(" ".join(f"{key} {value}" for key, value in row.items()))
    print(json.dumps(thresholds, indent=1))


if __name__ == "__main__":
    main()
