package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// engine is one system under test, in processes of its own.
type engine interface {
	Name() string
	Version() string
	// Run runs a query to its last row. With check the answer carries the
	// fingerprints of its columns, which are not part of its time.
	Run(ctx context.Context, sql string, check bool) (answer, error)
	PIDs() []int // its processes but for their children
	Close()
}

// answer is what one run of a query gave.
type answer struct {
	Time    time.Duration
	Rows    int64
	Columns []fingerprint
}

// errMissing says that a peer is not installed here.
var errMissing = errors.New("not installed")

// startEngine starts an engine by its name on a folder of tables.
func startEngine(ctx context.Context, name string, o *options, data string) (engine, error) {
	switch name {
	case "flint":
		return startFlint(ctx, name, o, data, o.MemoryLimit)
	case "unlimited":
		return startFlint(ctx, name, o, data, "")
	case "cluster":
		return startCluster(ctx, o, data)
	}
	if _, ok := peerScripts[name]; ok {
		return startPeer(name, o, data)
	}
	return nil, fmt.Errorf("unknown peer %q", name)
}
