package exec

import (
	"context"
	"io"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/sqlerr"
)

// scanOp reads its task's splits one after the other. Filters and runtime
// filters go to the reader as one predicate, and are applied here where the reader did not.
type scanOp struct {
	base
	node    *physical.Scan
	clock   *clock
	pred    *scanPredicate // of the split that is read; nil = all rows pass
	whole   *scanPredicate // of a split of which all rows are the task's
	mixed   *scanPredicate // of one with other tasks' rows
	cut     []int          // positions of those that are left
	taken   int            // splits
	conn    catalog.Connector
	splits  splitSource
	ahead   *catalog.Split // taken, to be read next
	reader  catalog.Reader
	left    int64 // rows that the node's limit still wants, -1 = all
	filters *scanFilters

	giveBack []func() // filters of other stages
}

func newScan(b *builder, n *physical.Scan) (Operator, error) {
	s := &scanOp{base: newBase(b.env, n, "Scan"), node: n, clock: b.clock, splits: newSplitSource(b.env, n.ID), left: n.Limit}
	if s.filters = b.filters[n]; s.filters == nil && len(n.KeyFilters) > 0 {
		s.filters = &scanFilters{}
	}
	static, err := compilePredicate(b.env, n)
	if err != nil {
		return nil, err
	}
	if static != nil || s.filters != nil {
		s.whole = &scanPredicate{static: static, runtime: s.filters}
	}
	if c, ok := b.env.Cuts[n.ID]; ok && len(c.Mixed) > 0 {
		s.cut, s.mixed = c.Mixed, &scanPredicate{static: static, runtime: s.filters, part: newScanPart(c, scanTypes(n)[c.Column])}
	}
	return s, nil
}

func (s *scanOp) Open(ctx context.Context) error {
	if err := s.readKeyFilters(ctx); err != nil {
		return err
	}
	s.more()
	if s.ahead == nil {
		return nil
	}
	conn, ok := s.env.Connector(s.node.Catalog)
	if !ok {
		return sqlerr.New(sqlerr.InvalidDatabase, "catalog %q does not exist", s.node.Catalog)
	}
	s.conn = conn
	return s.hold(s.held) // opens the account that readers charge
}

func (s *scanOp) Next(ctx context.Context) (*vector.Batch, error) {
	for s.left != 0 {
		if s.reader == nil {
			if s.ahead == nil || s.filters.empty() {
				return nil, io.EOF
			}
			if err := s.openSplit(ctx); err != nil {
				return nil, err
			}
		}
		breathe()
		b, err := s.reader.Next(ctx)
		if err == io.EOF {
			err = s.reader.Close()
			s.reader = nil
			if err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if b, err = s.filter(b); err != nil || b.Count() > 0 {
			return b, err
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return nil, io.EOF
}

func (s *scanOp) openSplit(ctx context.Context) error {
	req := catalog.ReadRequest{Columns: s.node.Columns, Account: s.account, BatchSize: s.size, Limit: -1}
	s.pred = s.whole
	if len(s.cut) > 0 && s.cut[0] == s.taken-1 {
		s.pred, s.cut = s.mixed, s.cut[1:]
	}
	if s.pred != nil {
		req.Predicate = s.pred
	} else {
		req.Limit = s.left
	}
	start := time.Now()
	r, err := s.conn.Open(ctx, *s.ahead, req)
	s.more()
	if p, ok := s.conn.(catalog.Prefetcher); ok && s.ahead != nil && err == nil {
		p.Prefetch(*s.ahead, req)
	}
	wait(s.clock, s.stats, start)
	s.reader = r
	return err
}

// more takes the next split, before it is read, so that it can be prefetched.
func (s *scanOp) more() {
	s.ahead = nil
	if x, ok := s.splits.take(); ok {
		s.ahead = &x
		s.taken++
	}
}

// filter applies what the reader did not, the limit, and Emit.
func (s *scanOp) filter(b *vector.Batch) (*vector.Batch, error) {
	if s.pred != nil && !s.reader.Applied() {
		sel, all, err := s.pred.Select(b)
		if err != nil {
			return nil, err
		}
		if !all {
			if sel == nil {
				sel = []int32{}
			}
			b = &vector.Batch{Rows: b.Rows, Sel: sel, Cols: b.Cols}
		}
	}
	if s.left > 0 {
		n := int64(b.Count())
		if n > s.left {
			b = cut(b, 0, int(s.left))
			n = s.left
		}
		s.left -= n
	}
	if s.node.Emit != nil {
		b = &vector.Batch{Rows: b.Rows, Sel: b.Sel, Cols: emitColumns(b.Cols, s.node.Emit), Owned: b.Owned}
	}
	return b, nil
}

func (s *scanOp) Close() error {
	var err error
	if s.reader != nil {
		err = s.reader.Close()
		s.reader = nil
	}
	s.ahead = nil
	for _, f := range s.giveBack {
		f()
	}
	s.giveBack = nil
	s.release()
	return err
}
