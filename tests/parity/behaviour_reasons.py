"""Where a program of Keras's meets something else here on purpose, and why: the documentation's
table, beside that of the names and signatures."""

from __future__ import annotations

# What Keras does, what is done here, why.
BEHAVIOUR: tuple[tuple[str, str, str], ...] = (
    (
        "optimisers, losses and layers are numbered through the process (`adam_1`)",
        "an optimiser is called `adam`, layers are numbered within their model",
        "two equal models are equal, whatever was made before them",
    ),
    (
        "a weight's `path` begins at the layer that made it (`inner/kernel`)",
        "it says where in the model the weight lies (`model/outer/inner/kernel`); two layers of "
        "one name are told apart, so that no two paths are equal",
        "a path finds its weight in a file, a report and a mask",
    ),
    (
        "`variable.trainable` changes when its layer is frozen",
        "it says what the variable was made with; `trainable_variables` and "
        "`non_trainable_variables` follow `layer.trainable`",
        "thawing gives back what was trainable before",
    ),
    (
        "`layer(x, True)`: other than tensors must be named",
        "by place or by name",
        "it is an ordinary call",
    ),
    (
        "a layer whose `call` takes `training` without a default is refused in a `Sequential`",
        "it is told whether it trains",
        "nothing is unclear",
    ),
    (
        "`build` of a layer called on an array of 4 rows is told 4",
        "it is told None",
        "weights must not depend on the size of a batch",
    ),
    (
        "`get_config` of a layer writes its `dtype` as an object, and leaves out an "
        "`activity_regularizer` of None",
        "the policy's name; every argument",
        "shorter; files of Keras's have Keras's form",
    ),
    (
        "`get_config` of `CosineSimilarity`, `Huber` and other losses leaves out `axis`, `delta`",
        "every argument",
        "what is read back computes the same",
    ),
    (
        "`SparseCategoricalCrossentropy(axis=0)` is refused on JAX",
        "computed",
        "the classes may lie on any axis",
    ),
    (
        "`steps_per_epoch=5` with `steps_per_execution=2` is 6 batches, then 4",
        "5 in every epoch; the hooks of the last are called after its one batch",
        "an epoch is what was asked for",
    ),
    (
        "`ModelCheckpoint` warns, and saves nothing, where the logs hold no `monitor`",
        "it is refused, with the names there are, at the end of the first epoch",
        "who trains for hours must not find at their end that nothing was kept",
    ),
    (
        "a list of arrays for a model made with a dictionary of inputs is taken in the order of "
        "the sorted keys, with a warning, where the dictionary was written in that order",
        "refused",
        "which array is for which input cannot be told",
    ),
    (
        "the `call` of a network is traced at most twice by `fit`",
        "once more, for the checkup",
        "`checkup=False` leaves it out",
    ),
    (
        "`TensorBoard(profile_batch=..., embeddings_freq=...)`",
        "refused",
        "`jax.profiler.trace` profiles any part of a program; embeddings are weights like others",
    ),
    (
        "targets that are not finite reach `TerminateOnNaN`",
        "they are refused before the first step",
        "the row is named, and no weight is spoilt",
    ),
    (
        "`LambdaCallback(any_name=f)` keeps `f`",
        "a name that is no hook is refused",
        "a misspelled hook would never be called",
    ),
    (
        "`RemoteMonitor` needs the package `requests`",
        "the standard library sends",
        "one package less",
    ),
    (
        "`R2Score` refuses one-dimensional targets and predictions",
        "they are one column",
        "nothing is unclear",
    ),
    (
        "`AUC.thresholds` and `num_thresholds` hold the ends 0 and 1, too",
        "they are what was given; the area has the ends",
        "arguments are stored as they come",
    ),
    (
        "the metric `SparseCategoricalCrossentropy(ignore_class=...)` divides by all labels, "
        "ignored ones included",
        "by those that count, as the loss of that name does",
        "loss and metric agree",
    ),
    (
        "two losses for a `compute_loss` that makes two outputs of one",
        "as many losses as the model has outputs; the others are called in `compute_loss`",
        "the logs would name outputs that are not there",
    ),
    (
        "an optimiser of one's own defines `update_step` for one variable",
        "it defines `rule`, a pure function",
        "many steps are one compiled program",
    ),
)
