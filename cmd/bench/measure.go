package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// runSuite runs the queries on each folder that has their tables. Engines are
// started anew for each folder; a peer that is not there is said to be missing.
func runSuite(ctx context.Context, o *options, queries []query, w io.Writer) (*report, error) {
	rep := newReport(o)
	p := &printer{w: w, markdown: o.Markdown}
	for i, dir := range o.Data {
		tables, err := tablesIn(dir)
		if err != nil {
			return nil, err
		}
		var here []query
		for _, q := range queries {
			if q.runnable(tables) && (i == 0 || len(q.needs) > 0) {
				here = append(here, q)
			}
		}
		if len(here) == 0 {
			continue
		}
		if err := runFolder(ctx, o, dir, here, rep, p); err != nil {
			return nil, err
		}
	}
	if len(rep.Queries) == 0 {
		return nil, errors.New("no folder has the tables of any query")
	}
	rep.LoadEnd = load()
	p.footer(rep)
	for _, s := range rep.Profiles {
		fmt.Fprintf(w, "\n%s\n", s)
	}
	return rep, nil
}

func runFolder(ctx context.Context, o *options, dir string, queries []query, rep *report, p *printer) error {
	engines, err := startAll(ctx, o, dir, rep)
	defer func() {
		for _, e := range engines {
			e.Close()
		}
	}()
	if err != nil {
		return err
	}
	p.header(rep)
	for _, q := range queries {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := measure(ctx, o, q, engines)
		rep.Queries = append(rep.Queries, r)
		p.row(r)
	}
	return profileWorst(ctx, o, engines[0], queries, rep)
}

// startAll starts Flint and the peers that are installed. Engines keep their
// place in the report, so those that are missing leave a column of errors.
func startAll(ctx context.Context, o *options, dir string, rep *report) ([]engine, error) {
	var engines []engine
	names := []string{"flint"}
	for _, p := range o.Peers {
		if p != "none" {
			names = append(names, p)
		}
	}
	for _, name := range names {
		e, err := startEngine(ctx, name, o, dir)
		switch {
		case errors.Is(err, errMissing):
			rep.missing(name, err)
			continue
		case err != nil && name == "flint":
			return engines, fmt.Errorf("start %s: %w", name, err)
		case err != nil:
			rep.missing(name, err)
			continue
		}
		rep.engine(e.Name(), e.Version())
		engines = append(engines, e)
	}
	return engines, nil
}

// measure runs one query on all engines in turn. The order turns by one with
// every run, so that none always runs after the same other.
func measure(ctx context.Context, o *options, q query, engines []engine) result {
	r := result{Name: q.name, Cells: make([]cell, len(engines))}
	first := make([]answer, len(engines))
	for i, e := range engines {
		r.Cells[i].Engine = e.Name()
		resetPeak(e.PIDs())
	}
	for run := 0; run <= o.Runs; run++ {
		for k := range engines {
			i := (k + run) % len(engines)
			if r.Cells[i].Error != "" {
				continue
			}
			a, cpu, err := runOnce(ctx, o, engines[i], q, run == 0 && o.Check)
			if err != nil {
				r.Cells[i].Error = err.Error()
				continue
			}
			if run == 0 {
				first[i] = a
				r.Cells[i].Rows = a.Rows
				continue
			}
			r.Cells[i].add(a.Time, cpu)
		}
	}
	for i, e := range engines {
		r.Cells[i].PeakRSS = peakRSS(e.PIDs())
		r.Cells[i].finish()
		if i > 0 && r.Cells[0].Error == "" && r.Cells[i].Error == "" {
			r.Cells[i].compare(first[0], first[i])
		}
	}
	return r
}

func runOnce(ctx context.Context, o *options, e engine, q query, check bool) (answer, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	before := cpuTime(e.PIDs())
	a, err := e.Run(ctx, q.text(e.Name()), check)
	return a, cpuTime(e.PIDs()) - before, err
}
