package shuffle

import (
	"context"
	"fmt"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// spool is one output of an attempt, kept by reference and charged to the query.
// When memory is short all of it goes to disk while it is written (add), or, once it is committed, the
// partitions that nobody reads (Store.evict).
type spool struct {
	fields   []types.Field
	parts    []part
	carry    int             // Output.Carry
	acct     *memory.Account // its own
	overflow *spill.Dir      // nil = it stays in memory
	disk     bool            // parts have writers
	last     []*vector.Vector
}

// part is one partition: batches in memory, or a run on disk. After the commit
// it is under the store's lock.
type part struct {
	batches []*vector.Batch
	size    int64 // bytes of all batches, wherever they are; 0 only where there are no rows
	charged int64 // bytes of those in memory
	writer  *spill.Writer
	run     *spill.Run
	readers int  // open sources of batches
	moving  bool // it is being evicted
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
		name := fmt.Sprintf("output of stage %d task %d", a.Stage, a.Partition)
		m.edges[o.Edge] = &spool{fields: o.Fields, parts: make([]part, o.Partitions), carry: o.Carry, acct: acct.Child(name, 0), overflow: s.overflow}
	}
	return m
}

func (m *memSpool) Write(edge, partition int, b *vector.Batch) error {
	sp := m.edges[edge]
	if partition >= len(sp.parts) {
		partition = 0 // Forward: the one partition there is
	}
	p := &sp.parts[partition]
	n := sp.sizeOf(b)
	p.size += max(1, n)
	if sp.disk {
		return p.writer.Write(b)
	}
	err := sp.reserve(n)
	switch {
	case err == nil:
		p.charged += n
		p.batches = append(p.batches, b)
		return nil
	case sp.overflow == nil:
		return err
	}
	if err := sp.toDisk(); err != nil {
		return err
	}
	return p.writer.Write(b)
}

// sizeOf is the memory that a batch adds: a dictionary counts once as long as batches share it.
func (sp *spool) sizeOf(b *vector.Batch) int64 {
	n := b.Size()
	if sp.last == nil {
		sp.last = make([]*vector.Vector, len(b.Cols))
	}
	for i, v := range b.Cols {
		if v.Dictionary != nil && v.Dictionary == sp.last[i] {
			n -= v.Dictionary.Size()
		}
		sp.last[i] = v.Dictionary
	}
	return n
}

// reserve charges n bytes, unless the query's outputs have had their part of a memory that is tight.
func (sp *spool) reserve(n int64) error {
	if sp.overflow != nil && sp.acct.Tight() && sp.acct.Used()+n > sp.acct.Outputs() {
		return errTight
	}
	return sp.acct.ReserveNow(n)
}

// spoolWriterBytes is about what writing a partition to disk takes.
const spoolWriterBytes = 256 << 10

// toDisk moves what is in memory to runs, one a partition.
func (sp *spool) toDisk() error {
	sp.disk = true
	for i := range sp.parts {
		p := &sp.parts[i]
		w, err := sp.overflow.NewWriter(sp.fields)
		if err != nil {
			return err
		}
		p.writer = w
		if err := writeAll(w, p.batches); err != nil {
			return err
		}
		p.batches = nil
		sp.acct.Release(p.charged)
		p.charged = 0
		if err := sp.acct.Reserve(spoolWriterBytes); err != nil {
			return err
		}
		p.charged = spoolWriterBytes
	}
	return nil
}

func writeAll(w *spill.Writer, batches []*vector.Batch) error {
	for _, b := range batches {
		if err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

func (m *memSpool) Commit(context.Context) ([]scheduler.EdgeSizes, error) {
	var sizes []scheduler.EdgeSizes
	for edge, sp := range m.edges {
		if err := sp.finish(); err != nil {
			return nil, err
		}
		e := scheduler.EdgeSizes{Edge: edge, Bytes: make([]int64, len(sp.parts))}
		for i := range sp.parts {
			e.Bytes[i] = sp.parts[i].size
		}
		var err error
		if e.Carried, err = sp.content(); err != nil {
			return nil, err
		}
		if e.Carried != "" {
			sp.free()
		} else if !m.store.commit(Key{m.attempt, edge}, sp) {
			return nil, context.Canceled
		}
		delete(m.edges, edge)
		sizes = append(sizes, e)
	}
	return sizes, nil
}

// content is what a spool file of the output would hold, if that is small enough to be carried.
func (sp *spool) content() (string, error) {
	if sp.carry == 0 { // within a process: not even the empty ones
		return "", nil
	}
	bytes := int64(0)
	for i := range sp.parts {
		bytes += sp.parts[i].size
	}
	if sp.disk || bytes > int64(sp.carry) {
		return "", nil
	}
	w := newFileWriter("", len(sp.parts), None, nil)
	w.carry = sp.carry
	for i := range sp.parts {
		for _, b := range sp.parts[i].batches {
			if err := w.write(i, b); err == errOutgrown {
				return "", nil
			} else if err != nil {
				return "", err
			}
		}
	}
	_, content, err := w.finish()
	if err == errOutgrown {
		return "", nil
	}
	return content, err
}

// finish ends the runs, so that they can be read.
func (sp *spool) finish() error {
	sp.last = nil
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
		sp.acct.Release(p.charged)
		p.charged = 0
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
	sp.acct.Close()
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
