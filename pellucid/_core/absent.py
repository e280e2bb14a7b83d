"""Keras's modules that do not exist here, each with the reason, and what to use instead."""

from __future__ import annotations

from .errors import NoSuchModuleError

# Whole modules of Keras -> why, as a sentence that goes on after "is not here:".
MODULES = {
    "applications": "ready-made networks with weights come with a later version; layers and "
    "functional models build them from scratch",
    "distillation": "a teacher's predictions as soft targets, or a train_step of your own, do it "
    "in ten lines",
    "distribution": "training over several devices comes with a later version; below fit, "
    "jax.sharding works on model.apply",
    "export": "other formats come with a later version; jax.export works on model.apply",
    "legacy": "it reads files of Keras 1 and 2; write them again with Keras 3",
    "quantizers": "nothing is quantized; the policy 'mixed_bfloat16' saves memory",
    "visualization": "matplotlib's imshow draws pictures and boxes",
    "wrappers": "estimators for scikit-learn come with a later version; pellucid.runs trains on "
    "tables",
}
# Names at the top of Keras that do not exist here.
NAMES = {
    "Function": "Model(inputs, outputs) is the same graph, and needs no compile to be called",
    "Operation": "a Layer without weights is one; `pellucid.ops` are functions",
    "Quantizer": MODULES["quantizers"],
    "RematScope": "Sequential(remat=True) and pellucid.remat say it where it is meant",
    "StatelessScope": "model.apply(variables, x) is a pure function of the variables",
    "SymbolicScope": "shapes are inferred by jax.eval_shape",
}


def refused(module: str) -> NoSuchModuleError:
    """The error that importing an absent module raises.

    Args:
        module: its ``__name__``.
    """
    name = module.partition(".")[2]
    return NoSuchModuleError(f"{module} is not here: {MODULES[name]}.")
