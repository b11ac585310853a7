#!/bin/sh
set -e

wait_for() {
    echo "waiting for $1"
}

wait_for nothing
exec "$@"
