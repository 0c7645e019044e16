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

// memSpool keeps batches by reference, charged to the query.
type memSpool struct {
	store   *Store
	attempt scheduler.Attempt
	edges   map[int]*spool
}

func newMemSpool(s *Store, a scheduler.Attempt, outs []Output, acct *memory.Account) *memSpool {
	m := &memSpool{store: s, attempt: a, edges: map[int]*spool{}}
	for _, o := range outs {
		m.edges[o.Edge] = &spool{parts: make([][]*vector.Batch, o.Partitions), acct: acct}
	}
	return m
}

func (m *memSpool) Write(edge, partition int, b *vector.Batch) error {
	sp := m.edges[edge]
	n := b.Size()
	if err := sp.acct.Reserve(n); err != nil {
		return err
	}
	sp.bytes += n
	if partition >= len(sp.parts) {
		partition = 0 // Forward: the one partition there is
	}
	sp.parts[partition] = append(sp.parts[partition], b)
	return nil
}

func (m *memSpool) Commit(context.Context) ([]scheduler.EdgeSizes, error) {
	var sizes []scheduler.EdgeSizes
	for edge, sp := range m.edges {
		e := scheduler.EdgeSizes{Edge: edge, Bytes: make([]int64, len(sp.parts))}
		for i, part := range sp.parts {
			for _, b := range part {
				e.Bytes[i] += b.Size()
			}
		}
		if !m.store.commit(Key{m.attempt, edge}, sp) {
			return nil, context.Canceled
		}
		delete(m.edges, edge)
		sizes = append(sizes, e)
	}
	return sizes, nil
}

func (m *memSpool) Abort() {
	for _, sp := range m.edges {
		sp.free()
	}
	m.edges = nil
}
