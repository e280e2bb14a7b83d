"""`pellucid doctor`: findings as text and as JSON, exit statuses, and files that cannot be read."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest
from doctor.records import array, begun, classifier
from helpers_cli import pellucid, refused

from pellucid.doctor import Diagnosis, load_rules
from pellucid.record.files import save_record


def written(folder, record):
    folder.mkdir()
    save_record(folder / "vitals.npz", record)
    return folder


@pytest.fixture
def healthy(tmp_path):
    return written(tmp_path / "run", classifier())


@pytest.fixture
def ill(tmp_path):
    return written(tmp_path / "ill", classifier(units=1, x=array(minimum=0, maximum=255, mean=90)))


def network(*, units=3, activation="softmax", **more):
    """A small network as Keras's `to_json` writes it."""
    layers = [
        {"class_name": "Dense", "config": {"name": "a", "units": 8, "activation": "relu"}},
        {"class_name": "Dense", "config": {"name": "b", "units": units, "activation": activation}},
    ]
    return {"class_name": "Sequential", "config": {"name": "net", "layers": layers}, **more}


def test_a_healthy_run_is_one_line_and_status_0(healthy):
    for command in (
        ["doctor", healthy],
        ["doctor", "run", healthy],
        ["doctor", healthy / "vitals.npz"],
    ):
        result = pellucid(*command)
        assert result.exit_code == 0
        assert result.stdout.startswith("No problem found: ")
        assert result.stdout.count("\n") == 1
        assert result.stderr == ""


def test_a_problem_is_explained_and_is_status_1(ill):
    result = pellucid("doctor", ill)
    assert result.exit_code == 1
    assert result.stdout.startswith("problem: ")
    for word in (
        "[softmax-over-one-unit]",
        "where:",
        "seen:",
        "why:",
        "fix:",
        "[unscaled-inputs]",
        "2 problems found",
    ):
        assert word in result.stdout


@pytest.mark.parametrize("order", [["doctor", "--json"], ["doctor", "run", "--json"]])
def test_json_holds_the_same(ill, order):
    first = pellucid(*order, ill)
    last = pellucid("doctor", ill, "--json")
    assert first.exit_code == last.exit_code == 1
    assert first.stdout == last.stdout
    diagnosis = Diagnosis.from_dict(json.loads(first.stdout))
    assert str(diagnosis) + "\n" == pellucid("doctor", ill).stdout


def test_a_run_without_a_record_has_its_network_examined(tmp_path):
    model = {"format": "pellucid-model", "version": 1, "model": network(activation="linear")}
    (tmp_path / "model.json").write_text(json.dumps(model))
    assert pellucid("doctor", tmp_path).exit_code == 0  # no loss is known
    settings = {"compile": {"loss": "sparse_categorical_crossentropy", "optimizer": "adam"}}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    result = pellucid("doctor", tmp_path)
    assert result.exit_code == 1
    assert "[linear-output-with-crossentropy]" in result.stdout


def test_check_reads_json_and_what_lies_in_a_keras_file(tmp_path):
    compiled = network(units=1, compile_config={"loss": "mse", "optimizer": "adam"})
    path = tmp_path / "net.json"
    path.write_text(json.dumps(compiled))
    result = pellucid("doctor", "check", path)
    assert result.exit_code == 1
    assert "[softmax-over-one-unit]" in result.stdout
    archive = tmp_path / "net.keras"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("config.json", json.dumps(compiled))
    assert pellucid("doctor", "check", archive).stdout == result.stdout
    path.write_text(json.dumps(network()["config"]))  # as get_config gives it
    assert pellucid("doctor", "check", path).exit_code == 0


@pytest.mark.slow
def test_check_reads_files_that_keras_wrote(tmp_path):
    keras = pytest.importorskip("keras")
    layers = keras.layers
    image, extra = keras.Input((8, 8, 1), name="image"), keras.Input((4,), name="extra")
    inner = keras.Sequential([layers.Conv2D(4, 3, activation="relu"), layers.Flatten()])
    both = layers.Concatenate()([inner(image), layers.Dense(4, activation="relu")(extra)])
    kind = layers.Dense(3, activation="softmax", name="kind")(both)
    size = layers.Dense(1, name="size")(both)
    model = keras.Model([image, extra], [kind, size])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss=[loss, "mse"])
    model.save(tmp_path / "net.keras")
    result = pellucid("doctor", "check", tmp_path / "net.keras", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert [finding["rule"] for finding in found["findings"]] == ["probabilities-as-logits"]
    assert found["findings"][0]["where"] == {"layer": "kind", "output": "kind"}
    assert found["looked_at"] == ["6 layers", "2 losses"]


def zipped(name, text):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr(name, text)
    return held.getvalue()


BROKEN = network()
BROKEN["config"]["layers"][1].pop("class_name")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no network that can be read"),
        (b"\xff\xfe nonsense", "holds no network that can be read"),
        (b"[1, 2]", "the JSON is a list"),
        (b"{}", "holds no network"),
        (b"[" * 100_000, "holds no network that can be read"),
        (zipped("other.json", "{}"), "config.json"),
        (zipped("config.json", "{"), "holds no network that can be read"),
        (zipped("config.json", "{}")[:-30], "holds no network that can be read"),
        (json.dumps(BROKEN).encode(), "class_name"),
        (json.dumps({"layers": [{"class_name": "Dense"}]}).encode(), "cannot be read"),
        (json.dumps({"layers": 3}).encode(), "holds no network"),
    ],
    # pytest would name a test by the bytes, and an archive has the time of day in it
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_files_that_hold_no_network(content, words, tmp_path):
    path = tmp_path / "net.keras"
    path.write_bytes(content)
    assert words in refused(pellucid("doctor", "check", path))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("doctor no/such/run", "pellucid train digits"),
        ("doctor here", "neither vitals.npz nor model.json"),
        ("doctor file.keras", "pellucid doctor check file.keras"),
        ("doctor check no.keras", "no.keras"),
        ("doctor check here", "pellucid doctor here"),
        ("doctor check", "doctor check"),
        ("doctor here more", "pellucid doctor run --help"),
        ("doctor damaged", "damaged"),
        ("doctor here --jsn", "did you mean '--json'?"),
    ],
)
def test_wrong_commands(command, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "file.keras").write_bytes(b"")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "vitals.npz").write_bytes(b"PK damaged")
    result = pellucid(*command.split())
    assert words in refused(result)
    assert result.stdout == ""


def test_a_record_that_contradicts_itself_is_refused(tmp_path):
    record = begun(classifier(), {"dense_0": {"output_spread": 0.0}})
    record.checkups.step = np.zeros((1, 3))
    folder = written(tmp_path / "odd", record)
    assert "do not belong together" in refused(pellucid("doctor", folder))


def test_help_has_examples_and_exit_statuses():
    text = " ".join(pellucid("doctor", "--help").stdout.split())
    assert "pellucid doctor check model.keras" in text
    assert "Exit status: 0 no problem was found, 1 one was, 2" in text
    assert pellucid("doctor").stdout == pellucid("doctor", "--help").stdout
    assert "--json" in pellucid("doctor", "check", "--help").stdout


def test_a_finding_is_explained():
    done = pellucid("doctor", "explain", "dead-units")
    assert done.exit_code == 0
    assert done.stdout.startswith("# Dead units")
    assert "## How to fix it" in done.stdout
    listed = pellucid("doctor", "explain").stdout
    assert all(rule in listed for rule in load_rules())
    assert "did you mean dead-units" in refused(pellucid("doctor", "explain", "dead-unit"))
