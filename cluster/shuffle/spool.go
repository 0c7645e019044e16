package shuffle

import (
	"context"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// Spool takes one attempt's spooled outputs. It belongs to one task; Commit or
// Abort ends it.
type Spool interface {
	Write(edge, partition int, b *vector.Batch) error
	// Commit makes all edges readable, or none of them. It returns the bytes of each partition.
	Commit(ctx context.Context) ([]scheduler.EdgeSizes, error)
	// Abort drops what was written.
	Abort()
}

// Spooler opens an attempt's spooled outputs; all of outs are spooled.
type Spooler interface {
	Create(a scheduler.Attempt, outs []Output, acct *memory.Account) (Spool, error)
}
