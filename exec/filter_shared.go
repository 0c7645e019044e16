package exec

import (
	"context"
	"errors"
	"io"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// readKeyFilters takes the filters that other stages sent to the scan.
func (s *scanOp) readKeyFilters(ctx context.Context) error {
	for _, f := range s.node.KeyFilters {
		u, err := s.keyFilter(ctx, f)
		if err != nil {
			return err
		}
		filter, none := u.filterOf(f)
		if none {
			s.filters.nothing = true
			continue
		}
		s.filters.filters = append(s.filters.filters, filter)
	}
	return nil
}

// keyFilter returns the filter of an edge, which the tasks of a process make once. It is given back by giveBack.
func (s *scanOp) keyFilter(ctx context.Context, f physical.KeyFilter) (*filterUnion, error) {
	if shared := s.env.Shared; shared != nil {
		u, err := shared.filter(ctx, f.Edge, func(a *memory.Account) (*filterUnion, error) { return s.uniteParts(ctx, f, a) })
		if err == nil {
			s.giveBack = append(s.giveBack, func() { shared.releaseFilter(f.Edge) })
		}
		return u, err
	}
	a := s.env.Account.Child(s.name+" filter", 0)
	s.giveBack = append(s.giveBack, func() { a.Close() })
	return s.uniteParts(ctx, f, a)
}

// uniteParts reads the parts of a filter.
func (s *scanOp) uniteParts(ctx context.Context, f physical.KeyFilter, a *memory.Account) (u *filterUnion, err error) {
	u = newFilterUnion(f.Field.Type, a.TryReserve)
	sources, err := s.env.Sources.Open(ctx, f.Edge, []types.Field{physical.FilterField(f.Field)}, false)
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, x := range sources {
			err = errors.Join(err, x.Close())
		}
	}()
	for _, x := range sources {
		for {
			b, err := x.Next(ctx)
			if err == io.EOF {
				break
			}
			if err == nil {
				err = u.addBatch(b)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	u.finish()
	a.Release(a.Used() - u.held())
	return u, nil
}

func (u *filterUnion) addBatch(b *vector.Batch) error {
	for i := range b.Rows {
		if err := u.add(b.Cols[0].Bytes(i)); err != nil {
			return err
		}
	}
	return nil
}

// sharedFilter is a filter of a SharedBuilds.
type sharedFilter struct {
	done    chan struct{} // closed when the rest is set
	account *memory.Account
	filter  *filterUnion
	err     error
	refs    int
}

// filter returns the filter of an edge: the first caller makes it, and if that fails, the next one
// tries. Each success wants a releaseFilter.
func (s *SharedBuilds) filter(ctx context.Context, edge physical.EdgeID, make func(*memory.Account) (*filterUnion, error)) (*filterUnion, error) {
	for {
		s.mu.Lock()
		f, ok := s.filters[edge]
		if !ok {
			f = &sharedFilter{done: newDone(), account: s.account.Child("Key filter", 0)}
			s.filters[edge] = f
		}
		f.refs++
		s.mu.Unlock()
		if !ok {
			return s.makeFilter(edge, f, make)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			s.dropFilter(edge, f)
			return nil, context.Cause(ctx)
		}
		if f.err == nil {
			return f.filter, nil
		}
		s.dropFilter(edge, f)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// makeFilter publishes the outcome even if make panics.
func (s *SharedBuilds) makeFilter(edge physical.EdgeID, f *sharedFilter, make func(*memory.Account) (*filterUnion, error)) (*filterUnion, error) {
	f.err = context.Canceled
	defer func() {
		if f.err != nil {
			s.mu.Lock()
			delete(s.filters, edge)
			s.mu.Unlock()
			s.dropFilter(edge, f)
		}
		close(f.done)
	}()
	f.filter, f.err = make(f.account)
	return f.filter, f.err
}

// releaseFilter gives up one reference to an edge's filter.
func (s *SharedBuilds) releaseFilter(edge physical.EdgeID) {
	s.mu.Lock()
	f := s.filters[edge]
	s.mu.Unlock()
	s.dropFilter(edge, f)
}

// dropFilter frees a filter with its last reference.
func (s *SharedBuilds) dropFilter(edge physical.EdgeID, f *sharedFilter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.refs--; f.refs > 0 {
		return
	}
	if s.filters[edge] == f {
		delete(s.filters, edge)
	}
	f.account.Close()
}
