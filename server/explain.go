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
	p.columns = []Column{{Name: "QUERY PLAN", Type: types.Of(types.Text), Typmod: -1}}
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
	x := physical.Explain{Tasks: c.Tasks, Verbose: c.Verbose}
	for _, e := range s.engine.cfg.Runner.Topology().Executors {
		x.Executors = append(x.Executors, e.ID)
	}
	began = time.Now()
	rows := int64(0)
	if c.Analyze {
		if x.Runs, rows, err = s.analyze(ctx, pl); err != nil {
			return nil, err
		}
		x.Cut = cutOperators(pl.physical, x.Runs)
	}
	running := time.Since(began)
	if c.Format == "json" {
		return explainJSON(pl, x, c, planning, running, rows)
	}
	var out []string
	if !c.Analyze || c.Verbose {
		out = append(out, physical.Title("Logical plan"))
		out = append(out, logicalLines(pl, c.Verbose)...)
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

// logicalLines prints the optimized plan, a shared subplan once. verbose marks the
// estimates that were measured.
func logicalLines(pl *planned, verbose bool) []string {
	var out []string
	seen := map[int]bool{}
	var walk func(logical.Node, string)
	walk = func(n logical.Node, in string) {
		rows, note := pl.model.Rows(n), ""
		if verbose && pl.model.Learnt(n) {
			note = "measured: "
		}
		out = append(out, physical.Line(in+note+n.String(), rows))
		if r, ok := n.(*logical.Reuse); ok {
			if seen[r.ID] {
				return
			}
			seen[r.ID] = true
		}
		for _, c := range n.Children() {
			walk(c, in+"  ")
		}
	}
	walk(pl.logical, "  ")
	return out
}

// explainJSON is EXPLAIN (FORMAT JSON): one document in the shape of the text.
func explainJSON(pl *planned, x physical.Explain, c *core.Explain, planning, running time.Duration, rows int64) ([]string, error) {
	doc := map[string]any{"logicalPlan": logicalJSON(pl, pl.logical, map[int]bool{}), "stages": x.JSON(pl.physical), "planningMs": ms(planning)}
	if c.Analyze {
		doc["executionMs"], doc["rows"] = ms(running), rows
	}
	if c.Rules {
		rules := []any{}
		for _, f := range pl.trace.Firings {
			rules = append(rules, map[string]any{"batch": f.Batch, "rule": f.Rule, "node": f.Node})
		}
		doc["rules"] = rules
	}
	b, err := json.MarshalIndent(doc, "", "  ")
	return []string{string(b)}, err
}

func logicalJSON(pl *planned, n logical.Node, seen map[int]bool) any {
	m := map[string]any{"node": n.String(), "estimatedRows": pl.model.Rows(n)}
	if pl.model.Learnt(n) {
		m["measured"] = true
	}
	if r, ok := n.(*logical.Reuse); ok {
		m["reuse"] = r.ID
		if seen[r.ID] {
			return m
		}
		seen[r.ID] = true
	}
	var kids []any
	for _, c := range n.Children() {
		kids = append(kids, logicalJSON(pl, c, seen))
	}
	if kids != nil {
		m["inputs"] = kids
	}
	return m
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
			if learn := s.learner(pl); learn != nil {
				learn(res)
			}
			return res.Runs(), rows, nil
		}
		if err != nil {
			return nil, 0, err
		}
		rows += int64(b.Count())
	}
}
