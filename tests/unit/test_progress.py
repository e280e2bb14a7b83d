"""The progress display: what it says, and how it behaves on pipes, terminals and in notebooks."""

from __future__ import annotations

import io
import os
import re
import sys
from types import SimpleNamespace

import pytest

from pellucid._core.errors import ConfigError
from pellucid.callbacks import Callback, CallbackList, EarlyStopping
from pellucid.training import progress_display
from pellucid.training.progress import Progress, progress_callbacks
from pellucid.training.progress_display import Lines, Notebook, Terminal, choose

pty = pytest.importorskip("pty")  # no terminals of this kind on Windows


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


class Script:
    """Drives one `Progress` as the training loop does."""

    def __init__(self, display, phase="train", others=(), clock=None, **model):
        self.clock = clock or Clock()
        self.progress = Progress(phase, display, self.clock)
        self.model = SimpleNamespace(**{"history": None, "first_bad_step": -1, **model})
        self.list = CallbackList(
            [*others, self.progress], model=self.model, epochs=2, steps=4, verbose=1
        )

    def epoch(
        self, epoch=0, logs=None, compile_seconds=0.0, step=0.01, steps=4, total=4, then=None
    ):
        logs = logs or {"loss": 0.5, "accuracy": 0.9}
        call = self.list.call
        call("on_epoch_begin", epoch, {})
        for done in range(1, steps + 1):
            if done == 1 and compile_seconds:
                call("on_compile", "train", None)
                self.clock.wait(compile_seconds)
                call("on_compile", "train", compile_seconds)
            else:
                self.clock.wait(step)
            call("on_chunk_end", "train", done, total, logs)
            if then is not None:
                then(done)
        call("on_epoch_end", epoch, logs)

    def fit(self, epochs=2, **arguments):
        self.list.call("on_train_begin", {})
        for epoch in range(epochs):
            self.epoch(epoch, **arguments)
        self.list.call("on_train_end", {})


# --- lines


def test_a_pipe_gets_one_plain_line_an_epoch(capsys):
    Script(Lines()).fit(step=0.0062)
    expected = "Epoch {}/2  loss 0.5000  accuracy 0.9000  25 ms  6.2 ms/step"
    assert capsys.readouterr().out.splitlines() == [expected.format(1), expected.format(2)]


@pytest.mark.parametrize("verbose", [1, 2, "auto", True])
@pytest.mark.parametrize("phase", ["train", "test"])
def test_into_a_pipe_every_verbose_is_lines(verbose, phase, capsys):
    (callback,) = progress_callbacks(verbose, phase)
    assert type(callback.display) is Lines


def test_silence(capsys):
    assert progress_callbacks(0, "train") == progress_callbacks(False, "test") == []
    assert progress_callbacks("auto", "predict") == []


def test_an_unknown_verbose_is_refused():
    with pytest.raises(ConfigError, match="verbose must be"):
        progress_callbacks(3, "train")


def test_compilation_is_told_once_and_kept_out_of_the_step_time(capsys):
    script = Script(Lines())
    script.list.call("on_train_begin", {})
    script.epoch(0, compile_seconds=2.1)
    script.epoch(1, compile_seconds=0.2)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("2.1 s  10.0 ms/step  compiled in 2.1 s")
    assert second.endswith("0.2 s  10.0 ms/step")


def test_an_epoch_of_one_compiled_step_has_no_step_time(capsys):
    script = Script(Lines())
    script.epoch(0, compile_seconds=2.0, steps=1, total=1)
    assert capsys.readouterr().out.endswith("accuracy 0.9000  2.0 s  compiled in 2.0 s\n")


def test_validation_within_fit_is_part_of_the_epochs_line(capsys):
    script = Script(Lines())

    def validate(done):
        if done == 4:
            script.list.call("on_test_begin", {})
            script.clock.wait(1.0)
            script.list.call("on_chunk_end", "test", 2, 2, {"loss": 0.7})
            script.list.call("on_test_end", {"loss": 0.7})

    script.fit(1, logs={"loss": 0.5, "val_loss": 0.7}, then=validate)
    assert (
        capsys.readouterr().out == "Epoch 1/2  loss 0.5000  val_loss 0.7000  1.0 s  10.0 ms/step\n"
    )


@pytest.mark.parametrize(("samples", "told"), [(1, True), (9, True), (10, False), (None, False)])
def test_few_held_out_samples_are_called_few(samples, told, capsys):
    plan = SimpleNamespace(validation_samples=samples)
    history = SimpleNamespace(vitals=SimpleNamespace(plan=plan))
    script = Script(Lines(), history=history)
    script.list.call("on_train_end")
    assert ("mostly chance" in capsys.readouterr().out) == told


def test_evaluation_ends_in_one_line(capsys):
    script = Script(Lines(), "test")
    script.list.call("on_test_begin", {})
    script.clock.wait(0.5)
    script.list.call("on_chunk_end", "test", 10, 10, {"loss": 0.25})
    script.list.call("on_test_end", {"loss": 0.25})
    assert capsys.readouterr().out == "Evaluate  loss 0.2500  0.5 s  50.0 ms/step\n"


def test_ctrl_c_is_explained(capsys):
    script = Script(Lines(), history=SimpleNamespace(interrupted=True))
    script.fit(1)
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "stopped at epoch 1 of 2 by Ctrl-C: the weights trained so far are kept"


def test_ctrl_c_with_restored_weights_says_whose_they_are(capsys):
    class Best(EarlyStopping):
        def on_train_end(self, logs=None):
            self.best_weights, self.weights_epoch = [1], 0

    stop = Best("loss", restore_best_weights=True)
    stop.on_epoch_end = lambda epoch, logs=None: None
    script = Script(Lines(), others=[stop], history=SimpleNamespace(interrupted=True))
    script.fit(1)
    assert capsys.readouterr().out.endswith("by Ctrl-C: the weights are from epoch 1, the best\n")


def test_a_loss_that_is_not_finite_is_pointed_out(capsys):
    Script(Lines(), first_bad_step=7).fit(1, logs={"loss": float("nan")})
    assert "loss nan" in (line := capsys.readouterr().out)
    assert line.endswith("(loss not finite since step 7)\n")


def test_a_costly_batch_hook_is_named_once(capsys):
    class Nosy(Callback):
        def on_train_batch_end(self, batch, logs=None): ...

    Script(Lines(), others=[Nosy()]).fit(step=0.001, steps=100, total=100)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1] == "callback Nosy is called every step: about 100 times more program calls"


def test_a_batch_hook_that_costs_nothing_to_speak_of_is_not_named(capsys):
    class Nosy(Callback):
        batch_interval = 2

        def on_train_batch_end(self, batch, logs=None): ...

    Script(Lines(), others=[Nosy()]).fit(step=0.5)
    assert "Nosy" not in capsys.readouterr().out


# --- terminals


def screen(output: str) -> list[str]:
    """What a terminal shows after `output`: carriage return, erase line, new line, colours."""
    lines, column = [""], 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", output):
        if token == "\r":
            column = 0
        elif token == "\n":
            lines.append("")
            column = 0
        elif token == "\x1b[2K":
            lines[-1] = ""
        elif token.startswith("\x1b"):
            assert token.endswith("m"), f"unexpected control sequence {token!r}"
        else:
            line = lines[-1].ljust(column)
            lines[-1] = line[:column] + token + line[column + len(token) :]
            column += len(token)
    return [line.rstrip() for line in lines if line.strip()]


class Tty:
    """A pseudo-terminal, to be made standard output and error.

    Within the test, not in a fixture: pytest exchanges both between the two.
    """

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch
        self.master, self.slave = pty.openpty()
        self.stream = None

    def take(self, encoding="utf-8"):
        self.stream = os.fdopen(self.slave, "w", encoding=encoding, buffering=1)
        self.monkeypatch.setattr(sys, "stdout", self.stream)
        self.monkeypatch.setattr(sys, "stderr", self.stream)

    def read(self):
        if not self.stream.closed:
            self.stream.flush()
        os.set_blocking(self.master, False)
        parts = []
        try:
            while part := os.read(self.master, 65536):
                parts.append(part)
        except OSError:
            pass
        return b"".join(parts).decode().replace("\r\n", "\n")

    def close(self):
        self.monkeypatch.undo()
        if self.stream is None:
            os.close(self.slave)
        else:
            self.stream.close()
        os.close(self.master)


@pytest.fixture
def tty(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Tty(monkeypatch)
    yield terminal
    terminal.close()


def test_a_terminal_shows_a_bar_and_keeps_a_line_an_epoch(tty):
    tty.take()
    (callback,) = progress_callbacks("auto", "train")
    assert type(callback.display) is Terminal
    clock = Clock()
    script = Script(Terminal(clock), clock=clock)
    seen = []
    script.fit(step=0.2, compile_seconds=2.0, then=lambda done: seen.append(tty.read()))
    seen.append(tty.read())
    output = "".join(seen)
    assert "compiling the training step ..." in seen[0]
    middle = screen("".join(seen[:2]))
    assert len(middle) == 1
    assert "━━━━" in middle[0]
    for part in ("2/4", "0.4 s left", "loss 0.5000", "accuracy 0.9000", "200.0 ms/step"):
        assert part in middle[0]
    assert "compiled in 2.0 s" in seen[0]
    lines = screen(output)
    assert [line[:25] for line in lines] == [f"Epoch {n}/2  loss 0.5000  a" for n in (1, 2)]
    assert sys.stdout is sys.stderr is tty.stream


def test_verbose_2_is_lines_on_a_terminal_too(tty):
    tty.take()
    (callback,) = progress_callbacks(2, "train")
    assert type(callback.display) is Lines


def test_prints_in_between_stay_readable(tty):
    tty.take()
    clock = Clock()

    def chatter(done):
        if done == 2:
            print("hello from a callback")
            assert sys.stdout is tty.stream

    Script(Terminal(clock), clock=clock).fit(1, step=0.2, then=chatter)
    lines = screen(tty.read())
    assert lines[0] == "hello from a callback"
    assert lines[1].startswith("Epoch 1/2  loss")
    assert len(lines) == 2


def test_an_exception_leaves_a_clean_terminal(tty):
    tty.take()
    clock = Clock()

    def fail(done):
        if done == 3:
            raise RuntimeError("stop here")

    with pytest.raises(RuntimeError):
        Script(Terminal(clock), clock=clock).fit(1, step=0.2, then=fail)
    print("Traceback: stop here", file=sys.stderr)
    assert screen(tty.read()) == ["Traceback: stop here"]
    assert sys.stdout is sys.stderr is tty.stream


def test_a_bar_left_behind_does_not_disturb_the_next(tty):
    tty.take()
    clock = Clock()
    script = Script(Terminal(clock), clock=clock)
    with pytest.raises(ZeroDivisionError):
        script.fit(1, step=0.2, then=lambda done: 1 / 0)
    Script(Terminal(clock), clock=clock).fit(1, step=0.2)
    assert len(screen(tty.read())) == 1
    assert sys.stdout is tty.stream


def test_a_tee_put_in_while_the_bar_is_shown(tty):
    tty.take()
    clock = Clock()
    kept = []

    class Tee:
        def __init__(self, stream):
            self.stream = stream

        def write(self, text):
            kept.append(text)
            return self.stream.write(text)

        def __getattr__(self, name):
            return getattr(self.stream, name)

    def interfere(done):
        if done == 2:
            sys.stdout = Tee(sys.stdout)

    Script(Terminal(clock), clock=clock).fit(1, step=0.2, then=interfere)
    Script(choose(live=True), clock=clock).fit(1, step=0.2)
    print("the end")
    assert "".join(kept).count("Epoch 1/2  loss") == 2
    assert [line[:9] for line in screen(tty.read())] == ["Epoch 1/2", "Epoch 1/2", "the end"]


def test_the_bar_is_not_drawn_more_often_than_anyone_can_see(tty):
    tty.take()
    clock = Clock()
    Script(Terminal(clock), clock=clock).fit(1, step=1e-4, steps=1000, total=1000)
    assert tty.read().count("/1000") <= 2


def test_an_unknown_number_of_steps_is_counted(tty):
    tty.take()
    clock = Clock()
    seen = []
    script = Script(Terminal(clock), clock=clock)
    script.fit(1, step=0.2, total=None, then=lambda done: seen.append(tty.read()))
    assert "3 steps" in screen("".join(seen[:3]))[0]


def test_prediction_shows_a_bar_when_it_takes_long_and_leaves_nothing(tty):
    tty.take()
    clock = Clock()
    script = Script(Terminal(clock), "predict", clock=clock)
    script.list.call("on_predict_begin", {})
    script.clock.wait(0.1)
    script.list.call("on_chunk_end", "predict", 1, 9, {})
    quick = tty.read()
    script.clock.wait(0.5)
    script.list.call("on_chunk_end", "predict", 2, 9, {})
    slow = tty.read()
    script.list.call("on_predict_end", {})
    assert quick == ""
    assert screen(slow)[0].startswith("Predict  ━")
    assert screen(slow + tty.read()) == []


@pytest.mark.parametrize("columns", ["0", "1", "5", "30", "-3", "x"])
def test_no_width_is_too_odd(tty, monkeypatch, columns):
    tty.take()
    monkeypatch.setenv("COLUMNS", columns)
    clock = Clock()
    seen = []
    script = Script(Terminal(clock), clock=clock)
    script.fit(1, step=0.2, then=lambda done: seen.append(tty.read()))
    bars = screen("".join(seen))
    assert len(bars) <= 1
    if columns in ("1", "5", "30"):
        assert all(len(bar) < int(columns) for bar in bars)
    assert screen(tty.read())[-1].startswith("Epoch 1/2")


def test_no_colour_where_none_is_wanted(tty, monkeypatch):
    tty.take()
    monkeypatch.setenv("NO_COLOR", "1")
    clock = Clock()
    Script(Terminal(clock), clock=clock).fit(1, step=0.2)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", tty.read())


def test_a_dumb_terminal_gets_lines(tty, monkeypatch):
    tty.take()
    monkeypatch.setenv("TERM", "dumb")
    assert type(choose(live=True)) is Lines


def test_without_rich_there_are_still_lines(tty, monkeypatch):
    tty.take()
    monkeypatch.setitem(sys.modules, "rich.console", None)
    clock = Clock()
    Script(Terminal(clock), clock=clock).fit(step=0.2)
    assert len(screen(tty.read())) == 2


def test_a_terminal_without_unicode(tty):
    tty.take(encoding="ascii")
    clock = Clock()
    seen = []
    script = Script(Terminal(clock), clock=clock)
    script.fit(1, step=0.2, logs={"perte_é": 1.0}, then=lambda done: seen.append(tty.read()))
    assert "##" in screen("".join(seen))[0]
    assert screen(tty.read())[-1].startswith("Epoch 1/2  perte_? 1.0000")


def test_a_closed_or_missing_output_does_not_end_training(monkeypatch):
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr(sys, "stdout", stream)
        Script(choose(live=True)).fit()
        Script(Terminal(Clock())).fit(step=0.2)


def test_output_closed_while_the_bar_is_shown(tty):
    tty.take()
    clock = Clock()

    def close(done):
        if done == 2:
            tty.stream.close()

    Script(Terminal(clock), clock=clock).fit(step=0.2, then=close)


# --- notebooks


class Kernel:
    """Stands for IPython: records what its output cells show."""

    def __init__(self, monkeypatch, kernel=True):
        self.cells = []
        shell = SimpleNamespace(kernel=object()) if kernel else SimpleNamespace()
        module = SimpleNamespace(
            get_ipython=lambda: shell, display=SimpleNamespace(display=self.display)
        )
        monkeypatch.setitem(sys.modules, "IPython", module)

    def display(self, data, raw, display_id):
        assert raw
        assert display_id
        self.cells.append(data["text/plain"])
        number = len(self.cells) - 1

        def update(data, raw):
            self.cells[number] = data["text/plain"]

        return SimpleNamespace(update=update)


def test_a_notebook_updates_one_cell_line_an_epoch(monkeypatch, capsys):
    kernel = Kernel(monkeypatch)
    assert type(choose(live=True)) is Notebook
    clock = Clock()
    seen = []
    script = Script(Notebook(clock), clock=clock)
    script.fit(step=0.2, then=lambda done: seen.append(list(kernel.cells)))
    assert "██" in seen[1][-1]
    assert "2/4" in seen[1][-1]
    assert len(kernel.cells) == 1
    lines = kernel.cells[0].splitlines()
    assert [line[:22] for line in lines] == [f"Epoch {n}/2  loss 0.5000" for n in (1, 2)]
    assert capsys.readouterr().out == ""


def test_many_fast_epochs_do_not_flood(monkeypatch, capsys):
    def run(callback, clock):
        callback.clock, callback.params = clock, {"epochs": 200}
        callback.on_train_begin()
        for epoch in range(200):
            clock.wait(0.01)
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {"loss": 0.5})
        callback.on_train_end()

    for verbose, most in (("auto", 6), (2, 200)):
        (callback,) = progress_callbacks(verbose, "train")
        run(callback, Clock())
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == most if verbose == 2 else len(lines) <= most
        assert lines[0].startswith("Epoch 1/200")
        assert lines[-1].startswith("Epoch 200/200")
    kernel = Kernel(monkeypatch)
    (callback,) = progress_callbacks("auto", "train")
    run(callback, Clock())
    assert len(kernel.cells) == 1
    assert len(kernel.cells[0].splitlines()) <= 24


def test_the_last_epoch_is_told_where_training_ends_early(capsys):
    (callback,) = progress_callbacks("auto", "train")
    callback.clock, callback.params = Clock(), {"epochs": 200}
    callback.on_train_begin()
    for epoch in range(9):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": 0.5})
    callback.on_train_end()
    said = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert said == ["1/200", "9/200"]


def test_ipython_on_a_terminal_is_no_notebook(monkeypatch):
    Kernel(monkeypatch, kernel=False)
    assert not progress_display.in_notebook()


def test_a_notebook_that_breaks_gets_lines(monkeypatch, capsys):
    kernel = Kernel(monkeypatch)

    def fail(*args, **kwargs):
        raise RuntimeError("no comm")

    kernel.display = fail
    sys.modules["IPython"].display.display = fail
    clock = Clock()
    Script(Notebook(clock), clock=clock).fit(step=0.2)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_notebook_shows_an_error_in_its_own_words():
    """IPython asks an exception for `_render_traceback_` before it shows fifty lines."""
    from pellucid import Sequential, layers

    with pytest.raises(ConfigError) as caught:
        Sequential([layers.Dense(-1)])
    lines = caught.value._render_traceback_()
    assert "test_progress.py, line" in lines[0]
    assert "layers.Dense(-1)" in lines[0]
    assert lines[1].startswith("ConfigError: ")
    assert not any("Traceback" in line for line in lines)
