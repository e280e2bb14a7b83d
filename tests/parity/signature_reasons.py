"""Where a public signature of ours is not Keras's, and why: the documentation's table.

`METHODS` are told by their own names in every class, `FAMILIES` in the classes of a module, `EXACT`
by module and path.
"""

from __future__ import annotations

from collections.abc import Iterator

_QUANTIZED = "nothing is quantized"
_FILES = "comes with files of a `FeatureSpace`"
_SHAPES = "shapes are inferred by tracing `call`; a `compute_output_shape` of your own is asked"
_DRAWS = "a cell draws its masks from the random numbers of the call, one for all steps"
_FORMS = "Keras's form and one of our own are told apart by what the method takes, by place"
_LOOP = "`fit` compiles many steps as one program; a custom `train_step` goes into it"

# Methods of any class.
METHODS: dict[str, str] = {
    "save_assets": "vocabularies stand in the configuration",
    "compute_output_shape": _SHAPES,
    "compute_output_spec": _SHAPES,
    "compute_mask": "the mask of before is called `previous_mask`",
    "update_step": "an optimiser's update is a pure rule over all weights at once",
    "quantize": _QUANTIZED,
    "quantized_build": _QUANTIZED,
    "quantized_call": _QUANTIZED,
    "get_quantization_layer_structure": _QUANTIZED,
    "enable_lora": "freeze a network and add small layers beside it",
    "export": "other formats come with a later version",
    "symbolic_call": "a layer called on a symbolic tensor joins the graph by itself",
    "rematerialized_call": "`Sequential(remat=...)` and `pellucid.remat` recompute",
    "inner_loop": "recurrence is one kernel; `call` of a cell is the step",
    "transform_labels": "arguments as of `transform_images`",
    "transform_segmentation_masks": "arguments as of `transform_images`",
    "convert_input": "a layer casts its inputs by its policy",
    "convert_weight": "weights are JAX's arrays in every layer",
    "reset_dropout_mask": _DRAWS,
    "reset_recurrent_dropout_mask": _DRAWS,
    "get_dropout_mask": _DRAWS,
    "get_recurrent_dropout_mask": _DRAWS,
    "train_step": _FORMS,
    "test_step": _FORMS,
    "predict_step": _FORMS,
    "make_train_function": _LOOP,
    "make_test_function": _LOOP,
    "make_predict_function": _LOOP,
    "compute_loss_and_updates": _LOOP,
    "jax_state_sync": _LOOP,
}
# Single names -> the reason.
EXACT: dict[str, str] = {
    "layers.JaxLayer": "native_serialization_platforms is for SavedModels of TensorFlow",
    "layers.MelSpectrogram.linear_to_mel_weight_matrix": "a function inside of the kernel",
    "layers.SpectralNormalization.normalized_weights": "computed inside of `call`",
    "metrics.AUC.interpolate_pr_auc": "a function inside of the result",
    "Metric.update_state": "the same call; the arguments are named",
    "mixed_precision.LossScaleOptimizer.check_finite": "computed inside of the update",
    "utils.FeatureSpace.save": _FILES,
    "metrics.Metric.update_state": "the same call; the arguments are named",
    "optimizers.LossScaleOptimizer.check_finite": "computed inside of the update",
    "optimizers.Muon.transpose_last_axis": "a function inside of the update",
}
for _path in (
    "RandomShear.get_transformed_x_y",
    "RandomShear.get_shifted_bbox",
    "RandomTranslation.get_transformed_x_y",
    "RandomTranslation.get_shifted_bbox",
    "RandomZoom.get_transformed_x_y",
    "RandomZoom.get_clipped_bbox",
):
    EXACT[f"layers.{_path}"] = "boxes are moved by one function for all layers"
for _layer in ("Dense", "EinsumDense", "Embedding"):
    EXACT[f"layers.{_layer}"] = "no lora_rank and lora_alpha, no quantization_config"
EXACT["layers.RandomElasticTransform.get_elastic_transform_params"] = "computed inside of the draw"

# Where a whole family differs: module, or the name of its base class -> method -> the reason.
_RULE = "an optimiser's update is a pure rule; what it remembers lies in the state of `init`"
FAMILIES: dict[str, dict[str, str]] = {
    family: dict.fromkeys(
        (
            "add_variable",
            "add_variable_from_reference",
            "add_optimizer_variables",
            "assign",
            "assign_add",
            "assign_sub",
        ),
        _RULE,
    )
    for family in ("Optimizer", "optimizers", "mixed_precision")
}

# What operations do otherwise than Keras's, on purpose.
BEHAVIOUR: dict[str, str] = {
    "ops.istft(..., window=None)": "gives back what `stft` took; Keras's is too large by "
    "`fft_length / sequence_stride`",
    "ops.solve(a, b)": "`b` of the shape of `a` without its last axis holds a vector for each "
    "matrix, as Keras's symbolic shapes say; on JAX its numbers are those of one matrix",
    "ops.scatter, slice_update, switch, in_top_k, ... on symbolic tensors": "places and classes in "
    "floating point are refused while the graph is drawn; Keras refuses them when it runs",
    "ops.psnr, polar, dot_product_attention, while_loop, ... on symbolic tensors": "shapes that "
    "can never fit are refused while the graph is drawn; Keras refuses them when it runs",
    "ops.cholesky, det, inv, solve_triangular, image.crop_images on symbolic tensors": "unknown "
    "sizes are taken, as they may fit; what does not is refused when it runs",
    "ops.layer_normalization(gamma=, beta=)": "of the last axes, too, where Keras takes those of "
    "the normalized axes only",
}


def reason(path: str) -> str | None:
    """Why the signature at `path` may differ; None where nothing says so."""
    if path in EXACT:
        return EXACT[path]
    family, method = path.partition(".")[0], path.rpartition(".")[2]
    return METHODS.get(method) or FAMILIES.get(family, {}).get(method)


def families() -> Iterator[tuple[str, str, list[str]]]:
    """(family, reason, methods) of `FAMILIES`."""
    for family, methods in FAMILIES.items():
        for why in dict.fromkeys(methods.values()):
            yield family, why, [name for name, other in methods.items() if other == why]
