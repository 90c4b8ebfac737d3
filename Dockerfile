# Journey API. BuildKit builds it (Docker 23 or newer). It has no heredoc, which older buildah and podman refuse.
#
#   docker build --target dev -t journey-api:dev .                            reloads on change
#   docker build --build-arg VERSION=1.2.3 -t journey-api:1.2.3 .             prod, the default
#
# Without VERSION the build warns, and the binary calls itself 0.0.0-unstamped.
#
# The base image is pinned by its exact tag. To pin its content as well, append the digest that
# `docker buildx imagetools inspect golang:1.26.8-bookworm` prints: golang:1.26.8-bookworm@sha256:…


# modules: the toolchain and every module of go.sum. This layer stays until go.mod or go.sum changes.
FROM --platform=${BUILDPLATFORM} golang:1.26.8-bookworm AS modules
# 65532 has no rights anywhere: neither the build nor the service needs any.
RUN useradd --no-log-init --uid 65532 --create-home --home-dir /home/journey --shell /usr/sbin/nologin journey \
 && install --directory --owner=journey --group=journey /src /home/journey/.cache/go-build
USER 65532:65532
WORKDIR /src
ENV CGO_ENABLED=0 \
    HOME=/home/journey \
    GOCACHE=/home/journey/.cache/go-build
COPY --chown=65532:65532 go.mod go.sum ./
RUN go mod download


# dev: builds and runs the service, and again at each change of a source file. docker-compose.dev.yml mounts the sources
# over the copies in the image.
FROM modules AS dev
RUN go install github.com/air-verse/air@v1.67.4
COPY bootstrap/air.toml /etc/air.toml

COPY --chown=65532:65532 core core
COPY --chown=65532:65532 ports ports
COPY --chown=65532:65532 adapters adapters
COPY --chown=65532:65532 bootstrap bootstrap
ENV APP_ENV=development
EXPOSE 8000
CMD ["air", "-c", "/etc/air.toml"]


# build: the static binary, cross-compiled if the target has another processor.
FROM modules AS build
COPY --chown=65532:65532 core core
COPY --chown=65532:65532 ports ports
COPY --chown=65532:65532 adapters adapters
COPY --chown=65532:65532 bootstrap bootstrap
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
RUN --mount=type=cache,target=/home/journey/.cache/go-build,uid=65532,gid=65532 \
    test -n "${VERSION}" || echo "warning: no --build-arg VERSION, so the binary is unstamped" >&2; \
    GOOS="${TARGETOS}" GOARCH="${TARGETARCH}" go build -trimpath \
      -ldflags "-s -w${VERSION:+ -X main.version=${VERSION}}" -o bin/journey-api ./bootstrap


# prod: on scratch, since a static binary needs only three files and nothing else to be patched: itself, the
# certificate authorities (https to Supabase, neo4j+s), and the time zones that values from Neo4j may name.
# It writes no file: run it with --read-only. Stopping takes up to DRAIN_DELAY + SHUTDOWN_TIMEOUT + 7s, 22s with the
# defaults: give it --stop-timeout 25 or more (Docker's default of 10 cuts off requests in flight).
FROM scratch AS prod
ARG VERSION
LABEL org.opencontainers.image.title="Journey API" \
      org.opencontainers.image.description="The runtime of Journey OS's learning algorithms" \
      org.opencontainers.image.source="https://github.com/journey-os/journey-api" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION:-0.0.0-unstamped}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /usr/share/zoneinfo.zip
COPY --from=build --chown=0:0 --chmod=0555 /src/bin/journey-api /journey-api
ENV APP_ENV=production \
    ZONEINFO=/usr/share/zoneinfo.zip
USER 65532:65532
EXPOSE 8000
STOPSIGNAL SIGTERM
# `healthcheck` reads the same settings as the service, from the container's environment, including its port.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/journey-api", "healthcheck"]
ENTRYPOINT ["/journey-api"]
CMD ["serve"]
