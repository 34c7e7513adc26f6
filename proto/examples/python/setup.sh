#!/bin/sh
# Makes what the Python examples need, here: their packages in venv/, the stubs in kaiban/.
set -eu
cd "$(dirname "$0")"

python3 -m venv venv
venv/bin/pip install --quiet -r requirements.txt
venv/bin/python -m grpc_tools.protoc -I ../.. --python_out=. --grpc_python_out=. ../../kaiban/v1/*.proto
