"""Preprocessing of text and signals."""

from contract.cases.specs import Floats, Strings, Uniform, of

# Keras computes what takes text with TensorFlow, which is not installed here: its constructors
# are compared, its numbers are recorded as facts in tests/unit/test_layers_preprocessing.py.
WORDS = {"vocabulary": ["a", "b", "c"]}
IDF = {"idf_weights": [0.5, 0.25, 2.0]}
TEXT = {"keras": False}

CASES: list = [
    of("StringLookup", Strings((3,)), **WORDS, **TEXT),
    of("StringLookup", Strings((3,)), **WORDS, num_oov_indices=3, mask_token="d", **TEXT),
    of("StringLookup", Strings((1,)), **WORDS, output_mode="one_hot", **TEXT),
    of("StringLookup", Strings((3,)), **WORDS, output_mode="tf_idf", **IDF, **TEXT),
    of(
        "StringLookup",
        Strings((2, 3)),
        **WORDS,
        num_oov_indices=2,
        salt=[133, 137],
        encoding="latin-1",
        **TEXT,
    ),
    of("TextVectorization", Strings((), words=4), **WORDS, output_sequence_length=3, **TEXT),
    of("TextVectorization", Strings((1,), words=4), **WORDS, output_mode="multi_hot", **TEXT),
    of(
        "TextVectorization",
        Strings((), words=4),
        vocabulary=["A", "A B"],
        standardize=None,
        ngrams=2,
        output_mode="count",
        pad_to_max_tokens=True,
        max_tokens=5,
        **TEXT,
    ),
    of(
        "TextVectorization",
        Strings((3,)),
        **WORDS,
        split=None,
        output_mode="tf_idf",
        **IDF,
        **TEXT,
    ),
    of("STFTSpectrogram", Uniform((6, 2), 0.5, 1.5), frame_length=3),
    of("STFTSpectrogram", (11, 1), frame_length=5, frame_step=3, mode="magnitude", padding="same"),
    of("STFTSpectrogram", (9, 2), frame_length=4, mode="stft", expand_dims=True, window="hamming"),
    of("STFTSpectrogram", (2, 9), frame_length=4, mode="psd", data_format="channels_first"),
    of(
        "STFTSpectrogram",
        (2, 9),
        frame_length=4,
        fft_length=8,
        mode="real",
        window=None,
        expand_dims=True,
        data_format="channels_first",
    ),
    of(
        "STFTSpectrogram",
        Uniform((9, 1), 0.5, 1.5),
        frame_length=4,
        mode="angle",
        scaling="spectrum",
        window=[1.0, 0.2, 0.1, 0.05],  # no angle near half a turn, where they jump
    ),
    of("STFTSpectrogram", (9, 1), frame_length=4, mode="psd", padding="same", periodic=True),
    of("STFTSpectrogram", (9, 1), frame_length=4, frame_step=1, mode="imag", scaling=None),
    of("MelSpectrogram", (40,), fft_length=16, sequence_stride=8, num_mel_bins=3),
    of(
        "MelSpectrogram",
        (40,),
        fft_length=16,
        sequence_length=12,
        sequence_stride=5,
        num_mel_bins=4,
        window="hamming",
        sampling_rate=8000,
        min_freq=200.0,
        max_freq=3000.0,
        power_to_db=False,
        mag_exp=1.0,
    ),
    of(
        "MelSpectrogram",
        Floats((40,)),
        fft_length=16,
        sequence_stride=8,
        num_mel_bins=3,
        window=None,
        top_db=20.0,
        ref_power=4.0,
        min_power=1e-3,
    ),
]
