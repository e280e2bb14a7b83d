"""Pictures: random draws, colour, warps, crops, blurs, histograms and bounding boxes.

Pure functions of arrays ``(batch, height, width, channels)``, each with static shapes, under the
augmentation layers of `pellucid.layers`.
"""
