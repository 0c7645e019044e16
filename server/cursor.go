package server

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// cursor is an open DECLAREd query, which can only go forward.
type cursor struct {
	columns []Column
	rows    Rows
	hold    bool
	cancel  context.CancelFunc
	batch   *vector.Batch
	next    int
}

// prepareDeclare binds the query of DECLARE name CURSOR FOR query, which may
// have parameters.
func (s *Session) prepareDeclare(ctx context.Context, p *Prepared, c *core.Declare, params []types.Type) error {
	q := &Prepared{text: p.text, stmt: c.Query}
	if err := s.bind(ctx, q, params); err != nil {
		return err
	}
	p.params = q.params
	p.cmd = func(ctx context.Context, args []value.Value) (Rows, error) {
		return done(c.Tag()), s.declare(ctx, q, c, args)
	}
	return nil
}

// CursorColumns describes an open cursor's result, for clients that ask for it
// as a portal; nil if there is no such cursor.
func (s *Session) CursorColumns(name string) []Column {
	if c := s.cursors[name]; c != nil {
		return c.columns
	}
	return nil
}

func (s *Session) declare(ctx context.Context, q *Prepared, c *core.Declare, args []value.Value) error {
	switch {
	case s.tx == txIdle && !c.Hold:
		return sqlerr.New(sqlerr.NoActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks")
	case c.Scroll != nil && *c.Scroll:
		return sqlerr.New(sqlerr.FeatureNotSupported, "SCROLL cursors are not supported")
	case s.cursors[c.Name] != nil:
		return sqlerr.New(sqlerr.DuplicateCursor, "cursor %q already exists", c.Name)
	}
	// The query outlives this statement; until it runs, what ends the one ends the other.
	qctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer stop()
	rows, err := s.runQuery(qctx, q, args)
	if err != nil {
		cancel(nil)
		return err
	}
	s.cursors[c.Name] = &cursor{columns: q.columns, rows: rows, hold: c.Hold, cancel: func() { cancel(nil) }}
	return nil
}

// prepareFetch is FETCH and MOVE, forward only.
func (s *Session) prepareFetch(p *Prepared, c *core.Fetch) error {
	cur := s.cursors[c.Cursor]
	if cur == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "cursor %q does not exist", c.Cursor)
	}
	if c.Count < 0 || c.Direction != "next" && c.Direction != "forward" {
		return sqlerr.New(sqlerr.ObjectNotInState, "cursor can only scan forward").WithHint("Declare it with SCROLL option to enable backward scan.")
	}
	n := c.Count
	if c.Direction == "next" {
		n = 1
	}
	if c.All {
		n = -1
	}
	if !c.Move {
		p.columns = cur.columns
	}
	p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) {
		f := &fetchRows{cur: cur, left: n, tag: c.Tag(), columns: p.columns}
		if !c.Move {
			return f, nil
		}
		for {
			if _, err := f.Next(ctx); err != nil {
				if errors.Is(err, io.EOF) {
					return done(f.Tag()), nil
				}
				return nil, err
			}
		}
	}
	return nil
}

// fetchRows takes the next rows from a cursor.
type fetchRows struct {
	cur     *cursor
	columns []Column
	left    int64 // -1 = all
	got     int64
	tag     string
}

func (f *fetchRows) Columns() []Column { return f.columns }
func (f *fetchRows) Tag() string       { return fmt.Sprintf("%s %d", f.tag, f.got) }
func (f *fetchRows) Close() error      { return nil }

func (f *fetchRows) Next(ctx context.Context) (*vector.Batch, error) {
	c := f.cur
	if f.left == 0 {
		return nil, io.EOF
	}
	for c.batch == nil || c.next >= c.batch.Rows {
		b, err := c.rows.Next(ctx)
		if err != nil {
			return nil, err
		}
		c.batch, c.next = b.Compact(), 0
	}
	upto := c.batch.Rows
	if f.left > 0 && int64(upto-c.next) > f.left {
		upto = c.next + int(f.left)
	}
	out := &vector.Batch{Rows: upto - c.next}
	for _, v := range c.batch.Cols {
		out.Cols = append(out.Cols, vector.Slice(v, c.next, upto))
	}
	c.next = upto
	f.got += int64(out.Rows)
	if f.left > 0 {
		f.left -= int64(out.Rows)
	}
	return out, nil
}

func (s *Session) closeCursor(c *core.Close) error {
	if c.Name == "" {
		s.closeCursors(true)
		return nil
	}
	cur := s.cursors[c.Name]
	if cur == nil {
		return sqlerr.New(sqlerr.InvalidCursorName, "cursor %q does not exist", c.Name)
	}
	cur.close()
	delete(s.cursors, c.Name)
	return nil
}

func (c *cursor) close() {
	c.rows.Close()
	c.cancel()
}

// closeCursors ends the cursors of a transaction; WITH HOLD ones too if all.
func (s *Session) closeCursors(all bool) {
	for n, c := range s.cursors {
		if all || !c.hold {
			c.close()
			delete(s.cursors, n)
		}
	}
}
