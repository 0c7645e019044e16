package shuffle

import (
	"context"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// spool is one output of an attempt, kept by reference and charged to the query.
// Once it outgrows its share of the memory, or the account refuses more, all of it goes to disk.
type spool struct {
	fields []types.Field
	parts  []part
	bytes  int64 // charged
	acct   *memory.Account
	disk   bool
}

// part is one partition: batches in memory, or a run on disk.
type part struct {
	batches []*vector.Batch
	size    int64 // bytes of all batches, wherever they are; 0 only where there are no rows
	writer  *spill.Writer
	run     *spill.Run
}

// memSpool keeps an attempt's spooled outputs in its store.
type memSpool struct {
	store   *Store
	attempt scheduler.Attempt
	edges   map[int]*spool
}

func newMemSpool(s *Store, a scheduler.Attempt, outs []Output, acct *memory.Account) *memSpool {
	m := &memSpool{store: s, attempt: a, edges: map[int]*spool{}}
	for _, o := range outs {
		m.edges[o.Edge] = &spool{fields: o.Fields, parts: make([]part, o.Partitions), acct: acct}
	}
	return m
}

func (m *memSpool) Write(edge, partition int, b *vector.Batch) error {
	sp := m.edges[edge]
	if partition >= len(sp.parts) {
		partition = 0 // Forward: the one partition there is
	}
	p, n := &sp.parts[partition], b.Size()
	p.size += max(1, n)
	if !sp.disk {
		err := error(nil)
		if over := m.store.share > 0 && sp.bytes+n > m.store.share; !over || m.store.overflow == nil {
			err = sp.acct.Reserve(n)
			if err == nil {
				sp.bytes += n
				p.batches = append(p.batches, b)
				return nil
			}
		}
		if m.store.overflow == nil {
			return err
		}
		if err := sp.toDisk(m.store.overflow); err != nil {
			return err
		}
	}
	return p.writer.Write(b)
}

// toDisk moves what is in memory to runs, one a partition.
func (sp *spool) toDisk(dir *spill.Dir) error {
	sp.disk = true
	for i := range sp.parts {
		p := &sp.parts[i]
		w, err := dir.NewWriter(sp.fields)
		if err != nil {
			return err
		}
		p.writer = w
		for k, b := range p.batches {
			if err := w.Write(b); err != nil {
				return err
			}
			p.batches[k] = nil
		}
		p.batches = nil
	}
	sp.acct.Release(sp.bytes)
	sp.bytes = 0
	return nil
}

func (m *memSpool) Commit(context.Context) ([]scheduler.EdgeSizes, error) {
	var sizes []scheduler.EdgeSizes
	for edge, sp := range m.edges {
		if err := sp.finish(); err != nil {
			return nil, err
		}
		e := scheduler.EdgeSizes{Edge: edge, Bytes: make([]int64, len(sp.parts))}
		for i, p := range sp.parts {
			e.Bytes[i] = p.size
		}
		if !m.store.commit(Key{m.attempt, edge}, sp) {
			return nil, context.Canceled
		}
		delete(m.edges, edge)
		sizes = append(sizes, e)
	}
	return sizes, nil
}

// finish ends the runs, so that they can be read.
func (sp *spool) finish() error {
	for i := range sp.parts {
		p := &sp.parts[i]
		if p.writer == nil {
			continue
		}
		run, err := p.writer.Finish()
		if err != nil {
			return err
		}
		p.writer, p.run = nil, run
	}
	return nil
}

func (m *memSpool) Abort() {
	for _, sp := range m.edges {
		sp.free()
	}
	m.edges = nil
}

// free gives memory and disk back. What the disk says of it is of no use to
// anyone: the files have no names any more.
func (sp *spool) free() {
	sp.acct.Release(sp.bytes)
	sp.bytes = 0
	for _, p := range sp.parts {
		if p.writer != nil {
			_ = p.writer.Close()
		}
		if p.run != nil {
			_ = p.run.Close()
		}
	}
	sp.parts = nil
}
