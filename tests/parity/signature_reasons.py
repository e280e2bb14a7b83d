"""Where a public signature of ours is not Keras's, and why: the documentation's table.

`METHODS` are told by their own names in every class, `EXACT` by module and path. `OPEN` are still
to be mended: nobody has decided that they should differ.
"""

from __future__ import annotations

_QUANTIZED = "nothing is quantized"
_FILES = "comes with whole-model files"
_SHAPES = "shapes are inferred by tracing `call`; a `compute_output_shape` of your own is asked"
_BUILDS = "a layer is built from its configuration and the shape it is called on"

# Methods of any class.
METHODS: dict[str, str] = {
    "compute_output_shape": _SHAPES,
    "compute_output_spec": _SHAPES,
    "compute_mask": "the mask of before is called `previous_mask`",
    "update_step": "an optimiser's update is a pure rule over all weights at once",
    "quantize": _QUANTIZED,
    "quantized_build": _QUANTIZED,
    "quantized_call": _QUANTIZED,
    "get_quantization_layer_structure": _QUANTIZED,
    "enable_lora": "freeze a network and add small layers beside it",
    "load_own_variables": _FILES,
    "save_own_variables": _FILES,
    "save_assets": _FILES,
    "load_assets": _FILES,
    "export": "other formats come with a later version",
    "get_build_config": _BUILDS,
    "build_from_config": _BUILDS,
    "symbolic_call": "a layer called on a symbolic tensor joins the graph by itself",
    "rematerialized_call": "`Sequential(remat=...)` and `pellucid.remat` recompute",
    "inner_loop": "recurrence is one kernel; `call` of a cell is the step",
    "transform_labels": "arguments as of `transform_images`",
    "transform_segmentation_masks": "arguments as of `transform_images`",
    "convert_input": "a layer casts its inputs by its policy",
}
# Single names -> the reason.
EXACT: dict[str, str] = {
    "layers.JaxLayer": "native_serialization_platforms is for SavedModels of TensorFlow",
    "layers.MelSpectrogram.linear_to_mel_weight_matrix": "a function inside of the kernel",
    "layers.SpectralNormalization.normalized_weights": "computed inside of `call`",
    "metrics.AUC.interpolate_pr_auc": "a function inside of the result",
    "metrics.Metric.update_state": "the same call; the arguments are named",
    "optimizers.LossScaleOptimizer.check_finite": "computed inside of the update",
    "optimizers.Muon.transpose_last_axis": "a function inside of the update",
    "optimizers.Muon.lr_adjust": "a function inside of the update",
    "optimizers.Muon.zeropower_via_newtonschulz5": "a function inside of the update",
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

# Still to be mended; a line that no longer differs may stay until the page is made again.
OPEN: set[str] = {
    "callbacks.EarlyStopping.get_monitor_value",
    "datasets.",
    "initializers.Initializer.clone",
    "layers.Discretization.",
    "layers.Input",
    "layers.InputLayer",
    "layers.InputSpec",
    "layers.InputSpec.",
    "layers.Lambda.from_config",
    "layers.Layer.",
    "layers.Normalization.finalize_state",
    "layers.RandomGrayscale.get_random_transformation",
    "layers.TextVectorization.",
    "losses.",
    "metrics.",
    "models.Model.summary",
    "models.Model.stateless_",
    "optimizers.",
    "preprocessing.",
    "utils.",
    "random.",
    "ops.",
}


def reason(path: str) -> str | None:
    """Why the signature at `path` may differ; None where nothing says so."""
    if path in EXACT:
        return EXACT[path]
    return METHODS.get(path.rpartition(".")[2])


def is_open(path: str) -> bool:
    """Whether `path` is still to be mended: named, or under a name that ends with a point."""
    return path in OPEN or any(path.startswith(stem) for stem in OPEN if stem[-1] in "._")
