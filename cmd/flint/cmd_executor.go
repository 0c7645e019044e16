package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
)

// executorCmd runs tasks; workers start it.
type executorCmd struct {
	rpcFlags
	Driver   string `required:"" help:"The driver's RPC address."`
	ID       string `required:"" name:"id" help:"ID, never used before."`
	Worker   string `required:"" help:"ID of the worker."`
	Shuffle  string `required:"" help:"Address of the worker's shuffle service."`
	Depot    string `required:"" help:"Directory of the worker's spool files."`
	Dir      string `required:"" help:"Directory to make its own directory in."`
	Host     string `required:"" help:"Host to listen on."`
	Slots    int    `default:"1" help:"Task slots."`
	Memory   string `help:"Memory for tasks."`
	SpillDir string `help:"Directory to make one in for rows that outgrow the memory; empty = in its own." placeholder:"DIR"`
}

var errWorkerGone = errors.New("the worker is gone")

// Run runs tasks until the worker's pipe (standard input) closes.
func (c *executorCmd) Run() error {
	security, err := c.load()
	if err != nil {
		return err
	}
	faults, err := rpc.ParseFaults(os.Getenv(rpc.FaultVariable))
	if err != nil {
		return err
	}
	limit, err := memoryLimit(c.Memory)
	if err != nil {
		return err
	}
	// A processor for each slot. With more, Go would carry a task to an idle one whenever it yields, where another
	// executor's task may run.
	runtime.GOMAXPROCS(min(runtime.GOMAXPROCS(0), max(1, c.Slots)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel(errWorkerGone)
	}()
	return executor.Process{ID: scheduler.ExecutorID(c.ID), Worker: scheduler.WorkerID(c.Worker), Driver: c.Driver, Shuffle: c.Shuffle,
		Depot: c.Depot, Root: c.Dir, Host: c.Host, Slots: c.Slots, SpillDir: c.SpillDir, Account: memory.NewRoot("executor", limit), Security: security,
		Faults: faults, Catalogs: executorCatalogs}.Serve(ctx)
}

// executorCatalogs opens the catalogs that the driver named.
func executorCatalogs(flags []string, acct *memory.Account) (func(string) (catalog.Connector, bool), error) {
	dirs := map[string]string{}
	for _, f := range flags {
		name, dir, _ := strings.Cut(f, "=")
		dirs[name] = dir
	}
	m, err := connectors(dirs, acct, "")
	if err != nil {
		return nil, err
	}
	return func(name string) (catalog.Connector, bool) {
		c, ok := m[name]
		return c, ok
	}, nil
}
