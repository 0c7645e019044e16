package standalone

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// executorSession is the driver's end of an executor process (driver.Handle).
type executorSession struct {
	session
	m     *Manager
	id    scheduler.ExecutorID
	hello *clusterpb.ExecutorHello
	out   *rpc.Queue[*clusterpb.ExecutorCommand]
	lease rpc.Lease
	bad   map[scheduler.QueryID]error // plans that could not be encoded; used under the driver's lock
	heard atomic.Pointer[clusterpb.Heartbeat]
}

// Execute serves an executor's control stream for its life.
func (m *Manager) Execute(st clusterpb.Driver_ExecuteServer) error {
	first, err := st.Recv()
	if err != nil {
		return err
	}
	hello := first.GetHello()
	if hello == nil {
		return status.Error(codes.InvalidArgument, "the first message must be a hello")
	}
	ctx, stop := context.WithCancelCause(st.Context())
	defer stop(nil)
	s := &executorSession{session: session{stop: stop}, m: m, id: scheduler.ExecutorID(hello.Id), hello: hello,
		out: rpc.NewQueue[*clusterpb.ExecutorCommand](), bad: map[scheduler.QueryID]error{}}
	if err := m.addExecutor(s); err != nil {
		return err
	}
	if err := st.Send(&clusterpb.ExecutorCommand{Command: &clusterpb.ExecutorCommand_Welcome{Welcome: m.welcome()}}); err == nil {
		m.event("executor-up %s pid %d worker %s", s.id, hello.Pid, hello.Worker)
		m.cfg.Driver.AddExecutor(scheduler.ExecutorUp{Executor: s.id, Worker: scheduler.WorkerID(hello.Worker), Host: hello.Host,
			Slots: int(hello.Slots), Memory: hello.Memory}, s)
		err = s.run(ctx, st)
		m.event("executor-lost %s: %v", s.id, err)
	}
	s.fence()
	s.out.Close()
	m.mu.Lock()
	delete(m.executors, s.id)
	m.mu.Unlock()
	s.kill()
	m.cfg.Driver.LoseExecutor(s.id)
	return status.Error(codes.Aborted, "the executor was given up")
}

// addExecutor takes up a new executor of a registered worker.
func (m *Manager) addExecutor(s *executorSession) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.workers[scheduler.WorkerID(s.hello.Worker)] == nil {
		return status.Errorf(codes.FailedPrecondition, "worker %s is not registered", s.hello.Worker)
	}
	if s.id == "" || s.id == scheduler.LocalExecutor || m.executors[s.id] != nil {
		return status.Errorf(codes.AlreadyExists, "executor ID %q is in use", s.id)
	}
	m.executors[s.id] = s
	return nil
}

// run serves until the stream breaks, the lease ends or the session is stopped.
func (s *executorSession) run(ctx context.Context, st clusterpb.Driver_ExecuteServer) error {
	g, ctx := errgroup.WithContext(ctx)
	received := make(chan error, 1)
	go func() { // outlives a stop until the stream ends with Execute's return
		for {
			e, err := st.Recv()
			if err != nil {
				received <- err
				return
			}
			s.lease.Renew()
			s.handle(func() { s.event(e) })
		}
	}()
	g.Go(func() error {
		select {
		case err := <-received:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	g.Go(func() error { return s.out.Drain(ctx, st.Send) })
	g.Go(func() error {
		return s.lease.Watch(ctx, s.m.cfg.Lease, func() {
			s.out.Put(&clusterpb.ExecutorCommand{Command: &clusterpb.ExecutorCommand_Heartbeat{Heartbeat: &clusterpb.Heartbeat{}}})
		})
	})
	return g.Wait()
}

// event hands what the executor says to the driver.
func (s *executorSession) event(e *clusterpb.ExecutorEvent) {
	d := s.m.cfg.Driver
	switch e := e.Event.(type) {
	case *clusterpb.ExecutorEvent_Heartbeat:
		s.heard.Store(e.Heartbeat)
	case *clusterpb.ExecutorEvent_Started:
		a := shuffle.AttemptOf(e.Started)
		s.m.event("task-started %s executor %s pid %d", attempt(a), s.id, s.hello.Pid)
		d.Started(a)
	case *clusterpb.ExecutorEvent_Done:
		t, run := executor.DoneOf(e.Done, s.id)
		s.m.event("task-done %s executor %s", attempt(t.Attempt), s.id)
		d.Done(t, run)
	case *clusterpb.ExecutorEvent_Failed:
		f, run := executor.FailedOf(e.Failed, s.id)
		s.m.event("task-failed %s executor %s class %s: %s", attempt(f.Attempt), s.id, f.Class, oneLine(f.Err))
		d.Failed(f, run)
	case *clusterpb.ExecutorEvent_AbortAcked:
		a := shuffle.AttemptOf(e.AbortAcked)
		s.m.event("task-aborted %s executor %s", attempt(a), s.id)
		d.AbortAcked(a)
	}
}

func attempt(a scheduler.Attempt) string {
	return fmt.Sprintf("query %d stage %d part %d epoch %d try %d", a.Query, a.Stage, a.Partition, a.Epoch, a.Number)
}

func oneLine(err *sqlerr.Error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", " ")
}

// Register sends a plan (driver.Handle).
func (s *executorSession) Register(q executor.Query) {
	e := s.m.plan(q)
	if e.err != nil {
		s.bad[q.ID] = e.err
		return
	}
	for _, c := range e.chunks {
		s.out.Put(&clusterpb.ExecutorCommand{Command: &clusterpb.ExecutorCommand_Plan{Plan: c}})
	}
}

// Launch sends a task.
func (s *executorSession) Launch(l scheduler.Launch) {
	if err := s.bad[l.Attempt.Query]; err != nil {
		go s.handle(func() {
			s.m.cfg.Driver.Failed(scheduler.TaskFailed{Attempt: l.Attempt, Class: scheduler.Fatal, Err: sqlerr.From(err)}, physical.TaskRun{})
		})
		return
	}
	s.out.Put(&clusterpb.ExecutorCommand{Command: &clusterpb.ExecutorCommand_Launch{Launch: executor.LaunchPB(l, s.m.Address)}})
}

// Abort sends the word to stop an attempt.
func (s *executorSession) Abort(a scheduler.Attempt) {
	s.out.Put(&clusterpb.ExecutorCommand{Command: &clusterpb.ExecutorCommand_Abort{Abort: shuffle.AttemptPB(a)}})
}

// Drop sends the word to forget a query.
func (s *executorSession) Drop(q scheduler.QueryID) {
	s.m.forget(q)
	delete(s.bad, q)
	s.out.Put(&clusterpb.ExecutorCommand{Command: &clusterpb.ExecutorCommand_Drop{Drop: uint64(q)}})
}

// Fence ends the session, and the process with it.
func (s *executorSession) Fence() { s.stop(errFenced) }

// kill has the worker kill a process that may hang: nothing it does counts any more.
func (s *executorSession) kill() {
	s.m.mu.Lock()
	w := s.m.workers[scheduler.WorkerID(s.hello.Worker)]
	s.m.mu.Unlock()
	if w != nil {
		w.out.Put(&clusterpb.WorkerCommand{Command: &clusterpb.WorkerCommand_Kill{Kill: string(s.id)}})
	}
}

var errFenced = fmt.Errorf("fenced by the scheduler")
