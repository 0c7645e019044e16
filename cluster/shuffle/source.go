package shuffle

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
)

// Open opens partitions of an attempt's output in this store. Of a pipelined
// output it opens the first of them, and waits for the attempt to start.
func (s *Store) Open(ctx context.Context, k Key, mode scheduler.Mode, parts scheduler.Span) (exec.Source, error) {
	if mode == scheduler.Spooled {
		return s.Spooled(k, parts)
	}
	p, err := s.pipelined(ctx, k)
	if err != nil {
		return nil, err
	}
	one := parts.From
	if one < 0 || one >= len(p.queues) {
		one = 0
	}
	q := p.queues[one]
	q.mu.Lock()
	q.near = q.near || memory.HasTask(ctx)
	q.mu.Unlock()
	return q, nil
}

// batches is a source of batches that are at hand: in memory, then in runs on
// disk.
type batches struct {
	store  *Store
	parts  []*part // that list is from
	list   []*vector.Batch
	next   int
	runs   []*spill.Run
	reader *spill.Reader
}

func (b *batches) Next(ctx context.Context) (*vector.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if b.next < len(b.list) {
		b.next++
		return b.list[b.next-1], nil
	}
	for {
		if b.reader == nil {
			if len(b.runs) == 0 {
				return nil, io.EOF
			}
			b.reader, b.runs = b.runs[0].Open(), b.runs[1:]
		}
		x, err := b.reader.Next()
		if err != io.EOF {
			return x, err
		}
		b.reader.Close()
		b.reader = nil
	}
}

func (b *batches) Close() error {
	b.store.closeParts(b.parts)
	b.list, b.runs, b.parts = nil, nil, nil
	if b.reader != nil {
		b.reader.Close()
		b.reader = nil
	}
	return nil
}

// Mixed reads several sources as one. Committed outputs are read one after another, in the
// order given: their rows arrive in the same order in every attempt, and rows that were neighbours where they
// came from, such as those of a range of keys, stay neighbours. Others are merged as their batches come.
func Mixed(ctx context.Context, sources []exec.Source) exec.Source {
	held, still := true, true
	for _, s := range sources {
		_, ok := s.(*batches)
		held = held && ok
		still = still && committed(s)
	}
	switch {
	case held:
		all := &batches{}
		for _, s := range sources {
			b := s.(*batches)
			all.store = b.store
			all.list = append(all.list, b.list...)
			all.runs = append(all.runs, b.runs...)
			all.parts = append(all.parts, b.parts...)
		}
		return all
	case len(sources) == 1:
		return sources[0]
	case still:
		return &sequence{sources: sources}
	}
	return newMixer(ctx, sources)
}

// committed reports a source that no producer has yet to write to. Streams from other machines
// are open by now, so the first batches of each are on their way while another one is read.
func committed(s exec.Source) bool {
	switch s := s.(type) {
	case *batches, *localFile:
		return true
	case *remote:
		return s.mode == scheduler.Spooled
	}
	return false
}

// sequence reads sources one after another.
type sequence struct {
	sources []exec.Source
	at      int // only Next moves it
}

func (s *sequence) Next(ctx context.Context) (*vector.Batch, error) {
	for s.at < len(s.sources) {
		b, err := s.sources[s.at].Next(ctx)
		if err != io.EOF {
			return b, err
		}
		if err := s.sources[s.at].Close(); err != nil {
			return nil, err
		}
		s.at++
	}
	return nil, io.EOF
}

func (s *sequence) Close() error {
	var err error
	for _, x := range s.sources {
		err = errors.Join(err, x.Close())
	}
	return err
}

// mixer merges sources in arrival order. Each is read ahead by one batch in a goroutine of its
// own, so that no producer waits for another.
type mixer struct {
	ctx     context.Context
	stop    context.CancelFunc
	sources []exec.Source
	ready   chan arrival
	left    int
	near    bool // all producers are tasks of this process
}

type arrival struct {
	b   *vector.Batch
	err error
}

func newMixer(ctx context.Context, sources []exec.Source) *mixer {
	ctx, stop := context.WithCancel(memory.OutOfTask(ctx))
	m := &mixer{ctx: ctx, stop: stop, sources: sources, ready: make(chan arrival), left: len(sources), near: true}
	for _, s := range sources {
		_, here := s.(*queue)
		m.near = m.near && here
	}
	for _, s := range sources {
		go m.pump(s)
	}
	return m
}

func (m *mixer) pump(s exec.Source) {
	for {
		b, err := s.Next(m.ctx)
		select {
		case m.ready <- arrival{b, err}:
			if err != nil {
				return
			}
		case <-m.ctx.Done():
			return
		}
	}
}

func (m *mixer) Next(ctx context.Context) (*vector.Batch, error) {
	if m.near {
		defer memory.Await(ctx)()
	}
	for m.left > 0 {
		select {
		case a := <-m.ready:
			if a.err == io.EOF {
				m.left--
				continue
			}
			return a.b, a.err
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return nil, io.EOF
}

func (m *mixer) Close() error {
	m.stop()
	var first error
	for _, s := range m.sources {
		if err := s.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
