package standalone

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
)

// workerSession is the driver's end of a worker process (driver.WorkerHandle).
type workerSession struct {
	session
	m     *Manager
	id    scheduler.WorkerID
	hello *clusterpb.WorkerHello
	out   *rpc.Queue[*clusterpb.WorkerCommand]
	lease rpc.Lease
}

// Work serves a worker's control stream for its life.
func (m *Manager) Work(st clusterpb.Driver_WorkServer) error {
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
	s := &workerSession{session: session{stop: stop}, m: m, id: scheduler.WorkerID(hello.Id), hello: hello, out: rpc.NewQueue[*clusterpb.WorkerCommand]()}
	if err := m.addWorker(s); err != nil {
		return err
	}
	m.cfg.Driver.AddWorker(s.id, s)
	m.event("worker-up %s pid %d", s.id, hello.Pid)
	s.out.Put(&clusterpb.WorkerCommand{Command: &clusterpb.WorkerCommand_Welcome{Welcome: m.welcome()}})
	err = s.run(ctx, st)
	m.event("worker-lost %s: %v", s.id, err)
	s.fence()
	s.out.Close()
	m.loseWorker(s)
	return status.Error(codes.Aborted, "the worker was given up")
}

func (m *Manager) addWorker(s *workerSession) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s.id == "" || s.id == scheduler.LocalWorker || m.workers[s.id] != nil {
		return status.Errorf(codes.AlreadyExists, "worker ID %q is in use", s.id)
	}
	m.workers[s.id] = s
	return nil
}

// loseWorker fences a lost worker's executors and reports all of it lost.
func (m *Manager) loseWorker(w *workerSession) {
	m.mu.Lock()
	delete(m.workers, w.id)
	var mine []*executorSession
	for _, x := range m.executors {
		if x.hello.Worker == string(w.id) {
			mine = append(mine, x)
		}
	}
	m.mu.Unlock()
	var ids []scheduler.ExecutorID
	for _, x := range mine {
		x.fence()
		ids = append(ids, x.id)
	}
	m.cfg.Driver.LoseWorker(w.id, ids)
	for _, x := range mine {
		x.stop(fmt.Errorf("worker %s is lost", w.id))
	}
}

// run serves until the stream breaks, the lease ends or the session is stopped.
func (s *workerSession) run(ctx context.Context, st clusterpb.Driver_WorkServer) error {
	g, ctx := errgroup.WithContext(ctx)
	received := make(chan error, 1)
	go func() {
		for {
			e, err := st.Recv()
			if err != nil {
				received <- err
				return
			}
			s.lease.Renew()
			if x := e.GetExit(); x != nil {
				s.exited(scheduler.ExecutorID(x.Executor), x.Reason)
			}
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
			s.out.Put(&clusterpb.WorkerCommand{Command: &clusterpb.WorkerCommand_Heartbeat{Heartbeat: &clusterpb.Heartbeat{}}})
		})
	})
	return g.Wait()
}

// exited ends the session of an executor that its worker saw die.
func (s *workerSession) exited(id scheduler.ExecutorID, reason string) {
	s.m.mu.Lock()
	x := s.m.executors[id]
	s.m.mu.Unlock()
	if x != nil {
		x.stop(fmt.Errorf("process ended: %s", reason))
	}
}

// Drop sends the word to remove a query's files (driver.WorkerHandle).
func (s *workerSession) Drop(q scheduler.QueryID) {
	s.m.forget(q)
	s.out.Put(&clusterpb.WorkerCommand{Command: &clusterpb.WorkerCommand_Drop{Drop: uint64(q)}})
}
