# docker build -t oakum .
# docker run --rm -v "$PWD:/work" --user "$(id -u):$(id -g)" oakum check .
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends \
    gcc libc6-dev cmake ninja-build pkg-config dpkg-dev file scdoc \
    libfyaml-dev libgit2-dev libjansson-dev libpcre2-dev libcurl4-openssl-dev
COPY . /src
RUN sh /src/packaging/deb.sh /build

FROM debian:12-slim
COPY --from=build /build/oakum_*.deb /tmp/
RUN apt-get update && apt-get install -y --no-install-recommends /tmp/oakum_*.deb ca-certificates git openssh-client \
    && rm -rf /tmp/oakum_*.deb /var/lib/apt/lists/*
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["oakum"]
