package server

import (
	"context"
	"fmt"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// command runs a prepared command.
type command func(ctx context.Context, args []value.Value) (Rows, error)

// tagOnly is a command without rows that cannot fail.
func tagOnly(f func() string) command {
	return func(context.Context, []value.Value) (Rows, error) { return done(f()), nil }
}

// prepareCommand finds out what a command will return, and how to run it.
func (s *Session) prepareCommand(ctx context.Context, p *Prepared, params []types.Type) error {
	tag := p.stmt.Command.Tag()
	switch c := p.stmt.Command.(type) {
	case *core.Begin:
		p.cmd = tagOnly(func() string { s.begin(); return tag })
	case *core.Commit:
		p.cmd = tagOnly(func() string { return s.commit() })
	case *core.Rollback:
		p.cmd = s.rollback(c)
	case *core.Savepoint:
		p.cmd = s.savepoint(tag, func() error { s.savepoints = append(s.savepoints, c.Name); return nil })
	case *core.Release:
		p.cmd = s.savepoint(tag, func() error { return s.cutSavepoints(c.Name, false) })
	case *core.SetTransaction:
		p.cmd = tagOnly(func() string { return tag })
	case *core.Set:
		p.cmd = func(context.Context, []value.Value) (Rows, error) { return done(tag), s.set(c) }
	case *core.Reset:
		p.cmd = func(context.Context, []value.Value) (Rows, error) { return done(tag), s.reset(c) }
	case *core.Show:
		return s.prepareShow(p, c)
	case *core.Prepare:
		p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) { return done(tag), s.sqlPrepare(ctx, p, c) }
	case *core.Execute:
		return s.prepareExecute(ctx, p, c)
	case *core.Deallocate:
		p.cmd = func(context.Context, []value.Value) (Rows, error) { return done(tag), s.deallocate(c) }
	case *core.Discard:
		p.cmd = func(context.Context, []value.Value) (Rows, error) { return done(tag), s.discard(c) }
	case *core.Use:
		p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) { return done(tag), s.use(ctx, c) }
	case *core.Analyze:
		p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) { return done(tag), s.analyzeTables(ctx, c) }
	case *core.Explain:
		return s.prepareExplain(ctx, p, c)
	case *core.ShowTables:
		return s.prepareShowTables(p, c)
	case *core.Describe:
		return s.prepareDescribe(ctx, p, c)
	case *core.Declare:
		return s.prepareDeclare(ctx, p, c, params)
	case *core.Fetch:
		return s.prepareFetch(p, c)
	case *core.Close:
		p.cmd = func(context.Context, []value.Value) (Rows, error) { return done(tag), s.closeCursor(c) }
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported", tag)
	}
	return nil
}

func (s *Session) rollback(c *core.Rollback) command {
	return func(context.Context, []value.Value) (Rows, error) {
		if c.Savepoint != "" {
			return done("ROLLBACK"), s.rollbackTo(c.Savepoint)
		}
		s.end(true)
		return done("ROLLBACK"), nil
	}
}

func (s *Session) savepoint(tag string, do func() error) command {
	return func(context.Context, []value.Value) (Rows, error) {
		if s.tx == txIdle {
			return nil, sqlerr.New(sqlerr.NoActiveTransaction, "%s can only be used in transaction blocks", tag)
		}
		return done(tag), do()
	}
}

// sqlPrepare is PREPARE name (types) AS statement.
func (s *Session) sqlPrepare(ctx context.Context, p *Prepared, c *core.Prepare) error {
	if s.Statements[c.Name] != nil {
		return sqlerr.New(sqlerr.DuplicatePreparedStmt, "prepared statement %q already exists", c.Name)
	}
	ts := make([]types.Type, len(c.Types))
	for i, n := range c.Types {
		t, ok := types.Parse(n)
		if !ok {
			return sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", n)
		}
		ts[i] = t
	}
	q := &Prepared{text: p.text, stmt: c.Statement}
	if q.stmt.Command != nil {
		return sqlerr.New(sqlerr.FeatureNotSupported, "PREPARE of %s is not supported", q.stmt.Command.Tag())
	}
	if err := s.bind(ctx, q, ts); err != nil {
		return err
	}
	s.Statements[c.Name] = q
	return nil
}

// prepareExecute is EXECUTE name (args): the arguments are a query of one row.
func (s *Session) prepareExecute(ctx context.Context, p *Prepared, c *core.Execute) error {
	q := s.Statements[c.Name]
	if q == nil {
		return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", c.Name).At(c.Position)
	}
	p.columns = q.columns
	p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) {
		args, err := s.executeArgs(ctx, q, c)
		if err != nil {
			return nil, err
		}
		return s.runQuery(ctx, q, args)
	}
	return nil
}

func (s *Session) executeArgs(ctx context.Context, q *Prepared, c *core.Execute) ([]value.Value, error) {
	var vals []value.Value
	if c.Args != nil {
		a := &Prepared{stmt: &core.Statement{Query: c.Args}}
		if err := s.bind(ctx, a, nil); err != nil {
			return nil, err
		}
		var err error
		if vals, err = s.oneRow(ctx, a); err != nil {
			return nil, err
		}
	}
	if len(vals) != len(q.params) {
		return nil, sqlerr.New(sqlerr.Syntax, "wrong number of parameters for prepared statement %q", c.Name).
			WithDetail("Expected %d parameters but got %d.", len(q.params), len(vals))
	}
	for i, v := range vals {
		x, err := value.Cast(v, q.params[i], false, s.ValueEnv())
		if err != nil {
			return nil, err
		}
		vals[i] = x
	}
	return vals, nil
}

// oneRow runs a query and returns its first row.
func (s *Session) oneRow(ctx context.Context, p *Prepared) ([]value.Value, error) {
	rows, err := s.runQuery(ctx, p, nil)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	b, err := rows.Next(ctx)
	if err != nil {
		return nil, fmt.Errorf("evaluate arguments: %w", err)
	}
	b = b.Compact()
	out := make([]value.Value, len(b.Cols))
	for i, col := range b.Cols {
		out[i] = col.Get(0)
	}
	return out, nil
}

func (s *Session) deallocate(c *core.Deallocate) error {
	if c.Name == "" {
		clear(s.Statements)
		return nil
	}
	if s.Statements[c.Name] == nil {
		return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", c.Name)
	}
	delete(s.Statements, c.Name)
	return nil
}

func (s *Session) discard(c *core.Discard) error {
	if c.What != "all" {
		return nil
	}
	if s.tx != txIdle {
		return sqlerr.New(sqlerr.ActiveTransaction, "DISCARD ALL cannot run inside a transaction block")
	}
	clear(s.Statements)
	s.closeCursors(true)
	return s.resetAll()
}
