"""`generate`: a language model goes on with a text, word by word, in one compiled program."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._core import rng as _rng
from .._core.errors import ConfigError, DataError, ShapeError
from .._core.specs import resolve
from ..kernels import compiling
from ..layers import tree
from ..layers.activation.softmax import Softmax
from ..layers.context import Context, bind
from ..layers.symbolic import SymbolicTensor
from ..layers.transformer.positions import PositionEmbedding
from .sampling import Greedy
from .stepwise import StepwiseGraph


@dataclass(frozen=True)
class _Plan:
    """All that the compiled program depends on beside the shapes of its arguments."""

    length: int  # of the text in the end
    first: int  # words that every row has at the start
    sampler: Callable[[Any, Any], Any]
    end_token: int | None
    cached: bool
    probabilities: bool


def generate(
    model: Any,
    prompt: Any,
    max_length: int,
    *,
    sampler: Any = "greedy",
    end_token: int | None = None,
    inputs: Any = None,
    seed: int | None = None,
    use_cache: bool | None = None,
) -> np.ndarray:
    """Go on with texts, word by word, as a model says.

    Args:
        model: from word numbers ``(batch, steps)`` to a score for every word that could come next,
            ``(batch, steps, words)``; no step may depend on later ones.
        prompt: word numbers to start from: an array ``(batch, steps)``, or a list of lists of
            different lengths.
        max_length: words in the end, those of the prompt included.
        sampler: ``"greedy"``, the likeliest word every time; a `Sample`, drawn at random; or any
            function ``(logits (batch, words), key) -> (batch,)``.
        end_token: word after which a text is over; what follows is filled up with it.
        inputs: the model's other inputs by name, where it has several: the text to translate, say.
        seed: for the random draws; by default another one every time.
        use_cache: whether to compute each step once and remember its keys and values, instead of
            the whole text for every word. None does where every layer can; True insists.

    Returns:
        Word numbers, NumPy ``(batch, max_length)``.

    Prefilling, the loop over words and the draws are one program, compiled once for each shape and
    choice of arguments and kept with the model.

    Raises:
        ConfigError: lengths that cannot be, or `use_cache=True` where a layer cannot remember.
        DataError: a prompt that is empty or not of whole numbers.

    >>> from pellucid import Sequential, layers
    >>> model = Sequential([
    ...     layers.Input(shape=(None,), dtype="int32"),
    ...     layers.TokenAndPositionEmbedding(vocabulary_size=9, sequence_length=8, embedding_dim=4),
    ...     layers.TransformerDecoder(intermediate_dim=8, num_heads=2),
    ...     layers.Dense(9),
    ... ])
    >>> generate(model, [[1, 2, 3]], max_length=6).shape
    (1, 6)
    """
    tokens, lengths = _prompt(prompt)
    if max_length < tokens.shape[1]:
        raise ConfigError(
            "The text cannot become shorter than its start.",
            got=f"max_length={max_length}, a prompt of {tokens.shape[1]} words",
            fix=f"max_length={tokens.shape[1] + 20}, say.",
        )
    graph = model.__dict__.get("_graph")
    others = dict(inputs or {})
    if graph is None and others:
        raise ConfigError(
            "Only a functional model can have further inputs.",
            got=f"inputs {sorted(others)}",
            fix="build the model with Model(inputs=[...], outputs=...).",
        )
    words = None if graph is None else _words_input(model, others)
    cached, length = _how(model, words, max_length, use_cache)
    plan = _Plan(
        length,
        int(lengths.min()),
        Greedy() if sampler == "greedy" else sampler,
        end_token,
        cached,
        _gives_probabilities(model),
    )
    filled = np.zeros((len(tokens), length), np.int32)
    filled[:, : tokens.shape[1]] = tokens
    _check_words(model, words, tokens, filled)
    program = model.session.cached(
        ("generate", plan),
        lambda: compiling.program(functools.partial(_generate, model, words, plan)),
    )
    key = jax.random.key(_rng.next_seed() if seed is None else seed)
    text = program(model.variable_tree(), filled, lengths, key, jnp.int32(max_length), others)
    return np.asarray(text)[:, :max_length]


def _prompt(prompt: Any) -> tuple[np.ndarray, np.ndarray]:
    """The prompt as one array, filled up on the right, and each row's length."""
    rows = list(prompt)
    if rows and np.ndim(rows[0]) == 0:
        rows = [rows]
    arrays = [np.asarray(row) for row in rows]
    if not arrays or any(array.ndim != 1 or array.size == 0 for array in arrays):
        raise DataError(
            "Every text needs a first word to go on from.",
            got=f"{len(arrays)} rows of shapes {sorted({array.shape for array in arrays})}",
            expected="(batch, steps), or a list of lists, of one word or more",
            fix="start each text with the number of a start word.",
        )
    if any(not np.issubdtype(array.dtype, np.integer) for array in arrays):
        raise DataError(
            "A prompt is made of word numbers.",
            got=f"{arrays[0].dtype}",
            expected="whole numbers",
            fix="turn words into numbers with the vocabulary that the model was trained with.",
        )
    lengths = np.array([len(array) for array in arrays], np.int32)
    tokens = np.zeros((len(arrays), lengths.max()), np.int32)
    for row, array in zip(tokens, arrays, strict=True):
        row[: len(array)] = array
    return tokens, lengths


def _words_input(model: Any, others: dict[str, Any]) -> SymbolicTensor:
    """The input that the text goes into: the one that is not among the others."""
    named = dict(zip(model.input_names, model.inputs, strict=True))
    left = [tensor for name, tensor in named.items() if name not in others]
    if len(left) != 1 or set(others) - set(named):
        raise ConfigError(
            f"The other inputs of {model.name!r} must be given by name, all but the text's.",
            got=f"inputs {sorted(others)}",
            expected=f"all but one of {sorted(named)}",
            fix="generate(model, prompt, max_length, inputs={'source': x}).",
        )
    return left[0]


def _how(model: Any, words: Any, max_length: int, use_cache: bool | None) -> tuple[bool, int]:
    """Whether steps are remembered, and how many words the program works on."""
    fixed = None if words is None else words.shape[1]
    longest = [
        layer.sequence_length for _, layer in tree.walk(model) if type(layer) is PositionEmbedding
    ]
    limit = min([*longest, *([] if fixed is None else [fixed])], default=max_length)
    if max_length > limit:
        raise ConfigError(
            f"{model.name!r} cannot work on so long a text.",
            got=f"max_length={max_length}",
            expected=f"at most {limit}, by its input or its position embedding",
            fix=f"max_length={limit}, or make the model with longer ones.",
        )
    obstacle = "it has no graph" if words is None else None
    if words is not None and use_cache is not False:
        name = StepwiseGraph(model.graph, words).obstacle()
        obstacle = None if name is None else f"layer {name!r} needs all steps at once"
    if use_cache and obstacle:
        raise ConfigError(
            f"{model.name!r} cannot remember its steps: {obstacle}.",
            got="use_cache=True",
            expected="layers that treat each step by itself, and TransformerDecoder",
            fix="leave use_cache out: the whole text is then computed for every word.",
        )
    cached = obstacle is None and use_cache is not False
    return cached, max_length if cached or fixed is None else fixed


def _gives_probabilities(model: Any) -> bool:
    """Whether the model ends in a softmax, rather than in scores."""
    last = model.sublayers()[-1] if model.sublayers() else None
    if isinstance(last, Softmax):
        return True
    activation = getattr(last, "activation", None)
    softmax = resolve("activation", "softmax")
    return activation is not None and resolve("activation", activation) is softmax


def _arguments(model: Any, words: Any, others: dict[str, Any], tokens: Any) -> Any:
    """What the model is called on."""
    if words is None:
        return tokens
    named = zip(model.input_names, model.inputs, strict=True)
    arrays = [tokens if tensor is words else others[name] for name, tensor in named]
    return arrays[0] if len(arrays) == 1 else arrays


def _check_words(model: Any, words: Any, prompt: Any, filled: Any) -> None:
    """Refuse words outside the vocabulary; build a model that is not built yet."""
    if words is None:
        model(filled)
        return
    for node in model.graph.nodes:
        if node.layer.takes_integers and any(tensor is words for tensor in node.inputs()):
            node.layer.check_data(prompt)


def _generate(
    model: Any,
    words: Any,
    plan: _Plan,
    variables: dict[str, Any],
    tokens: Any,
    lengths: Any,
    key: Any,
    end: Any,
    others: dict[str, Any],
) -> Any:
    """The program: `tokens` (batch, length) holds the prompts, of `lengths`, up to `end`."""
    bound = functools.partial(_bound, model, variables)
    work = (_Remembering if plan.cached else _Recomputing)(model, words, plan, bound, others)
    logits, state = work.start(tokens)

    def goes_on(carry: Any) -> Any:
        index, _, done, _, _ = carry
        return (index < end) & ~jnp.all(done)

    def step(carry: Any) -> Any:
        index, tokens, done, logits, state = carry
        scores = jnp.log(logits) if plan.probabilities else logits
        drawn = plan.sampler(scores, jax.random.fold_in(key, index)).astype(tokens.dtype)
        given = lax.dynamic_slice_in_dim(tokens, index, 1, axis=1)[:, 0]
        in_prompt = index < lengths
        if plan.end_token is not None:
            drawn = jnp.where(done, plan.end_token, drawn)
            done = done | (~in_prompt & (drawn == plan.end_token))
        word = jnp.where(in_prompt, given, drawn)[:, None]
        tokens = lax.dynamic_update_slice_in_dim(tokens, word, index, axis=1)
        logits, state = work.after(tokens, index, state)
        return index + 1, tokens, done, logits, state

    done = jnp.zeros(tokens.shape[0], bool)
    start = (jnp.int32(plan.first), tokens, done, logits, state)
    index, tokens, *_ = lax.while_loop(goes_on, step, start)
    if plan.end_token is None:
        return tokens
    return jnp.where(jnp.arange(tokens.shape[1]) >= index, plan.end_token, tokens)


def _bound(model: Any, variables: dict[str, Any], function: Callable[[], Any]) -> Any:
    """``function()`` with the model's weights bound to `variables`, in inference mode."""
    values = {weight: variables[path] for path, weight in tree.index(model).items()}
    paths = {layer: path for path, layer in tree.walk(model)}
    with bind(Context(values, paths=paths, training=False, rng=jax.random.key(0))):
        return function()


class _Recomputing:
    """The scores after a word, from the whole text every time."""

    def __init__(self, model: Any, words: Any, plan: _Plan, bound: Any, others: dict[str, Any]):
        self.model, self.bound, self.first = model, bound, plan.first
        self.arguments = functools.partial(_arguments, model, words, others)

    def start(self, tokens: Any) -> tuple[Any, Any]:
        return self.after(tokens, self.first - 1, ())

    def after(self, tokens: Any, index: Any, state: Any) -> tuple[Any, Any]:
        y = _scores(self.model, self.bound(lambda: self.model(self.arguments(tokens))))
        return lax.dynamic_slice_in_dim(y, index, 1, axis=1)[:, 0], state


class _Remembering:
    """The scores after a word, from that word and the caches."""

    def __init__(self, model: Any, words: Any, plan: _Plan, bound: Any, others: dict[str, Any]):
        self.model, self.bound, self.plan = model, bound, plan
        self.steps = StepwiseGraph(model.graph, words)
        named = zip(model.input_names, model.inputs, strict=True)
        self.others = {id(tensor): others[name] for name, tensor in named if name in others}

    def start(self, tokens: Any) -> tuple[Any, Any]:
        batch, first = tokens.shape[0], self.plan.first

        def prefill() -> Any:
            values = self.steps.first_values(self.others)
            caches = self.steps.empty_caches(values, batch, self.plan.length)
            return self.steps.run(tokens[:, :first], values, caches, 0)

        return self._last(self.bound(prefill))

    def after(self, tokens: Any, index: Any, caches: Any) -> tuple[Any, Any]:
        word = lax.dynamic_slice_in_dim(tokens, index, 1, axis=1)
        return self._last(self.bound(lambda: self.steps.run(word, {}, caches, index)))

    def _last(self, result: Any) -> tuple[Any, Any]:
        return _scores(self.model, result[0])[:, -1], result[1]


def _scores(model: Any, outputs: Any) -> Any:
    arrays = jax.tree.leaves(outputs)
    if len(arrays) != 1 or arrays[0].ndim != 3:
        raise ShapeError(
            f"{model.name!r} gives no score for every word at every step.",
            got=f"outputs {[array.shape for array in arrays]}",
            expected="one output, (batch, steps, words)",
            fix="end the model in Dense(words), without pooling over the steps.",
        )
    return arrays[0]
