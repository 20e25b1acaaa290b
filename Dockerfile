# syntax=docker/dockerfile:1

FROM node:20-bookworm AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund || npx --yes npm@11.19.1 ci --no-audit --no-fund
COPY web/ ./
COPY api/openapi.yaml ../api/openapi.yaml
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -tags=nomsgpack -buildvcs=false"
# The modules change seldom: a layer of their own.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist web/dist
ARG VERSION=dev
ARG COMMIT=unknown
RUN go build -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" -o /liuke ./cmd/liuke

FROM debian:12-slim
# Certificates for WeChat's API, time zones for the stores. The user has a fixed number, so that a volume keeps its owner.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 liuke \
    && useradd --uid 10001 --gid liuke --no-create-home --home-dir /data --shell /usr/sbin/nologin liuke \
    && install -d -o liuke -g liuke -m 0700 /data
COPY --from=build /liuke /usr/local/bin/liuke
COPY LICENSE /usr/share/doc/liuke/LICENSE

# The settings' defaults name the folder data/ where the program starts: it is spelt out here for /data.
ENV LIUKE_LISTEN=0.0.0.0:8080 \
    LIUKE_DATABASE=sqlite:/data/liuke.db \
    LIUKE_MEDIA=file:/data/media \
    LIUKE_JOURNAL=/data/journal
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["/usr/local/bin/liuke", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/liuke"]
CMD ["serve"]
