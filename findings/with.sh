# Sourced by the scripts here. `run PACKAGE==VERSION ... <<'END'` runs the Python program that follows
# with these packages alone, in a temporary folder that is gone afterwards.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

run() {
  "${PYTHON:-python3}" -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
  echo "$("$folder/venv/bin/python" --version), $*"
  (cd "$folder" && KERAS_BACKEND=jax TF_CPP_MIN_LOG_LEVEL=3 venv/bin/python -W ignore -)
}
