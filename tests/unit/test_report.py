"""The report: all that is known stands on the page, none of it as markup, in little room."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from doctor import cases_training
from doctor.records import binary, classifier, regression, values
from doctor.runs import dead, fall, trained

from pellucid._core.errors import DataError
from pellucid.doctor import Diagnosis, Evidence, Finding, examine, load_rules
from pellucid.record.schema import (
    Checkups,
    Examples,
    LayerRecord,
    OutputRecord,
    RunRecord,
    WeightRecord,
)
from pellucid.report import render, write
from pellucid.report.answer import answers

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\x00\ud800]]>"
VOID = {"meta", "link", "br", "img", "hr", "input"}
NUMBERS = np.random.default_rng(3)


class Page(HTMLParser):
    """Parses strictly, as far as it matters: tags close in order, ids are unique."""

    def __init__(self, text: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), f"an attribute twice on {tag}"
        self.tags.append((tag, dict(attrs)))
        if "id" in dict(attrs):
            self.ids.append(dict(attrs)["id"])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def page(record: RunRecord, **more) -> Page:
    text = render(record, **more)
    text.encode()  # no half characters
    return Page(text)


def sections(parsed: Page) -> list[str]:
    return [a["id"] for tag, a in parsed.tags if tag == "section"]


def with_histograms(record: RunRecord) -> RunRecord:
    for signs in [*record.checkups.layers.values(), *record.checkups.weights.values()]:
        rows = len(record.checkups)
        signs["histogram"] = NUMBERS.integers(0, 100, (rows, 32))
        signs["histogram_range"] = np.tile([-1.0, 2.0], (rows, 1))
    return record


def classes(record: RunRecord, name: str = "y") -> RunRecord:
    """With 60 answers, of which 10 are wrong: classes 0 are taken for class 2."""
    truth = np.repeat([0, 1, 2], 20)
    prediction = np.full((60, 3), 0.1)
    prediction[np.arange(60), truth] = 0.8
    prediction[:10] = [0.2, 0.1, 0.7]
    loss = -np.log(prediction[np.arange(60), truth])
    worst = np.argsort(-loss, kind="stable")[:12]
    inputs = NUMBERS.random((60, 8, 8, 1)).astype(np.float32)
    record.examples[name] = Examples(
        "validation", name, truth, prediction, loss, worst, inputs[worst]
    )
    return record


def full() -> RunRecord:
    return classes(with_histograms(trained()))


def measured_values(columns: int = 1) -> RunRecord:
    record = trained(regression(), usual=None, baseline=1.0)
    truth = NUMBERS.normal(size=(80, columns))
    answer = truth + 0.5
    loss = ((truth - answer) ** 2).mean(1)
    record.examples["y"] = Examples(
        "training", "y", truth, answer, loss, np.arange(5), NUMBERS.normal(size=(5, 8))
    )
    return record


# --- what stands on it


def test_a_whole_run_has_every_part_findings_first():
    parsed = page(full(), facts={"device": "a made-up machine"})
    assert sections(parsed) == [
        "findings", "curves", "network", "depth", "answers", "layers", "data", "setup"
    ]  # fmt: skip
    assert "a made-up machine" in parsed.text
    assert "500 samples" in parsed.text
    links = {a["href"][1:] for tag, a in parsed.tags if tag == "a" and a["href"].startswith("#")}
    assert links <= set(parsed.ids)


def test_findings_come_with_their_evidence_and_causes():
    record = cases_training.stuck(learning_rate=0.3, pace=2.0, change=50.0)
    parsed, diagnosis = page(record), examine(record)
    assert not diagnosis.healthy
    for finding in diagnosis.walk():
        for text in (finding.symptom, *map(str, finding.evidence)):
            assert " ".join(text.split()) in parsed.text
    assert "Likely cause 1" in parsed.text
    assert "1 problem" in parsed.text


def test_every_rule_is_explained_on_the_page_that_names_it():
    rules = load_rules()
    found = [Finding(rule, f"{rule} it is", evidence=(Evidence("a", 1),)) for rule in rules]
    parsed = page(RunRecord(), diagnosis=Diagnosis(found))
    links = [a["href"] for tag, a in parsed.tags if tag == "a" and "#rule-" in a.get("href", "")]
    assert links == [f"#rule-{finding.rule}" for finding in Diagnosis(found)[: len(links)]]
    assert len(links) == min(len(rules), 100)
    assert {f"rule-{rule}" for rule in rules} <= set(parsed.ids)
    assert parsed.text.count("How to fix it") == len(rules)
    pictures = [a["src"] for tag, a in parsed.tags if tag == "img"]
    assert len(pictures) >= len(rules) - 5
    assert all(source.startswith("data:image/svg+xml;base64,") for source in pictures)


def test_a_sound_run_says_quietly_that_nothing_was_found():
    record = trained()
    assert len(examine(record)) == 0
    assert "No problem found" in page(record).text


def test_the_measured_numbers_are_told():
    record = full()
    record.history["loss"][0], record.history["loss"][-1] = 7.125, 0.0625
    parsed = page(record)
    labels = " ".join(a.get("aria-label") or "" for tag, a in parsed.tags if tag == "svg")
    assert "from 7.12 to 0.0625" in labels
    assert "83 % of the answers are right" in labels
    hints = parsed.text
    assert "truth 0, answer 2: 10 (50 %)" in hints
    assert "update/weight 0.02" in hints


def test_dead_units_are_shown_where_they_are():
    record = dead(trained(), "dense_0", 0.0, 0.75)
    parsed = page(record)
    assert "75 % dead" in parsed.text
    assert "dense_0: 75 %" in parsed.text


def test_residuals_of_values():
    parsed = page(measured_values())
    labels = " ".join(a.get("aria-label") or "" for tag, a in parsed.tags if tag == "svg")
    assert "mae 0.5" in labels.lower()
    assert "mean 0.5, standard deviation" in labels
    assert "column 0" in page(measured_values(3)).text


def test_the_worst_samples_are_pictures_with_words():
    parsed = page(full(), class_names=["ash", "beech", "cedar"])
    pictures = [a for tag, a in parsed.tags if tag == "img"]
    assert len(pictures) == 12
    assert all(a["src"].startswith("data:image/png;base64,") for a in pictures)
    assert all("ash" in a["alt"] or "beech" in a["alt"] for a in pictures[:10])


@pytest.mark.parametrize(
    "shape", [(8,), (40,), (64,), (30, 2), (3, 4, 5, 6), (16, 16), (12, 12, 3), (12, 12, 7)]
)
def test_samples_of_every_shape(shape):
    record = full()
    record.examples["y"].worst_inputs = NUMBERS.normal(size=(12, *shape))
    assert "Answered worst" in page(record).text


def test_answers_that_are_pictures_stand_beside_their_inputs():
    record = measured_values(columns=64)
    examples = record.examples["y"]
    examples.worst_inputs = examples.truth[:5].reshape(5, 8, 8)
    parsed = page(record)
    described = [a["alt"] for tag, a in parsed.tags if tag == "img"]
    assert described[:3] == ["input of sample 1", "truth of sample 1", "answer of sample 1"]
    assert len(described) == 15
    assert "column 0" in parsed.text  # of the table of the worst columns


def test_flattened_pictures_are_seen_as_pictures():
    smooth = np.add.outer(np.linspace(0, 0.5, 10), np.linspace(0, 0.5, 10))
    record = full()
    record.examples["y"].worst_inputs = np.tile(smooth.ravel(), (12, 1))
    assert len([tag for tag, _ in page(record).tags if tag == "img"]) == 12
    record.examples["y"].worst_inputs = NUMBERS.random((12, 100))
    assert not [tag for tag, _ in page(record).tags if tag == "img"]


def test_numbers_that_stand_for_words_are_listed():
    record = full()
    record.data.inputs["x"].embedded = True
    record.examples["y"].worst_inputs = np.tile([0, 0, 417, 12], (12, 1))
    assert "417 12" in page(record).text


def test_a_layer_counts_what_it_is_made_of():
    record = trained()
    record.layers[0].weights = []
    for weight in record.weights[:2]:
        weight.layer = f"{record.layers[0].path}/cell"
    assert "144 parameters" in page(record).text


def test_a_binary_answer_of_one_unit():
    record = trained(classifier(units=1, activation="sigmoid", target=binary()))
    record.outputs[0].loss = "binary_crossentropy"
    truth, sure = np.array([0, 1, 1]), np.array([[0.25], [0.75], [0.4]])
    examples = Examples("training", "y", truth, sure, np.ones(3), np.arange(3))
    record.examples["y"] = examples
    assert answers(record, examples).tolist() == [0, 1, 0]
    record.outputs[0].loss_config = {"from_logits": True}
    assert answers(record, examples).tolist() == [1, 1, 1]
    assert "Confusion matrix" in page(record).text


def test_answers_that_are_not_finite():
    record = full()
    record.examples["y"].prediction[:] = np.nan
    record.examples["y"].loss[:] = np.inf
    assert "not a number" in page(record).text
    record = measured_values()
    record.examples["y"].prediction[:] = np.nan
    page(record)


# --- what may be missing


@pytest.mark.parametrize(
    ("record", "parts"),
    [
        (RunRecord(), ["findings"]),
        (RunRecord(losses=np.array([2.0, 1.0])), ["findings", "curves", "setup"]),
        (RunRecord(layers=[LayerRecord("a", "Dense")]), ["findings", "network", "layers"]),
        (
            classifier(target=values()),
            ["findings", "network", "layers", "data", "rules", "setup"],
        ),
    ],
    ids=["nothing", "two steps", "a config", "before training"],
)
def test_missing_parts_do_not_appear(record, parts):
    assert sections(page(record)) == parts


def test_without_validation_and_checkups():
    record = trained()
    record.history = {"loss": record.history["loss"]}
    record.checkups = Checkups()
    parsed = page(record)
    assert sections(parsed) == ["findings", "curves", "network", "layers", "data", "setup"]
    assert "validation" not in parsed.text.split("Curves")[-1].split("Network")[0]


@pytest.mark.parametrize("name", list(cases_training.FIRES))
def test_every_kind_of_bad_run_has_a_page(name):
    for make in cases_training.FIRES[name]:
        assert "findings" in sections(page(make()))


def test_numbers_that_are_not_finite_are_gaps():
    record = full()
    record.history["loss"][3:5] = [np.nan, np.inf]
    record.losses[100:] = np.nan
    record.bad_step, record.bad_place = 100, "dense_0"
    for signs in record.checkups.layers.values():
        signs["gradient_rms"] = np.full(2, np.nan)
    text = render(record)
    assert "not finite" in text
    for drawn in re.findall(r' d="([^"]*)"', text):
        assert "nan" not in drawn
        assert "inf" not in drawn


# --- safety


def hostile() -> RunRecord:
    """Every text that a user chooses is an attack."""
    record = full()
    record.name = HOSTILE
    for layer in record.layers:
        old, layer.path = layer.path, layer.path + HOSTILE
        layer.kind += HOSTILE
        layer.config = {
            HOSTILE: HOSTILE,
            "nested": {"class_name": HOSTILE, "config": {"a": HOSTILE}},
        }
        record.checkups.layers[layer.path] = record.checkups.layers.pop(old)
        for other in record.layers:
            other.inputs = [layer.path if name == old else name for name in other.inputs]
    for weight in record.weights:
        weight.role += HOSTILE
    record.layers[0].inputs = [f"input:{HOSTILE}"]
    record.outputs[0].name = HOSTILE
    record.outputs[0].layer = record.layers[-1].path
    record.outputs[0].metrics = [HOSTILE]
    record.data.targets[HOSTILE] = record.data.targets.pop("y")
    record.data.inputs["x"].name = HOSTILE
    record.data.inputs["x"].column_names = [HOSTILE + str(i) for i in range(8)]
    record.data.inputs["x"].column_link = np.linspace(0, 1, 8)
    record.history[HOSTILE] = record.history["accuracy"]
    record.plan.callbacks = [HOSTILE]
    record.plan.optimizer_config = {HOSTILE: HOSTILE}
    record.examples = {}
    classes(record, HOSTILE)
    return record


def test_names_never_become_markup():
    names = [HOSTILE + str(i) for i in range(3)]
    parsed = page(hostile(), class_names=names, title=HOSTILE, facts={HOSTILE: HOSTILE})
    assert "<script>alert(1)</script>" in parsed.text  # as text
    tags = {tag for tag, _ in parsed.tags}
    assert "script" not in tags
    for tag, attributes in parsed.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert "style" not in attributes, tag
        assert (attributes.get("src") or "data:").startswith("data:")
        assert (attributes.get("href") or "#").startswith(("#", "data:"))


def test_the_page_asks_nothing_of_anybody():
    text = render(full())
    assert not re.search(r"https?:|//|@import|url\(", re.sub(r"base64,[^\"]*", "", text))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    assert "default-src 'none'" in policy.group(1)
    assert "unsafe" not in policy.group(1)
    parsed = Page(text)
    assert not {"script", "iframe", "object", "form"} & {tag for tag, _ in parsed.tags}
    assert all(a.get("alt") for tag, a in parsed.tags if tag == "img")
    assert all(a.get("aria-label") for tag, a in parsed.tags if tag == "svg")


# --- size


@pytest.mark.slow
def test_a_deep_network_and_a_long_run_stay_small():
    rows, count = 40, 500
    record = RunRecord("deep")
    for number in range(count):
        path = f"stage_{number // 50}/block_{number // 5}/convolution_{number}"
        before = record.layers[-1].path if record.layers else "input:x"
        inputs = [before]
        if number > 10 and number % 5 == 0:
            inputs.append(record.layers[-5].path)  # around a block
        roles = {"kernel": [3, 3, 64, 64], "bias": [64]}
        weights = [f"{path}/{role}" for role in roles]
        record.layers.append(
            LayerRecord(
                path, "Conv2D", {"filters": 64}, inputs, [None, 32, 32, 64], "relu", weights
            )
        )
        record.weights += [WeightRecord(f"{path}/{r}", path, r, s) for r, s in roles.items()]
    record.outputs = [OutputRecord("y", record.layers[-1].path, "softmax", [None, 10])]
    record.checkups = Checkups(np.arange(rows) * 100, np.arange(rows))
    one = {
        "histogram": NUMBERS.integers(0, 999, (rows, 32)), "update_ratio": NUMBERS.random(rows),
        "histogram_range": np.tile([-1.23456, 2.34567], (rows, 1)), "norm": NUMBERS.random(rows),
        "output_spread": NUMBERS.random(rows), "gradient_rms": NUMBERS.random(rows),
        "unit_zero": NUMBERS.random((rows, 64)),
    }  # fmt: skip
    record.checkups.layers = {layer.path: one for layer in record.layers}
    record.checkups.weights = {weight.path: one for weight in record.weights}
    record.losses = fall(3.0, 0.1, 10**6).astype(np.float32)
    record.losses[777_777] = 40.0
    record.gradient_norms = record.losses
    record.epochs = np.arange(rows)
    record.history = {"loss": fall(3.0, 0.1, rows), "val_loss": fall(3.1, 0.3, rows)}
    text = render(record, diagnosis=Diagnosis())  # what the doctor takes is not the report's
    assert len(text.encode()) < 3_000_000
    assert "layer-500" in text
    assert "40" in " ".join(Page(text).words)  # the only high point is on the axis


# --- the file


def test_the_file_is_replaced_whole(tmp_path):
    path = tmp_path / "run.html"
    path.write_text("old")
    assert write(full(), path) == path
    first = path.read_text(encoding="utf-8")
    write(full(), path)
    assert first.startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["run.html"]


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "run.html"
    path.write_text("old")
    monkeypatch.setattr("pellucid.report.file.os.replace", lambda *names: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write(RunRecord(), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["run.html"]


@pytest.mark.parametrize("name", ["missing/run.html", "."])
def test_a_path_that_cannot_be(tmp_path, name):
    with pytest.raises(DataError, match="cannot be written"):
        write(RunRecord(), tmp_path / name)
