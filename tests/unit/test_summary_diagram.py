"""`summary` and `diagram`: the table, the totals, the drawing, and networks of every kind."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest

from pellucid import Input, Model, Sequential, layers
from pellucid._core.errors import ConfigError, StateError
from pellucid.models import diagram as diagram_module
from pellucid.models.diagram import diagram, draw, to_dot
from pellucid.models.summary import summary


def text_of(model, **arguments):
    said = []
    summary(model, print_fn=said.append, **arguments)
    assert len(said) == 1
    return said[0]


def rows(text):
    """The table's rows as lists of cells, wrapped cells joined."""
    found, current = [], None
    for line in text.splitlines():
        if line.startswith(("│", "┃")):
            cells = [cell.strip() for cell in re.split("[│┃]", line)[1:-1]]
            current = (
                cells
                if current is None
                else [f"{a} {b}".strip() for a, b in zip(current, cells, strict=True)]
            )
        elif current is not None:
            found.append(current)
            current = None
    return found


def stack(name=None):
    return Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(8, activation="relu"),
            layers.BatchNormalization(),
            layers.Dense(3),
        ],
        name=name,
    )


def branches():
    a, b = Input(shape=(4,), name="a"), Input(shape=(2,), name="b")
    shared = layers.Dense(2, name="shared")
    once, twice = shared(a), shared(layers.Dense(4, name="widen")(b))
    joined = layers.Concatenate(name="join")([once, twice, b])
    return Model(
        [a, b], [layers.Dense(1, name="left")(joined), layers.Dense(5, name="right")(joined)]
    )


class Written(Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(6)
        self.second = layers.Dense(2)

    def call(self, x):
        return self.second(self.first(x))


# --- summary


def test_a_stack():
    text = text_of(stack("net"))
    assert text.startswith('Model: "net"')
    assert rows(text) == [
        ["Layer (type)", "Output Shape", "Param #"],
        ["dense (Dense)", "(None, 8)", "40"],
        ["batch_normalization (BatchNormalization)", "(None, 8)", "32"],
        ["dense_1 (Dense)", "(None, 3)", "27"],
    ]
    assert " Total params: 99 (396.00 B)" in text
    assert " Trainable params: 83 (332.00 B)" in text  # the two moving averages are not
    assert " Non-trainable params: 16 (64.00 B)" in text
    assert "?" not in text


def test_branches_say_what_they_are_connected_to():
    table = {row[0]: row[1:] for row in rows(text_of(branches()))}
    assert table["a (InputLayer)"] == ["(None, 4)", "0", "-"]
    assert table["widen (Dense)"][-1] == "b"
    assert table["shared (Dense)"] == ["(None, 2)", "10", "a, widen"]
    assert table["join (Concatenate)"] == ["(None, 6)", "0", "shared, shared#2, b"]
    assert table["right (Dense)"][-1] == "join"


def test_a_functional_chain_needs_no_connections():
    x = Input(shape=(4,))
    text = text_of(Model(x, layers.Dense(2)(layers.Dense(3)(x))))
    assert "Connected to" not in text
    assert len(rows(text)) == 4


def test_nested_networks_open_up_on_request():
    model = Sequential([layers.Input(shape=(4,)), stack("inner"), layers.Dense(1)])
    closed = rows(text_of(model))
    assert ["inner (Sequential)", "(None, 3)", "99"] in closed
    assert len(closed) == 3
    opened = rows(text_of(model, expand_nested=True))
    assert [row[0] for row in opened[2:5]] == [
        "└ dense (Dense)",
        "└ batch_normalization (BatchNormalization)",
        "└ dense_1 (Dense)",
    ]


def test_what_is_not_known_yet_is_a_question_mark_with_a_hint():
    text = text_of(Sequential([layers.Dense(3)]))
    assert rows(text)[1] == ["dense (Dense)", "?", "? (unbuilt)"]
    assert "Input(shape=...)" in text.replace("\n", " ")
    assert "add(Dense(10))" in text_of(Sequential())


def test_a_subclass_is_traced_once_its_input_is_known():
    model = Written()
    assert "unbuilt" in text_of(model)
    model.build((None, 4))
    assert rows(text_of(model))[1:] == [
        ["dense (Dense)", "(None, 6)", "30"],
        ["dense_1 (Dense)", "(None, 2)", "14"],
    ]


def test_frozen_layers_count_as_not_trainable():
    model = stack()
    model.layers[0].trainable = False
    text = text_of(model, show_trainable=True)
    assert " Trainable params: 43 " in text
    assert " Non-trainable params: 56 " in text
    assert [row[-1] for row in rows(text)[1:]] == ["N", "Y", "Y"]


def test_sizes_follow_the_format():
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(8, dtype="bfloat16")])
    assert "Total params: 40 (80.00 B)" in text_of(model)


def test_the_optimiser_is_counted_apart():
    model = Sequential([layers.Input(shape=(2,)), layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    assert "Optimizer" not in text_of(model)
    model.fit([[1.0, 2.0]], [[1.0]], verbose=0)
    text = text_of(model)
    assert "Total params: 3 " in text
    assert "Optimizer params: 6 " in text


def test_looking_changes_no_number():
    from pellucid.utils import set_random_seed

    def first_weights(look):
        set_random_seed(3)
        model = Sequential([layers.Input(shape=(4,)), stack("inner"), layers.Dense(1)])
        if look:
            text_of(model, expand_nested=True, show_trainable=True)
            diagram(model)
            text_of(model.layers[0])
        return model.get_weights()

    for a, b in zip(first_weights(False), first_weights(True), strict=True):
        assert (a == b).all()


@pytest.mark.parametrize("width", [24, 60, 200])
def test_no_line_is_longer_than_asked(width):
    assert max(map(len, text_of(branches(), line_length=width).splitlines())) <= width


def test_markup_in_names_is_shown_as_it_is():
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(1, name="[bold]x[/]")], name="[red]")
    text = text_of(model)
    assert '"[red]"' in text
    assert "[bold]x[/] (Dense)" in text


def test_printed_without_control_characters_into_a_pipe(capsys):
    stack().summary()
    output = capsys.readouterr().out
    assert "dense_1 (Dense)" in output
    assert "\x1b" not in output


# --- diagram


def edges(text):
    """(from label, shape, to label) of every arrow of a Mermaid text."""
    boxes = dict(re.findall(r'^    (\w+)[\[(]+"(.*?)"[\])]+$', text, re.M))
    arrows = re.findall(r'^    (\w+) -->\|"(.*?)"\| (\w+)$', text, re.M)
    return [(boxes[a].split("<br>")[0], shape, boxes[b].split("<br>")[0]) for a, shape, b in arrows]


def test_shapes_stand_on_the_arrows():
    assert edges(diagram(branches())) == [
        ("b: Input", "(None, 2)", "widen: Dense"),
        ("a: Input", "(None, 4)", "shared: Dense"),
        ("widen: Dense", "(None, 4)", "shared: Dense"),
        ("shared: Dense", "(None, 2)", "join: Concatenate"),
        ("shared: Dense", "(None, 2)", "join: Concatenate"),
        ("b: Input", "(None, 2)", "join: Concatenate"),
        ("join: Concatenate", "(None, 6)", "left: Dense"),
        ("join: Concatenate", "(None, 6)", "right: Dense"),
        ("left: Dense", "(None, 1)", "output: left"),
        ("right: Dense", "(None, 5)", "output: right"),
    ]


def test_a_stack_from_input_to_output():
    found = edges(diagram(stack()))
    assert [edge[1] for edge in found] == ["(None, 4)", "(None, 8)", "(None, 8)", "(None, 3)"]
    assert (found[0][0], found[-1][-1]) == ("input", "output")


def test_an_unbuilt_stack_still_shows_its_order():
    assert edges(diagram(Sequential([layers.Dense(3), layers.Dense(2)]))) == [
        ("dense: Dense", "?", "dense_1: Dense")
    ]


def test_a_subclass_shows_its_layers():
    text = diagram(Written())
    assert '["dense: Dense<br>not built yet"]' in text
    assert edges(text) == []


NASTY = 'a "b" <i>\\n`#;[]|{}%%\n&'


def test_names_cannot_break_out_of_their_label():
    model = Sequential([layers.Input(shape=(4,)), layers.Dense(1, name=NASTY)])
    text = diagram(model)
    assert len(text.splitlines()) == 6
    label = re.search(r'n1\["(.*)"\]', text).group(1)
    assert not set('"<>`\\') & set(label.replace("<br>", ""))
    dot = to_dot(draw(model))
    label = re.search(r'n1 \[label="(.*)"\];', dot).group(1)
    assert re.fullmatch(r'(?:[^"\\]|\\["\\n])*', label)


def test_the_text_can_be_kept(tmp_path):
    path = tmp_path / "net.mmd"
    text = stack().diagram(path)
    assert path.read_text() == text + "\n"
    assert [p.name for p in tmp_path.iterdir()] == ["net.mmd"]


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="ending") as caught:
        diagram(stack(), tmp_path / "net.pdf")
    assert "net.svg" in caught.value.fix


def test_without_graphviz_there_is_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ConfigError, match="Graphviz") as caught:
        diagram(stack(), tmp_path / "net.svg")
    assert "install graphviz" in caught.value.fix
    assert "Mermaid" in caught.value.fix
    assert not list(tmp_path.iterdir())


def fake_dot(tmp_path, monkeypatch, body):
    program = tmp_path / "dot"
    program.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))


def test_graphviz_is_given_the_text_and_its_picture_kept(tmp_path, monkeypatch):
    fake_dot(tmp_path, monkeypatch, "print(sys.argv[1:], 'digraph' in sys.stdin.read(), end='')")
    diagram(stack(), tmp_path / "net.PNG")
    assert (tmp_path / "net.PNG").read_text() == "['-Tpng'] True"


def test_graphviz_that_fails_is_quoted(tmp_path, monkeypatch):
    fake_dot(tmp_path, monkeypatch, "sys.exit('no fonts here')")
    with pytest.raises(StateError, match="no fonts here"):
        diagram(stack(), tmp_path / "net.svg")
    monkeypatch.setattr(diagram_module, "SECONDS", 0.2)
    fake_dot(tmp_path, monkeypatch, "import time; time.sleep(30)")
    with pytest.raises(StateError, match="timed out"):
        diagram(stack(), tmp_path / "net.svg")
    assert not (tmp_path / "net.svg").exists()


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_graphviz_itself(tmp_path):
    branches().diagram(tmp_path / "net.svg")
    assert "<svg" in (tmp_path / "net.svg").read_text()
    dot = to_dot(draw(Sequential([layers.Input(shape=(4,)), layers.Dense(1, name=NASTY)])))
    subprocess.run(["dot", "-Tsvg"], input=dot.encode(), check=True, capture_output=True)
