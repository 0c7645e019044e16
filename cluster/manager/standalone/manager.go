// Package standalone is the cluster manager of Flint's own: workers register at
// the driver and bring their executors with them.
//
// A process's control stream is its lease. When it breaks, or is silent for too
// long, the process is fenced (nothing more of it is heard) and reported lost.
package standalone

import (
	"context"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/driver"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/physical/planpb"
	"github.com/flintsql/flint/sql/types"
)

// Config of a Manager.
type Config struct {
	Driver      *driver.Driver
	Catalogs    []string // NAME=DIR, for executors to open
	Compression string   // of shuffled batches
	Lease       time.Duration
	// Events, if not nil, hears a line for every registration, loss, and start and end of a task.
	Events func(line string)
}

// Manager serves the driver's RPC port (clusterpb.DriverServer).
type Manager struct {
	clusterpb.UnimplementedDriverServer
	cfg Config

	mu        sync.Mutex
	workers   map[scheduler.WorkerID]*workerSession
	executors map[scheduler.ExecutorID]*executorSession
	plans     map[scheduler.QueryID]encoded
}

// encoded is a query's plan on the wire, made once for all executors.
type encoded struct {
	chunks []*clusterpb.PlanChunk
	fields []types.Field
	err    error
}

// New makes a manager.
func New(c Config) *Manager {
	if c.Lease == 0 {
		c.Lease = rpc.DefaultLease
	}
	if c.Events == nil {
		c.Events = func(string) {}
	}
	return &Manager{cfg: c, workers: map[scheduler.WorkerID]*workerSession{}, executors: map[scheduler.ExecutorID]*executorSession{},
		plans: map[scheduler.QueryID]encoded{}}
}

func (m *Manager) event(format string, args ...any) { m.cfg.Events(fmt.Sprintf(format, args...)) }

func (m *Manager) welcome() *clusterpb.Welcome {
	return &clusterpb.Welcome{Catalogs: m.cfg.Catalogs, LeaseMillis: m.cfg.Lease.Milliseconds(), Compression: m.cfg.Compression}
}

// Address tells where a source's output is served; "" if that process is gone.
func (m *Manager) Address(src scheduler.Source, mode scheduler.Mode) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if mode == scheduler.Spooled {
		if src.Worker == scheduler.LocalWorker {
			return executor.DriverAddress
		}
		if w := m.workers[src.Worker]; w != nil {
			return w.hello.Shuffle
		}
		return ""
	}
	if src.Executor == scheduler.LocalExecutor {
		return executor.DriverAddress
	}
	if x := m.executors[src.Executor]; x != nil {
		return x.hello.Shuffle
	}
	return ""
}

// chunkSize is the size of a plan's pieces.
const chunkSize = 1 << 20

// plan encodes a query's plan, once.
func (m *Manager) plan(q executor.Query) encoded {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.plans[q.ID]; ok {
		return e
	}
	data, err := planpb.Encode(q.Plan, q.Context)
	e := encoded{fields: q.Plan.Edges[q.Plan.Result].Fields, err: err}
	for first := true; first || len(data) > 0; first = false {
		n := min(len(data), chunkSize)
		e.chunks = append(e.chunks, &clusterpb.PlanChunk{Query: uint64(q.ID), Memory: q.Memory, Data: data[:n], Last: n == len(data)})
		data = data[n:]
	}
	m.plans[q.ID] = e
	return e
}

func (m *Manager) forget(q scheduler.QueryID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.plans, q)
}

// Result takes the rows of an attempt of the result stage.
func (m *Manager) Result(st clusterpb.Driver_ResultServer) error {
	return shuffle.ReceiveResult(st, func(a scheduler.Attempt, x scheduler.ExecutorID) ([]types.Field, exec.Sink, error) {
		m.mu.Lock()
		known, plan := m.executors[x] != nil, m.plans[a.Query]
		m.mu.Unlock()
		if !known {
			return nil, nil, status.Error(codes.FailedPrecondition, "executor is not registered")
		}
		return plan.fields, m.cfg.Driver.Result(a), nil
	})
}

// session is what workers' and executors' sessions share.
type session struct {
	stop context.CancelCauseFunc
	mu   sync.Mutex // held while an event of the peer is handled
	dead bool
}

// fence makes sure that no event of the peer is handled from now on.
func (s *session) fence() {
	s.mu.Lock()
	s.dead = true
	s.mu.Unlock()
}

// handle handles an event unless the peer is fenced.
func (s *session) handle(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.dead {
		f()
	}
}
