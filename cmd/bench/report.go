package main

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"
)

// report is all that was measured.
type report struct {
	Date      time.Time
	Command   string
	Suite     string
	Commit    string // that Flint was built from; + for changes since
	Threads   int
	Runs      int
	LoadStart string
	LoadEnd   string
	Engines   []engineInfo
	Missing   map[string]string `json:",omitempty"` // engines that did not start, and why
	Queries   []result
	Profiles  []string `json:",omitempty"`
}

type engineInfo struct{ Name, Version string }

// result is one query on all engines.
type result struct {
	Name  string
	Cells []cell
}

// cell is one query on one engine. Times are in seconds.
type cell struct {
	Engine           string
	Error            string `json:",omitempty"`
	Differs          string `json:",omitempty"` // how its answer differs from Flint's
	Rows             int64
	Times, CPUs      []float64
	Median, Min, Max float64
	CPU              float64 // median of a run's user and system time
	PeakRSS          int64
}

func newReport(o *options) *report {
	r := &report{Date: time.Now(), Command: "bench " + strings.Join(os.Args[1:], " "), Suite: o.Suite,
		Threads: o.Threads, Runs: o.Runs, LoadStart: load(), Missing: map[string]string{}}
	r.Commit = builtFrom(o.Flint)
	return r
}

// builtFrom is the commit that a Go binary says it was built from, or else, for
// builds without that, the one of the tree that bench runs in.
func builtFrom(bin string) string {
	info, err := buildinfo.ReadFile(bin)
	if err != nil {
		return "unknown"
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(10, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	if commit != "" {
		return commit + changed
	}
	b, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b)) + " (of the working tree)"
}

func (r *report) engine(name, version string) {
	for _, e := range r.Engines {
		if e.Name == name {
			return
		}
	}
	r.Engines = append(r.Engines, engineInfo{name, version})
}

func (r *report) missing(name string, err error) { r.Missing[name] = err.Error() }

func (c *cell) add(t, cpu time.Duration) {
	c.Times, c.CPUs = append(c.Times, t.Seconds()), append(c.CPUs, cpu.Seconds())
}

func (c *cell) finish() {
	if c.Error != "" || len(c.Times) == 0 {
		return
	}
	c.Median, c.CPU = median(c.Times), median(c.CPUs)
	c.Min, c.Max = math.Inf(1), 0
	for _, t := range c.Times {
		c.Min, c.Max = min(c.Min, t), max(c.Max, t)
	}
}

// compare notes how a peer's answer differs from Flint's.
func (c *cell) compare(flint, peer answer) {
	if flint.Rows != peer.Rows {
		c.Differs = fmt.Sprintf("%d rows, not %d", peer.Rows, flint.Rows)
	} else if err := sameAnswer(flint.Columns, peer.Columns); err != nil {
		c.Differs = err.Error()
	}
}

// ok tells whether there is a time.
func (c *cell) ok() bool { return c.Error == "" && c.Median > 0 }

// median of an odd or even number of values; of none it is 0.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// percentile is the value that a share p of the values does not exceed.
func percentile(x []float64, p float64) float64 {
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	return s[min(len(s)-1, int(math.Ceil(p*float64(len(s))))-1)]
}

// cell finds an engine's cell of a query.
func (r result) cell(engine string) *cell {
	for i := range r.Cells {
		if r.Cells[i].Engine == engine {
			return &r.Cells[i]
		}
	}
	return &cell{Engine: engine, Error: "-"}
}

// ratios of Flint's time (or CPU time) to a peer's, over the queries both ran.
type ratios struct {
	N                int
	Mine, Theirs     float64 // sums
	GeoMean, GeoCPU  float64
	Worst            float64
	WorstName        string
	Errors, Differed int
}

func (r *report) ratios(peer string) ratios {
	out := ratios{}
	logs, cpus, cpuN := 0.0, 0.0, 0
	for _, q := range r.Queries {
		a, b := &q.Cells[0], q.cell(peer)
		if b.Differs != "" {
			out.Differed++
		}
		if !a.ok() || !b.ok() {
			out.Errors++
			continue
		}
		ratio := a.Median / b.Median
		out.N++
		out.Mine, out.Theirs = out.Mine+a.Median, out.Theirs+b.Median
		logs += math.Log(ratio)
		if a.CPU > 0 && b.CPU > 0 {
			cpus += math.Log(a.CPU / b.CPU)
			cpuN++
		}
		if ratio > out.Worst {
			out.Worst, out.WorstName = ratio, q.Name
		}
	}
	if out.N > 0 {
		out.GeoMean = math.Exp(logs / float64(out.N))
	}
	if cpuN > 0 {
		out.GeoCPU = math.Exp(cpus / float64(cpuN))
	}
	return out
}

// worst returns the names of the n queries with the greatest ratios to a peer.
func (r *report) worst(peer string, n int) []string {
	by := map[string]float64{}
	var names []string
	for _, q := range r.Queries {
		if a, b := &q.Cells[0], q.cell(peer); a.ok() && b.ok() {
			by[q.Name] = a.Median / b.Median
			names = append(names, q.Name)
		}
	}
	sort.SliceStable(names, func(i, j int) bool { return by[names[i]] > by[names[j]] })
	return names[:min(n, len(names))]
}

// failure is an error if Flint failed or answers differ.
func (r *report) failure() error {
	bad := 0
	for _, q := range r.Queries {
		failed := q.Cells[0].Error != ""
		for _, c := range q.Cells {
			failed = failed || c.Differs != ""
		}
		if failed {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d queries failed on flint or have answers that differ", bad)
	}
	return nil
}

func (r *report) writeJSON(file string) error {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(b, '\n'), 0o644)
}
