package shuffle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/scheduler"
)

// WorkerCommitter commits files to the worker of this machine (Committer). The first commit of a query, or Begin before it,
// registers at the worker, which makes a directory for the query, or refuses. The further ones rename the files into that
// directory themselves: an attempt's files have names of their own and are read by these, so that a late commit hurts
// nobody, and the directory goes when the query ends. It is safe for concurrent use.
type WorkerCommitter struct {
	client clusterpb.ShuffleClient
	dir    string

	mu     sync.Mutex
	newest map[scheduler.QueryID]map[scheduler.TaskID]int // of registered queries, the highest attempt committed here
}

// knownQueries bounds the memory of queries that have registered; one that is forgotten registers again.
const knownQueries = 1024

// NewWorkerCommitter commits to the worker that client reaches and that keeps its files in dir.
func NewWorkerCommitter(client clusterpb.ShuffleClient, dir string) *WorkerCommitter {
	return &WorkerCommitter{client: client, dir: dir, newest: map[scheduler.QueryID]map[scheduler.TaskID]int{}}
}

// Commit takes an attempt's finished files, by edge, into the worker's directory.
func (c *WorkerCommitter) Commit(ctx context.Context, a scheduler.Attempt, files map[int]string) error {
	c.mu.Lock()
	tasks, known := c.newest[a.Query]
	late := a.Number <= tasks[a.TaskID]
	c.mu.Unlock()
	err := error(nil)
	switch {
	case late:
		return &CommitError{"a later attempt has committed"}
	case known:
		err = rename(c.dir, a, files)
	default:
		err = c.register(ctx, a, files)
	}
	if err == nil {
		c.note(a)
	}
	return err
}

// Begin registers a query ahead of its first commit, so that this need not wait for the worker. Where it
// fails, the first commit does it.
func (c *WorkerCommitter) Begin(ctx context.Context, q scheduler.QueryID) {
	a := scheduler.Attempt{TaskID: scheduler.TaskID{Query: q}}
	if c.register(ctx, a, nil) == nil {
		c.note(a)
	}
}

func (c *WorkerCommitter) note(a scheduler.Attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tasks := c.newest[a.Query]
	if tasks == nil {
		if len(c.newest) >= knownQueries {
			clear(c.newest)
		}
		tasks = map[scheduler.TaskID]int{}
		c.newest[a.Query] = tasks
	}
	tasks[a.TaskID] = max(tasks[a.TaskID], a.Number)
}

// register commits through the worker.
func (c *WorkerCommitter) register(ctx context.Context, a scheduler.Attempt, files map[int]string) error {
	r := &clusterpb.CommitRequest{Attempt: AttemptPB(a)}
	for edge, path := range files {
		r.Files = append(r.Files, &clusterpb.CommitFile{Edge: int32(edge), Path: path})
	}
	reply, err := c.client.Commit(ctx, r)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &TransientError{fmt.Errorf("commit at the worker: %w", err)}
	case reply.Refused != "":
		return &CommitError{reply.Refused}
	}
	return nil
}

// rename moves an attempt's files to where they are read: all or none.
func rename(dir string, a scheduler.Attempt, files map[int]string) error {
	var done []string
	for edge, from := range files {
		to := outputPath(dir, Key{a, edge})
		if err := os.Rename(from, to); err != nil {
			gone := errors.Is(err, os.ErrNotExist)
			for _, path := range done {
				err = errors.Join(err, os.Remove(path))
			}
			if _, e := os.Stat(queryDir(dir, a.Query)); gone && errors.Is(e, os.ErrNotExist) {
				return &CommitError{"the query has ended"}
			}
			return fmt.Errorf("commit spool file: %w", err)
		}
		done = append(done, to)
	}
	return nil
}
