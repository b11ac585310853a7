# syntax=docker/dockerfile:1
# dockslim in an image:  docker build -t dockslim . && docker run --rm -v "$PWD:/src:ro" dockslim check
FROM python:3.12-slim-bookworm AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY lint lint
COPY rules rules
RUN --mount=type=cache,target=/root/.cache/pip pip wheel --wheel-dir /wheels .

FROM python:3.12-slim-bookworm
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links=/wheels dockslim
RUN useradd --system --no-create-home dockslim
USER dockslim
WORKDIR /src
ENTRYPOINT ["dockslim"]
CMD ["check"]
