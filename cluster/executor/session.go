package executor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/physical/planpb"
	"github.com/flintsql/flint/sql/sqlerr"
)

// Process is what an executor process is told at its start.
type Process struct {
	ID       scheduler.ExecutorID
	Worker   scheduler.WorkerID
	Driver   string // address of the driver's RPC port
	Shuffle  string // address of the worker's shuffle service
	Depot    string // where the worker keeps committed spool files
	Root     string // where the executor makes its own directory
	Host     string // name of this machine, and where others reach it
	Slots    int
	SpillDir string // where it makes a directory to spill to; empty = in its own
	Account  *memory.Account
	Security rpc.Security
	Faults   rpc.Faults
	// Catalogs opens the catalogs that the driver names.
	Catalogs func(flags []string, acct *memory.Account) (func(string) (catalog.Connector, bool), error)
}

// session is a registered executor process.
type session struct {
	p        Process
	out      *rpc.Queue[*clusterpb.ExecutorEvent]
	lease    rpc.Lease
	driver   clusterpb.DriverClient
	comp     shuffle.Compression
	x        *Executor
	commits  *shuffle.WorkerCommitter
	plans    map[uint64][]byte // arriving ones
	received map[scheduler.QueryID]error

	mu        sync.Mutex
	begun     map[scheduler.QueryID]bool // that commits were told of
	addresses map[string]string          // of workers ("w/ID") and executors ("x/ID")
}

// Serve runs an executor process until ctx ends or its driver is gone, which
// ends its life: it comes back as another executor.
func (p Process) Serve(ctx context.Context) error {
	dir, err := shuffle.NewDirectory(p.Root, "executor-"+string(p.ID))
	if err != nil {
		return err
	}
	defer dir.Close()
	l, err := net.Listen("tcp", net.JoinHostPort(p.Host, "0"))
	if err != nil {
		return fmt.Errorf("listen for shuffle: %w", err)
	}
	pool := rpc.NewPool(p.Security)
	defer pool.Close()
	toDriver, err := pool.Get(p.Driver)
	if err != nil {
		return fmt.Errorf("dial driver: %w", err)
	}
	toWorker, err := pool.Get(p.Shuffle)
	if err != nil {
		return fmt.Errorf("dial worker: %w", err)
	}
	s := &session{p: p, out: rpc.NewQueue[*clusterpb.ExecutorEvent](), driver: clusterpb.NewDriverClient(toDriver),
		plans: map[uint64][]byte{}, received: map[scheduler.QueryID]error{}, begun: map[scheduler.QueryID]bool{}, addresses: map[string]string{}}
	st, welcome, err := s.register(ctx, l.Addr().String())
	if err != nil {
		l.Close()
		return err
	}
	if s.comp, err = shuffle.ParseCompression(welcome.Compression); err != nil {
		return err
	}
	connector, err := p.Catalogs(welcome.Catalogs, p.Account)
	if err != nil {
		return fmt.Errorf("open catalogs: %w", err)
	}
	s.commits = shuffle.NewWorkerCommitter(clusterpb.NewShuffleClient(toWorker), p.Depot)
	store := shuffle.NewStore(&shuffle.FileSpooler{Dir: dir.Path, Compression: s.comp, Committer: s.commits,
		Outgrown: func(q scheduler.QueryID) { s.begin(ctx, q) }})
	spilled := spill.NewDir(filepath.Join(dir.Path, "spill"))
	if p.SpillDir != "" {
		spilled = spill.NewDir(filepath.Join(p.SpillDir, "flint-spill-"+string(p.ID)))
	}
	defer spilled.Close()
	s.x = New(Config{ID: p.ID, Spill: spilled, Connector: slowReads(connector, p.Faults.SlowBatch), Store: store, Account: p.Account, Reporter: s,
		Delay:   slowWrites(p.Faults.SlowBatch),
		Fetcher: &shuffle.Remote{Pool: pool, Store: store, Executor: p.ID, Worker: p.Worker, Dir: p.Depot, Address: s.address}})
	defer s.x.Close()
	data := rpc.NewServer(p.Security)
	clusterpb.RegisterShuffleServer(data, &shuffle.Service{Store: store, Compression: s.comp, Delay: p.Faults.SlowFetch})
	return s.run(ctx, st, data, l, time.Duration(welcome.LeaseMillis)*time.Millisecond)
}

// register opens the control stream.
func (s *session) register(ctx context.Context, addr string) (clusterpb.Driver_ExecuteClient, *clusterpb.Welcome, error) {
	st, err := s.driver.Execute(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("register at the driver: %w", err)
	}
	hello := &clusterpb.ExecutorHello{Id: string(s.p.ID), Worker: string(s.p.Worker), Host: s.p.Host, Shuffle: addr,
		Slots: int32(s.p.Slots), Memory: s.p.Account.Limit(), Pid: int32(os.Getpid())}
	if err := st.Send(&clusterpb.ExecutorEvent{Event: &clusterpb.ExecutorEvent_Hello{Hello: hello}}); err != nil {
		return nil, nil, fmt.Errorf("register at the driver: %w", err)
	}
	m, err := st.Recv()
	if err != nil {
		return nil, nil, fmt.Errorf("register at the driver: %w", err)
	}
	w := m.GetWelcome()
	if w == nil {
		return nil, nil, fmt.Errorf("register at the driver: unexpected %T", m.Command)
	}
	return st, w, nil
}

// run serves until the driver is gone or ctx ends.
func (s *session) run(ctx context.Context, st clusterpb.Driver_ExecuteClient, data *grpc.Server, l net.Listener, lease time.Duration) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return data.Serve(l) })
	g.Go(func() error { <-ctx.Done(); data.Stop(); return context.Cause(ctx) })
	g.Go(func() error { return s.out.Drain(ctx, st.Send) })
	g.Go(func() error {
		return s.lease.Watch(ctx, lease, func() {
			s.out.Put(&clusterpb.ExecutorEvent{Event: &clusterpb.ExecutorEvent_Heartbeat{Heartbeat: &clusterpb.Heartbeat{Memory: holdingsPB(s.p.Account.Holdings())}}})
		})
	})
	g.Go(func() error {
		for {
			c, err := st.Recv()
			if err != nil {
				return fmt.Errorf("the driver is gone: %w", err)
			}
			s.lease.Renew()
			s.command(ctx, c)
		}
	})
	return g.Wait()
}

// command carries out a command; none of them blocks.
func (s *session) command(ctx context.Context, c *clusterpb.ExecutorCommand) {
	switch c := c.Command.(type) {
	case *clusterpb.ExecutorCommand_Plan:
		s.plan(c.Plan)
	case *clusterpb.ExecutorCommand_Launch:
		l := launchOf(c.Launch, s.p.ID, s.learn)
		if err := s.received[l.Attempt.Query]; err != nil {
			s.Failed(scheduler.TaskFailed{Attempt: l.Attempt, Class: scheduler.Fatal, Err: sqlerr.From(err)}, physical.TaskRun{})
			return
		}
		s.x.Launch(l)
	case *clusterpb.ExecutorCommand_Abort:
		s.x.Abort(shuffle.AttemptOf(c.Abort))
	case *clusterpb.ExecutorCommand_Drop:
		q := scheduler.QueryID(c.Drop)
		delete(s.received, q)
		s.mu.Lock()
		delete(s.begun, q)
		s.mu.Unlock()
		s.x.Drop(q)
	}
}

// begin registers a query at the worker while the first of its tasks that will commit a file runs.
func (s *session) begin(ctx context.Context, q scheduler.QueryID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun[q] {
		s.begun[q] = true
		go s.commits.Begin(ctx, q)
	}
}

// plan gathers a plan's chunks and registers the query with the last.
func (s *session) plan(c *clusterpb.PlanChunk) {
	s.plans[c.Query] = append(s.plans[c.Query], c.Data...)
	if !c.Last {
		return
	}
	q := Query{ID: scheduler.QueryID(c.Query), Memory: c.Memory}
	var err error
	q.Plan, q.Context, err = planpb.Decode(s.plans[c.Query])
	delete(s.plans, c.Query)
	if err != nil {
		s.received[q.ID] = err
		return
	}
	s.x.Register(q)
}

func addressKey(src scheduler.Source, mode scheduler.Mode) string {
	if mode == scheduler.Spooled {
		return "w/" + string(src.Worker)
	}
	return "x/" + string(src.Executor)
}

// learn keeps an address; an ID never changes its address.
func (s *session) learn(src scheduler.Source, mode scheduler.Mode, addr string) {
	if addr == DriverAddress {
		addr = s.p.Driver
	}
	if addr == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addresses[addressKey(src, mode)] = addr
}

// DriverAddress stands for the driver in launches: each executor knows best how
// to reach it.
const DriverAddress = "driver"

func (s *session) address(src scheduler.Source, mode scheduler.Mode) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addresses[addressKey(src, mode)]
}

// Started, Done, Failed and AbortAcked tell the driver (Reporter).
func (s *session) Started(a scheduler.Attempt) {
	s.out.Put(&clusterpb.ExecutorEvent{Event: &clusterpb.ExecutorEvent_Started{Started: shuffle.AttemptPB(a)}})
}

// Done tells the driver of a success.
func (s *session) Done(d scheduler.TaskDone, run physical.TaskRun) {
	s.out.Put(&clusterpb.ExecutorEvent{Event: &clusterpb.ExecutorEvent_Done{Done: donePB(d, run)}})
}

// Failed tells the driver of a failure.
func (s *session) Failed(f scheduler.TaskFailed, run physical.TaskRun) {
	s.out.Put(&clusterpb.ExecutorEvent{Event: &clusterpb.ExecutorEvent_Failed{Failed: failedPB(f, run)}})
}

// AbortAcked tells the driver that an attempt is off.
func (s *session) AbortAcked(a scheduler.Attempt) {
	s.out.Put(&clusterpb.ExecutorEvent{Event: &clusterpb.ExecutorEvent_AbortAcked{AbortAcked: shuffle.AttemptPB(a)}})
}

// Result opens a stream for the rows of an attempt.
func (s *session) Result(a scheduler.Attempt) exec.Sink {
	return shuffle.NewResultSink(s.driver, a, s.p.ID, s.comp)
}
