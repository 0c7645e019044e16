package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// prepareExplain is EXPLAIN of a query.
func (s *Session) prepareExplain(ctx context.Context, p *Prepared, c *core.Explain) error {
	if c.Format == "xml" || c.Format == "yaml" {
		return sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN format %q is not supported", c.Format)
	}
	q := &Prepared{text: p.text, stmt: c.Statement}
	switch x := c.Statement.Command.(type) {
	case nil:
		if err := s.bind(ctx, q, nil); err != nil {
			return err
		}
	case *core.Execute:
		stored := s.Statements[x.Name]
		if stored == nil {
			return sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", x.Name)
		}
		q = stored
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN %s is not supported", x.Tag())
	}
	p.params = q.params
	p.columns = []Column{{"QUERY PLAN", types.Of(types.Text), -1}}
	if c.Format == "json" {
		p.columns[0].Type = types.Of(types.JSON)
	}
	p.cmd = func(ctx context.Context, args []value.Value) (Rows, error) {
		if x, ok := c.Statement.Command.(*core.Execute); ok {
			var err error
			if args, err = s.executeArgs(ctx, q, x); err != nil {
				return nil, err
			}
		}
		lines, err := s.explain(ctx, q, c, args)
		if err != nil {
			return nil, err
		}
		rows := make([][]string, len(lines))
		for i, l := range lines {
			rows[i] = []string{strings.TrimRight(l, " ")}
		}
		return textRows("EXPLAIN", p.columns, rows), nil
	}
	return nil
}

func (s *Session) explain(ctx context.Context, q *Prepared, c *core.Explain, args []value.Value) ([]string, error) {
	began := time.Now()
	pl, err := s.plan(ctx, q, args)
	if err != nil {
		return nil, err
	}
	planning := time.Since(began)
	x := physical.Explain{Tasks: c.Tasks}
	for _, e := range s.engine.cfg.Runner.Topology().Executors {
		x.Executors = append(x.Executors, e.ID)
	}
	began = time.Now()
	rows := int64(0)
	if c.Analyze {
		if x.Runs, rows, err = s.analyze(ctx, pl); err != nil {
			return nil, err
		}
	}
	running := time.Since(began)
	if c.Format == "json" {
		b, err := json.MarshalIndent(x.JSON(pl.physical), "", "  ")
		return []string{string(b)}, err
	}
	var out []string
	if !c.Analyze || c.Verbose {
		out = append(out, "Logical plan")
		out = append(out, indent(logical.Format(pl.logical))...)
	}
	if c.Rules {
		out = append(out, "Rules")
		out = append(out, indent(pl.trace.String())...)
	}
	out = append(out, x.Format(pl.physical)...)
	if c.Summary || c.Analyze {
		out = append(out, fmt.Sprintf("Planning %.1f ms", ms(planning)))
	}
	if c.Analyze {
		out = append(out, fmt.Sprintf("Execution %.1f ms, %d rows", ms(running), rows))
	}
	return out, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// indent cuts a text into lines and moves them to the right.
func indent(text string) []string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = physical.Clip("  " + l)
	}
	return lines
}

// analyze runs a plan for its figures alone.
func (s *Session) analyze(ctx context.Context, pl *planned) ([]physical.StageRun, int64, error) {
	res, err := s.start(ctx, pl)
	if err != nil {
		return nil, 0, err
	}
	defer res.Close()
	rows := int64(0)
	for {
		b, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return res.Runs(), rows, nil
		}
		if err != nil {
			return nil, 0, err
		}
		rows += int64(b.Count())
	}
}
