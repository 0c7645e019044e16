package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// printer writes the report's table row by row, as text or Markdown.
type printer struct {
	w        io.Writer
	markdown bool
	begun    bool
	engines  []string
	notes    []string // errors, in full, for below the table
}

// header says what runs; with a second folder of tables there is only one.
func (p *printer) header(r *report) {
	if p.begun {
		return
	}
	p.begun = true
	fmt.Fprintf(p.w, "%s\n", r.Command)
	fmt.Fprintf(p.w, "%s, commit %s, suite %s, %d threads each, median of %d runs after 1, load %s\n",
		r.Date.Format(time.DateOnly), r.Commit, r.Suite, r.Threads, r.Runs, r.LoadStart)
	for _, e := range r.Engines {
		fmt.Fprintf(p.w, "%s: %s\n", e.Name, e.Version)
		p.engines = append(p.engines, e.Name)
	}
	for name, why := range r.Missing {
		fmt.Fprintf(p.w, "%s: %s\n", name, firstLine(why, 200))
	}
	fmt.Fprintln(p.w)
	cols := []string{"query", "rows"}
	for i, e := range p.engines {
		cols = append(cols, e+" ms", "min–max", "CPU ms", "MiB")
		if i > 0 {
			cols = append(cols, "ratio", "CPU")
		}
	}
	p.line(cols)
	if p.markdown {
		fmt.Fprintln(p.w, "|"+strings.Repeat("---|", len(cols)))
	}
}

// line prints cells: in text the first is left-aligned, the rest right-aligned.
func (p *printer) line(cols []string) {
	if p.markdown {
		fmt.Fprintln(p.w, "| "+strings.Join(cols, " | ")+" |")
		return
	}
	fmt.Fprintf(p.w, "%-22s %9s", cols[0], cols[1])
	widths := []int{12, 15, 9, 6, 7, 6} // of an engine's columns
	for i, c := range cols[2:] {
		k := i
		if i >= 4 {
			k = (i - 4) % 6
		}
		fmt.Fprintf(p.w, " %*s", widths[k], c)
	}
	fmt.Fprintln(p.w)
}

// row prints a query's figures; the answer's rows are Flint's.
func (p *printer) row(q result) {
	mine := &q.Cells[0]
	cols := []string{q.Name, fmt.Sprint(mine.Rows)}
	for i, e := range p.engines {
		c := q.cell(e)
		switch {
		case c.ok():
			cols = append(cols, ms(c.Median), ms(c.Min)+"–"+ms(c.Max), ms(c.CPU), mib(c.PeakRSS))
		case c.Error == "timeout":
			cols = append(cols, "timeout", "", "", mib(c.PeakRSS))
		default:
			cols = append(cols, "error", "", "", "")
			p.notes = append(p.notes, fmt.Sprintf("%s on %s: %s", q.Name, e, firstLine(c.Error, 160)))
		}
		if i == 0 {
			continue
		}
		switch {
		case c.Differs != "":
			cols = append(cols, "differs", "")
			p.notes = append(p.notes, fmt.Sprintf("%s on %s: %s", q.Name, e, firstLine(c.Differs, 200)))
		case mine.ok() && c.ok():
			cols = append(cols, fmt.Sprintf("%.2f", mine.Median/c.Median), cpuRatio(mine, c))
		default:
			cols = append(cols, "", "")
		}
	}
	p.line(cols)
}

func cpuRatio(a, b *cell) string {
	if b.CPU <= 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", a.CPU/b.CPU)
}

// footer prints totals and means for each peer, then the errors.
func (p *printer) footer(r *report) {
	fmt.Fprintln(p.w)
	for _, e := range p.engines[1:] {
		x := r.ratios(e)
		fmt.Fprintf(p.w, "%s / %s: geometric mean %.2f (CPU %.2f), total %s / %s ms = %.2f, worst %.2f (%s), over %d queries; %d without a ratio, %d differ\n",
			p.engines[0], e, x.GeoMean, x.GeoCPU, ms(x.Mine), ms(x.Theirs), x.Mine/x.Theirs, x.Worst, x.WorstName, x.N, x.Errors, x.Differed)
	}
	for _, e := range p.engines {
		peak, at := int64(0), ""
		for _, q := range r.Queries {
			if c := q.cell(e); c.PeakRSS > peak {
				peak, at = c.PeakRSS, q.Name
			}
		}
		fmt.Fprintf(p.w, "peak RSS of %s: %s MiB (%s)\n", e, mib(peak), at)
	}
	fmt.Fprintf(p.w, "load at the end: %s\n", r.LoadEnd)
	for _, n := range p.notes {
		fmt.Fprintln(p.w, n)
	}
}

func firstLine(s string, most int) string {
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

func ms(seconds float64) string {
	if seconds < 0.01 {
		return fmt.Sprintf("%.2f", seconds*1000)
	}
	return fmt.Sprintf("%.1f", seconds*1000)
}

func mib(n int64) string { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }
