ARG WHEEL_DIST="/tmp/wheels"

FROM python:3.11-slim-bookworm AS base

FROM base AS builder
ARG WHEEL_DIST
RUN apt-get update && apt-get install -y gcc g++ unixodbc-dev
COPY requirements.txt .
RUN python3 -m pip wheel -w "${WHEEL_DIST}" -r requirements.txt

FROM base
ARG WHEEL_DIST
COPY --from=builder "${WHEEL_DIST}" "${WHEEL_DIST}"
WORKDIR "${WHEEL_DIST}"
RUN pip3 --no-cache-dir install *.whl
WORKDIR /app
COPY requirements.txt .
CMD ["python3", "-c", "import pyodbc; print(pyodbc.version)"]
