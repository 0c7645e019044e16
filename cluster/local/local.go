// Package local runs driver and executors in one process: the same scheduler,
// tasks and operators as on a cluster; batches pass by reference.
package local

import (
	"log/slog"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/cluster"
	"github.com/flintsql/flint/cluster/driver"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
)

// Options of the embedded cluster.
type Options struct {
	Slots     int
	Account   *memory.Account // the process's
	Connector func(catalog string) (catalog.Connector, bool)
	BatchSize int          // rows operators aim at in one batch, 0 = the default
	Spill     *spill.Dir   // where rows go that outgrow the memory; nil = nowhere
	Log       *slog.Logger // nil = nowhere
}

// Cluster is a driver with one executor in its own process.
type Cluster struct {
	*driver.Driver
	exec  *executor.Executor
	local *executor.Executor
}

// noFence is the time after which a task that does not stop costs its executor:
// never, since the executor is this very process.
const noFence = 100 * 365 * 24 * time.Hour

// New starts an embedded cluster.
func New(o Options) *Cluster {
	d := driver.New(scheduler.Options{LocalSlots: 2, AckTimeout: noFence}, o.Account, time.Now)
	c := &Cluster{Driver: d}
	c.local = NewInProcess(scheduler.LocalExecutor, d, o)
	d.SetLocal(handle{c.local})
	c.exec = NewInProcess("embedded", d, o)
	d.AddExecutor(scheduler.ExecutorUp{Executor: "embedded", Worker: "embedded", Host: "localhost", Slots: o.Slots, Memory: o.Account.Limit()}, handle{c.exec})
	return c
}

// NewInProcess makes an executor that runs tasks in this process.
func NewInProcess(id scheduler.ExecutorID, d *driver.Driver, o Options) *executor.Executor {
	store := shuffle.NewStore(nil)
	if o.Spill != nil {
		store.Overflow(o.Spill, o.Account)
	}
	return executor.New(executor.Config{ID: id, Connector: o.Connector, Store: store, Account: o.Account, Reporter: d, BatchSize: o.BatchSize, Spill: o.Spill, Log: o.Log})
}

// Topology is that of the driver; all tasks run in this process.
func (c *Cluster) Topology() cluster.Topology {
	t := c.Driver.Topology()
	t.InProcess = true
	return t
}

// Close ends all queries and waits for their tasks.
func (c *Cluster) Close() {
	c.Driver.Close()
	c.exec.Close()
	c.local.Close()
}

// handle is a driver's direct way to an executor.
type handle struct{ x *executor.Executor }

// Handle makes an in-process executor a driver's handle.
func Handle(x *executor.Executor) driver.Handle { return handle{x} }

func (h handle) Register(q executor.Query) { h.x.Register(q) }
func (h handle) Launch(l scheduler.Launch) { h.x.Launch(l) }
func (h handle) Abort(a scheduler.Attempt) { go h.x.Abort(a) }
func (h handle) Drop(q scheduler.QueryID)  { h.x.Drop(q) }
func (h handle) Fence()                    {}
