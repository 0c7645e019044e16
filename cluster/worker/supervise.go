package worker

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/cluster/shuffle"
)

// worker is a registered worker.
type worker struct {
	Config
	id      scheduler.WorkerID
	host    string
	address string
	dir     string
	depot   *shuffle.Depot
	out     *rpc.Queue[*clusterpb.WorkerEvent]
	lease   rpc.Lease

	mu        sync.Mutex
	processes map[scheduler.ExecutorID]*exec.Cmd
}

// Restarts wait longer and longer, until an executor has lived for a while.
const (
	firstPause = 50 * time.Millisecond
	longPause  = 5 * time.Second
	goodLife   = 10 * time.Second
)

// supervise keeps the n-th executor alive until ctx ends.
func (w *worker) supervise(ctx context.Context, n int) error {
	pause := firstPause
	for k := 1; ; k++ {
		id := scheduler.ExecutorID(fmt.Sprintf("%s-%d-%d", w.id, n, k))
		began := time.Now()
		reason := w.runExecutor(ctx, id)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.out.Put(&clusterpb.WorkerEvent{Event: &clusterpb.WorkerEvent_Exit{Exit: &clusterpb.ExecutorExit{Executor: string(id), Reason: reason}}})
		w.Log.Warn("executor ended", "executor", id, "reason", reason)
		if err := shuffle.Sweep(w.Root); err != nil {
			w.Log.Warn("sweep", "reason", err)
		}
		if time.Since(began) > goodLife {
			pause = firstPause
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, longPause)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// runExecutor runs an executor process to its end and says why it ended. The
// process ends itself when its standard input, a pipe from here, closes.
func (w *worker) runExecutor(ctx context.Context, id scheduler.ExecutorID) string {
	cmd := w.Command(Spawn{ID: id, Worker: w.id, Shuffle: w.address, Depot: w.dir, Host: w.host})
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err.Error()
	}
	defer pipe.Close()
	if err := cmd.Start(); err != nil {
		return err.Error()
	}
	w.mu.Lock()
	w.processes[id] = cmd
	w.mu.Unlock()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		pipe.Close()
		select {
		case err = <-ended:
		case <-time.After(2 * time.Second):
			cmd.Process.Kill()
			err = <-ended
		}
	}
	w.mu.Lock()
	delete(w.processes, id)
	w.mu.Unlock()
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// kill ends an executor that the driver has fenced.
func (w *worker) kill(id scheduler.ExecutorID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if cmd := w.processes[id]; cmd != nil {
		cmd.Process.Kill()
	}
}
