#!/usr/bin/env bash
# Generates the Python messages from proto/, starts a development cluster on free ports, and runs the example's test
# against it. ALLOCD is the daemon (default: target/debug/allocd), VENV where Python packages go. Ends with 77 where the
# packages cannot be had.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
allocd=${ALLOCD:-$root/target/debug/allocd}
venv=${VENV:-$root/target/python}
work=$(mktemp -d)
daemon=""
cleanup() {
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap cleanup EXIT

if ! "$venv/bin/python" -c 'import grpc_tools, grpc_status' 2>/dev/null; then
    python3 -m venv "$venv" || { echo "python3 has no venv module: install python3-venv" >&2; exit 77; }
    "$venv/bin/python" -m pip install --quiet grpcio grpcio-tools grpcio-status || exit 77
fi
mkdir "$work/messages"
find "$root/proto/allocd/v1" -name '*.proto' -print0 |
    xargs -0 "$venv/bin/python" -m grpc_tools.protoc -I "$root/proto" --python_out="$work/messages" --grpc_python_out="$work/messages"

"$allocd" dev --listen 127.0.0.1:0 --endpoints-file "$work/endpoints" 2>"$work/log" &
daemon=$!
# The endpoints file appears once a leader serves.
for _ in $(seq 300); do
    [ -s "$work/endpoints" ] && break
    kill -0 "$daemon" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.1
done
[ -s "$work/endpoints" ] || { echo "no leader within 30 s" >&2; cat "$work/log" >&2; exit 1; }

ALLOCD_ENDPOINT=$(cut -d, -f1 "$work/endpoints") PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$work/messages:$here" \
    "$venv/bin/python" "$here/test_provision.py"
