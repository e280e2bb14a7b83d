#!/bin/sh
# Make the peers' virtual environment in .peers/ (about 4 GB): PyTorch for CPU, TensorFlow, Keras,
# JAX, and Pellucid itself from this folder. A second call finds it up to date and returns at once.
#
#   benchmarks/setup_peers.sh [PYTHON]      PYTHON: the interpreter to build it with (python3)
set -eu
cd "$(dirname "$0")/.."
python=${1:-python3}
stamp=.peers/ready

if [ -e "$stamp" ] && [ "$stamp" -nt benchmarks/peers.txt ] && [ "$stamp" -nt pyproject.toml ]; then
    exit 0
fi
[ -x .peers/bin/python ] || "$python" -m venv .peers

torch=$(sed -n 's/^torch/torch/p' benchmarks/peers.txt)
# Try the CPU build by its local version; where no index has one (macOS), the plain one is for CPU.
.peers/bin/python -m pip install -q --no-deps "$torch+cpu" \
    --extra-index-url https://download.pytorch.org/whl/cpu ||
    .peers/bin/python -m pip install -q "$torch"
.peers/bin/python -m pip install -q -r benchmarks/peers.txt -e .
touch "$stamp"
