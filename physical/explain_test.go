package physical_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/flintsql/flint/physical"
)

// TestExplainAnalyze freezes the layout with figures that are made up from the
// operators' numbers.
func TestExplainAnalyze(t *testing.T) {
	w := tpchWorld("sf1")
	sql, err := os.ReadFile(filepath.Join("..", "testdata", "tpch", "queries", "q03.sql"))
	if err != nil {
		t.Fatal(err)
	}
	p := w.plan(t, string(sql), options(t, "slots=2"))
	runs := make([]physical.StageRun, len(p.Stages))
	for i, s := range p.Stages {
		for range s.Tasks {
			r := physical.TaskRun{Executor: "w1/e0", Attempts: 1 + i%2, NS: int64(i+1) * 12_345_678, Ops: make([]physical.OpStats, p.Ops)}
			physical.Walk(s.Root, func(n physical.Node) {
				id := int64(n.Info().ID)
				r.Ops[id] = physical.OpStats{Rows: 1000 * id * id * id, Batches: id, Bytes: 4000 << id, CPUNs: (id % 7) * 1_234_567, Peak: id << 20, Spilled: (id % 3) << 24}
			})
			runs[i].Tasks = append(runs[i].Tasks, r)
		}
	}
	x := physical.Explain{Tasks: true, Verbose: true, Runs: runs}
	got := strings.Join(x.Format(p), "\n") + "\n"
	file := filepath.Join("testdata", "explain_analyze.golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("rewrite with -update and read the diff; got:\n%s", got)
	}
	readable(t, p, x)
}

// readable holds EXPLAIN to its width and its JSON form to being JSON.
func readable(t *testing.T, p *physical.Plan, x physical.Explain) {
	t.Helper()
	marked := 0
	for _, l := range x.Format(p) {
		if n := utf8.RuneCountInString(l); n > 120 {
			t.Errorf("line of %d columns: %s", n, l)
		}
		if strings.HasPrefix(l, "▶") {
			marked++
		}
	}
	if x.Runs != nil && marked != 1 {
		t.Errorf("%d operators are marked as the slowest", marked)
	}
	if _, err := json.Marshal(x.JSON(p)); err != nil {
		t.Error(err)
	}
}

func TestShortenKeepsTheEnds(t *testing.T) {
	cols := []string{"a", "long_name", "other_name", "f(x, y)"}
	for _, c := range [][2]string{
		{"Scan c.s.t [" + strings.Join(cols, ", ") + "] where a = 1", "Scan c.s.t [a, long_name, +2] where a = 1"},
		{"Project " + strings.Join(cols, ", ") + ", 'it, is', z, q", "Project a, long_name, other_name, +4"},
		{"Final Aggregate " + strings.Join(cols, ", ") + " by k1, k2", "Final Aggregate a, long_name, +2 by k1, k2"},
	} {
		if got := physical.Shorten(c[0], 43); got != c[1] {
			t.Errorf("%q is shortened to %q, want %q", c[0], got, c[1])
		}
	}
}
