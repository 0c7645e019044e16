FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /flint ./cmd/flint

FROM scratch
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /flint /flint
USER 65534:65534
EXPOSE 5433
ENTRYPOINT ["/flint"]
CMD ["serve", "--listen", "0.0.0.0:5433", "--insecure"]
