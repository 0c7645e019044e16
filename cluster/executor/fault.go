package executor

import (
	"context"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/vector"
)

// The fault point slow-batch: a pause before each batch that a task reads from
// a table, and before each that it writes.

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// slowWrites is Config.Delay for a pause; nil without one.
func slowWrites(d time.Duration) func(context.Context, scheduler.Attempt) {
	if d == 0 {
		return nil
	}
	return func(ctx context.Context, _ scheduler.Attempt) { pause(ctx, d) }
}

// slowReads makes every catalog slow.
func slowReads(connector func(string) (catalog.Connector, bool), d time.Duration) func(string) (catalog.Connector, bool) {
	if d == 0 {
		return connector
	}
	return func(name string) (catalog.Connector, bool) {
		c, ok := connector(name)
		return slowConnector{c, d}, ok
	}
}

type slowConnector struct {
	catalog.Connector
	pause time.Duration
}

func (c slowConnector) Open(ctx context.Context, s catalog.Split, r catalog.ReadRequest) (catalog.Reader, error) {
	x, err := c.Connector.Open(ctx, s, r)
	if err != nil {
		return nil, err
	}
	return slowReader{x, c.pause}, nil
}

type slowReader struct {
	catalog.Reader
	pause time.Duration
}

func (r slowReader) Next(ctx context.Context) (*vector.Batch, error) {
	pause(ctx, r.pause)
	return r.Reader.Next(ctx)
}
