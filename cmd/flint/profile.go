package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/flintsql/flint/cluster/rpc"
)

// serveProfiles offers Go's profiles over HTTP under /debug/pprof/ until stop
// is called. It listens on loopback only: a profile tells what a server does.
func serveProfiles(addr string) (stop func(), err error) {
	switch local, err := rpc.Loopback(addr); {
	case err != nil:
		return nil, fmt.Errorf("--pprof: %w", err)
	case !local:
		return nil, fmt.Errorf("--pprof: %s is not a loopback address", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // ends with Close
	return func() { _ = s.Close() }, nil
}
