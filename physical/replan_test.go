package physical_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flintsql/flint/physical"
)

// TestReplan reads testdata/replan/*.txt: blocks of a query, then "-- options" and
// the sizes of one stage's inputs, "#edge: a b | c d" for two producers and two partitions,
// followed by the layout. A last line "partial" says that not all inputs are there.
func TestReplan(t *testing.T) {
	w := tpchWorld("sf1")
	files, _ := filepath.Glob(filepath.Join("testdata", "replan", "*.txt"))
	if len(files) == 0 {
		t.Fatal("no data files")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for i, block := range strings.Split(strings.TrimSpace(string(text)), "\n====\n") {
			if i > 0 {
				out.WriteString("====\n")
			}
			parts := strings.Split("\n"+block, "\n-- ")
			sql := strings.TrimSpace(parts[0])
			out.WriteString(sql + "\n")
			for _, p := range parts[1:] {
				lines := strings.Split(p, "\n")
				plan := w.plan(t, sql, options(t, lines[0]))
				measured, partial := sizes(t, lines[1:])
				fmt.Fprintf(&out, "-- %s\n", lines[0])
				for _, l := range lines[1:] {
					if strings.HasPrefix(l, "#") || l == "partial" {
						out.WriteString(l + "\n")
					}
				}
				s := plan.Stages[plan.Edges[measured[0].Edge].To]
				l := physical.Replan(plan, s.ID, measured, partial)
				covers(t, plan, s, measured, l)
				out.WriteString(layoutText(s, l))
			}
		}
		if *update {
			if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if out.String() != string(text) {
			t.Errorf("%s differs; rewrite with -update and read the diff\ngot:\n%s", file, out.String())
		}
	}
}

func sizes(t *testing.T, lines []string) (out []physical.Measured, partial bool) {
	for _, l := range lines {
		partial = partial || l == "partial"
		edge, rest, ok := strings.Cut(l, ":")
		if !ok || edge[0] != '#' {
			continue
		}
		var m physical.Measured
		fmt.Sscan(edge[1:], &m.Edge)
		for _, producer := range strings.Split(rest, "|") {
			var by []int64
			for _, f := range strings.Fields(producer) {
				var n int64
				if _, err := fmt.Sscan(f, &n); err != nil {
					t.Fatal(err)
				}
				by = append(by, n)
			}
			m.Bytes = append(m.Bytes, by)
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		t.Fatal("no sizes")
	}
	return out, partial
}

func layoutText(s *physical.Stage, l *physical.Layout) string {
	if l == nil {
		return "as planned\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Stage %d · %d → %d tasks (%s)\n", s.ID, len(s.Tasks), len(l.Tasks), l.Note)
	for i, reads := range l.Tasks {
		fmt.Fprintf(&b, "  task %d:", i)
		for _, r := range reads {
			fmt.Fprintf(&b, " #%d[%d,%d) of [%d,%d)", r.Edge, r.Partitions.From, r.Partitions.To, r.Producers.From, r.Producers.To)
		}
		b.WriteString("\n")
	}
	if len(l.Unread) > 0 {
		fmt.Fprintf(&b, "  unread: %v\n", l.Unread)
	}
	if len(l.Whole) > 0 {
		fmt.Fprintf(&b, "  whole builds: %v\n", l.Whole)
	}
	return b.String()
}

// cell is what one producer wrote for one partition of an edge.
type cell struct {
	edge            physical.EdgeID
	partition, from int
}

// covers holds a layout to what keeps answers right, whatever made it: either one
// task reads a partition of all edges, or the tasks that share it divide one edge's cells
// among them, each cell once, and all read the whole of the others; all but what can meet
// no partner is read. Switched builds are read whole by every task.
func covers(t *testing.T, p *physical.Plan, s *physical.Stage, measured []physical.Measured, l *physical.Layout) {
	t.Helper()
	if l == nil || len(l.Unread) > 0 {
		return
	}
	readers := map[cell][]int{}
	for i, reads := range l.Tasks {
		for _, r := range reads {
			for part := r.Partitions.From; part < r.Partitions.To; part++ {
				for from := r.Producers.From; from < r.Producers.To; from++ {
					readers[cell{r.Edge, part, from}] = append(readers[cell{r.Edge, part, from}], i)
				}
			}
		}
	}
	if len(l.Whole) > 0 {
		coversBroadcast(t, p, measured, l, readers)
		return
	}
	for part := range s.Tasks {
		tasks, divided := map[int]bool{}, 0
		empty, dropped := 0, 0
		for _, m := range measured {
			if p.Edges[m.Edge].Partitioning.Kind != physical.Hash {
				continue
			}
			total := int64(0)
			for _, by := range m.Bytes {
				total += by[part]
			}
			if total == 0 {
				empty++
				continue
			}
			once, all := true, map[int]bool{}
			for from, by := range m.Bytes {
				rs := readers[cell{m.Edge, part, from}]
				once = once && (len(rs) == 1 || by[part] == 0)
				for _, i := range rs {
					all[i], tasks[i] = true, true
				}
				if !slices.IsSorted(rs) || len(slices.Compact(slices.Clone(rs))) != len(rs) {
					t.Errorf("partition %d of producer %d of edge %d is read by %v", part, from, m.Edge, rs)
				}
			}
			switch {
			case len(all) == 0:
				dropped++
			case once && len(all) > 1:
				divided++
			case !once:
				for from := range m.Bytes {
					if n := len(readers[cell{m.Edge, part, from}]); n != len(all) {
						t.Errorf("partition %d of producer %d of edge %d is read by %d of %d tasks", part, from, m.Edge, n, len(all))
					}
				}
			}
		}
		if dropped > 0 && (empty == 0 || len(tasks) > 0) {
			t.Errorf("partition %d is dropped although no side of it is empty", part)
		}
		if divided > 1 || len(tasks) > 1 && divided != 1 {
			t.Errorf("partition %d is read by %d tasks, and %d edges are divided", part, len(tasks), divided)
		}
	}
}

func coversBroadcast(t *testing.T, p *physical.Plan, measured []physical.Measured, l *physical.Layout, readers map[cell][]int) {
	t.Helper()
	once, all := 0, 0
	for _, m := range measured {
		n := map[int]bool{}
		for from, by := range m.Bytes {
			for part := range by {
				n[len(readers[cell{m.Edge, part, from}])] = true
			}
		}
		switch {
		case p.Edges[m.Edge].Partitioning.Kind != physical.Hash:
		case len(n) == 1 && n[1]:
			once++
		case len(n) == 1 && n[len(l.Tasks)]:
			all++
		default:
			t.Errorf("edge %d: its cells are read %v times", m.Edge, n)
		}
	}
	if once != 1 || all != len(l.Whole) {
		t.Errorf("%d edges are read once, %d by all tasks, for %d builds", once, all, len(l.Whole))
	}
}

// TestReplanRandom re-plans every stage of TPC-H by random sizes, skewed and empty
// ones among them.
func TestReplanRandom(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "testdata", "tpch", "queries", "*.sql"))
	w, rng := tpchWorld("sf100"), rand.New(rand.NewSource(1))
	did := map[string]int{}
	for _, f := range files {
		sql, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []string{"slots=4 processes=4 broadcast=1000 adaptive=100", "slots=8 inprocess broadcast=0 adaptive=1000", "slots=3 processes=2 adaptive=1"} {
			p := w.plan(t, string(sql), options(t, o))
			for range 30 {
				for _, s := range p.Stages {
					measured := randomSizes(rng, p, s)
					l := physical.Replan(p, s.ID, measured, false)
					if l == nil {
						continue
					}
					covers(t, p, s, measured, l)
					for _, n := range strings.Split(l.Note, ", ") {
						did[strings.Map(letters, n)]++
					}
				}
			}
		}
	}
	for _, want := range []string{"coalesced", " empty", "partition  in ", "build broadcast", "no row can come of its inputs"} {
		if did[want] == 0 {
			t.Errorf("no stage was re-planned as %q: %v", want, did)
		}
	}
}

func letters(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// randomSizes measures a stage's inputs: some partitions are empty, some large.
func randomSizes(rng *rand.Rand, p *physical.Plan, s *physical.Stage) []physical.Measured {
	var out []physical.Measured
	for _, id := range s.Inputs {
		e := p.Edges[id]
		m := physical.Measured{Edge: id, Bytes: make([][]int64, len(p.Stages[e.From].Tasks))}
		scale, heavy, none := int64(1)<<rng.Intn(20), rng.Intn(8), rng.Intn(6) == 0
		for i := range m.Bytes {
			m.Bytes[i] = make([]int64, max(1, e.Partitioning.N))
			for part := range m.Bytes[i] {
				switch {
				case none || rng.Intn(3) == 0:
				case part == heavy:
					m.Bytes[i][part] = scale * int64(20+rng.Intn(20))
				default:
					m.Bytes[i][part] = 1 + rng.Int63n(scale)
				}
			}
		}
		out = append(out, m)
	}
	return out
}
