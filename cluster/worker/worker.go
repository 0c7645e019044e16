// Package worker is the agent on a machine: it registers at the driver, starts
// executor processes and restarts them when they die, and keeps and serves what
// they spooled. It never runs a task itself.
package worker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
)

// Config of a worker.
type Config struct {
	Driver    string // address of the driver's RPC port
	Listen    string // where the shuffle service listens, HOST:PORT
	Root      string // where the processes of this machine make their directories
	Executors int
	Security  rpc.Security
	Faults    rpc.Faults
	Log       *slog.Logger
	// Command makes an executor's command. Its standard input is the worker's to set.
	Command func(Spawn) *exec.Cmd
}

// Spawn is what a new executor is told by its worker.
type Spawn struct {
	ID      scheduler.ExecutorID
	Worker  scheduler.WorkerID
	Shuffle string // address of the worker's shuffle service
	Depot   string // where the worker keeps committed spool files
	Host    string
}

// sweepEvery is how often directories of dead processes are looked for.
const sweepEvery = 30 * time.Second

// Run works until ctx ends. When the driver is gone, the worker ends its
// executors, forgets all outputs, and registers again as a new worker.
func (c Config) Run(ctx context.Context) error {
	pause := 100 * time.Millisecond
	for {
		began := time.Now()
		err := c.incarnation(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > 10*time.Second {
			pause = 100 * time.Millisecond
		}
		c.Log.Warn("worker is not registered", "driver", c.Driver, "reason", err)
		select {
		case <-time.After(pause):
			pause = min(2*pause, 2*time.Second)
		case <-ctx.Done():
			return nil
		}
	}
}

// incarnation is the worker's life under one registration.
func (c Config) incarnation(ctx context.Context) error {
	id := newID()
	if err := os.MkdirAll(c.Root, 0o700); err != nil {
		return err
	}
	if err := shuffle.Sweep(c.Root); err != nil {
		c.Log.Warn("sweep", "reason", err)
	}
	dir, err := shuffle.NewDirectory(c.Root, "worker-"+id)
	if err != nil {
		return err
	}
	defer dir.Close()
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen for shuffle: %w", err)
	}
	defer l.Close()
	conn, err := rpc.Dial(c.Driver, c.Security)
	if err != nil {
		return err
	}
	defer conn.Close()
	w := &worker{Config: c, id: scheduler.WorkerID(id), depot: shuffle.NewDepot(dir.Path), dir: dir.Path, address: l.Addr().String(),
		out: rpc.NewQueue[*clusterpb.WorkerEvent](), processes: map[scheduler.ExecutorID]*exec.Cmd{}}
	st, err := clusterpb.NewDriverClient(conn).Work(ctx)
	if err != nil {
		return err
	}
	w.host, _, _ = net.SplitHostPort(w.address)
	hello := &clusterpb.WorkerHello{Id: id, Host: w.host, Shuffle: w.address, Pid: int32(os.Getpid())}
	if err := st.Send(&clusterpb.WorkerEvent{Event: &clusterpb.WorkerEvent_Hello{Hello: hello}}); err != nil {
		return err
	}
	m, err := st.Recv()
	if err != nil {
		return err
	}
	c.Log.Info("registered", "worker", id, "driver", c.Driver, "shuffle", w.address)
	return w.run(ctx, st, l, time.Duration(m.GetWelcome().GetLeaseMillis())*time.Millisecond)
}

// newID names a worker for one registration: never used twice.
func newID() string {
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return fmt.Sprintf("%x-%x", os.Getpid(), time.Now().UnixNano())
	}
	return hex.EncodeToString(b[:])
}

func (w *worker) run(ctx context.Context, st clusterpb.Driver_WorkClient, l net.Listener, lease time.Duration) error {
	if lease <= 0 {
		lease = rpc.DefaultLease
	}
	g, ctx := errgroup.WithContext(ctx)
	data := rpc.NewServer(w.Security)
	clusterpb.RegisterShuffleServer(data, &shuffle.Service{Depot: w.depot, Delay: w.Faults.SlowFetch})
	g.Go(func() error { return data.Serve(l) })
	g.Go(func() error { <-ctx.Done(); data.Stop(); return context.Cause(ctx) })
	g.Go(func() error { return w.out.Drain(ctx, st.Send) })
	g.Go(func() error {
		return w.lease.Watch(ctx, lease, func() {
			w.out.Put(&clusterpb.WorkerEvent{Event: &clusterpb.WorkerEvent_Heartbeat{Heartbeat: &clusterpb.Heartbeat{}}})
		})
	})
	g.Go(func() error {
		for {
			c, err := st.Recv()
			if err != nil {
				return fmt.Errorf("the driver is gone: %w", err)
			}
			w.lease.Renew()
			w.command(c)
		}
	})
	g.Go(func() error { return w.sweep(ctx) })
	for n := range w.Executors {
		g.Go(func() error { return w.supervise(ctx, n) })
	}
	return g.Wait()
}

func (w *worker) command(c *clusterpb.WorkerCommand) {
	switch c := c.Command.(type) {
	case *clusterpb.WorkerCommand_Drop:
		if err := w.depot.Drop(scheduler.QueryID(c.Drop)); err != nil {
			w.Log.Warn("drop query", "query", c.Drop, "reason", err)
		}
	case *clusterpb.WorkerCommand_Kill:
		w.kill(scheduler.ExecutorID(c.Kill))
	}
}

func (w *worker) sweep(ctx context.Context) error {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			if err := shuffle.Sweep(w.Root); err != nil {
				w.Log.Warn("sweep", "reason", err)
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
