package shuffle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// Committer registers an attempt's finished files at its worker, which renames
// them into place.
type Committer interface {
	Commit(ctx context.Context, a scheduler.Attempt, files map[int]string) error
}

// FileSpooler spools outputs to files (Spooler).
type FileSpooler struct {
	Dir         string // where files are written: the executor's own directory
	Committer   Committer
	Compression Compression
	// Outgrown, if not nil, is told of outputs that are too large to be carried, as soon as they are.
	Outgrown func(q scheduler.QueryID)

	buffers sync.Pool // of *[]byte, for writers
}

// Create makes ready a file per edge; it appears with the first bytes that don't fit its buffer, or
// with the commit.
func (s *FileSpooler) Create(a scheduler.Attempt, outs []Output, _ *memory.Account) (Spool, error) {
	sp := &fileSpool{s: s, attempt: a, edges: map[int]*fileWriter{}, paths: map[int]string{}}
	for _, o := range outs {
		path := filepath.Join(s.Dir, fmt.Sprintf("query%d-stage%d-part%d-try%d-edge%d", a.Query, a.Stage, a.Partition, a.Number, o.Edge))
		w := newFileWriter(path, o.Partitions, s.Compression, s.buffer())
		w.carry = o.Carry
		if s.Outgrown != nil {
			w.outgrown = func() { s.Outgrown(a.Query) }
		}
		sp.edges[o.Edge], sp.paths[o.Edge] = w, path
	}
	return sp, nil
}

func (s *FileSpooler) buffer() []byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return *b
	}
	return nil
}

// giveBack keeps an ended writer's buffer for another one.
func (s *FileSpooler) giveBack(w *fileWriter) {
	b := w.buf
	w.buf = nil
	s.buffers.Put(&b)
}

// fileSpool is one attempt's files.
type fileSpool struct {
	s       *FileSpooler
	attempt scheduler.Attempt
	edges   map[int]*fileWriter
	paths   map[int]string
}

func (s *fileSpool) Write(edge, partition int, b *vector.Batch) error {
	return s.edges[edge].write(partition, b)
}

func (s *fileSpool) Commit(ctx context.Context) ([]scheduler.EdgeSizes, error) {
	var out []scheduler.EdgeSizes
	for edge, w := range s.edges {
		sizes, carried, err := w.finish()
		if err != nil {
			return nil, err
		}
		delete(s.edges, edge)
		if carried != "" {
			delete(s.paths, edge)
		}
		s.s.giveBack(w)
		out = append(out, scheduler.EdgeSizes{Edge: edge, Bytes: sizes, Carried: carried})
	}
	if len(s.paths) == 0 {
		return out, nil
	}
	return out, s.s.Committer.Commit(ctx, s.attempt, s.paths)
}

// Abort removes the files, if the worker has not taken them.
func (s *fileSpool) Abort() {
	for _, w := range s.edges {
		w.close()
	}
	for _, path := range s.paths {
		os.Remove(path)
	}
}
