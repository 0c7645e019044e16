package exectest

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"sync"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// keyEdge is a build side that is divided over the tasks of a stage, and a table in another stage.
type keyEdge struct {
	t            *testing.T
	key          types.Type
	build, table []Row
	tasks        int
	most         int // keys a task may send; 0 = the usual number
}

// TestKeyFilter sends the keys of one stage's tasks over a filter edge to a scan, where the parts become one filter: in
// all shapes, over integers of all widths and texts, with NULLs, with no key at all, and with more keys than are sent, when
// only their range counts. No row that a join would want may be lost, and hardly any other may pass.
func TestKeyFilter(t *testing.T) {
	rng := rand.New(rand.NewSource(21))
	char := types.Type{Kind: types.Char, Precision: 9}
	for _, c := range []struct {
		key               types.Type
		rows, tasks, most int
	}{
		{tInt8, 300, 1, 0}, {tInt4, 300, 3, 0}, {types.Of(types.Int2), 300, 2, 0}, {tInt8, 300, 2, 7}, {tInt4, 8, 1, 7}, {tInt8, 0, 2, 0},
		{tText, 300, 1, 0}, {tText, 300, 3, 0}, {tText, 6, 3, 0}, {tText, 300, 2, 7}, {tText, 0, 2, 0}, {char, 300, 3, 0}, {types.Of(types.UUID), 20, 2, 0},
	} {
		e := keyEdge{t: t, key: c.key, tasks: c.tasks, most: c.most,
			build: Random(rng, Fields(tText, c.key), c.rows, 60, 0.2), table: Random(rng, Fields(tText, c.key), 400, 200, 0.1)}
		textValues(rng, c.key, e.build, 1)
		textValues(rng, c.key, e.table, 1)
		for _, s := range shapes {
			var parts []Row
			for task := range c.tasks {
				parts = append(parts, e.send(s, task)...)
			}
			rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
			for _, apply := range []bool{true, false} {
				e.check(s, parts, apply)
			}
		}
	}
}

// check scans by parts of a filter.
func (e keyEdge) check(s shape, parts []Row, apply bool) {
	var keys []value.Value
	for _, r := range e.build {
		if !r[1].Null {
			keys = append(keys, r[1])
		}
	}
	has := func(x value.Value) bool {
		return slices.ContainsFunc(keys, func(k value.Value) bool { return value.Compare(k, x) == 0 })
	}
	slices.SortFunc(keys, value.Compare)
	keys = slices.CompactFunc(keys, func(a, b value.Value) bool { return value.Compare(a, b) == 0 })
	got, extra := map[string]int{}, 0
	for _, r := range e.scan(s, parts, apply) {
		got[Format(r)]++
	}
	for _, r := range e.table {
		x := r[1]
		must := !x.Null && has(x)
		if n := got[Format(r)]; must && n == 0 {
			e.t.Fatalf("%v, shape %+v, at most %d keys of %d: row %s is lost", e.key, s, e.most, len(keys), Format(r))
		} else if must || n == 0 {
			continue
		}
		extra++
		over := e.most > 0 && len(keys) > e.most
		inside := over && !x.Null && value.Compare(x, keys[0]) >= 0 && value.Compare(x, keys[len(keys)-1]) <= 0
		if integer := e.key.IsInteger(); integer && !inside || !integer && !over && extra > 12 || len(keys) == 0 {
			e.t.Fatalf("%v, shape %+v, at most %d keys of %d: row %s passed", e.key, s, e.most, len(keys), Format(r))
		}
	}
}

// send runs a task of a stage with a usual edge and a filter edge, and returns the latter's rows.
func (e keyEdge) send(s shape, task int) []Row {
	fields := Fields(tText, e.key)
	var rows []Row
	for i, r := range e.build {
		if i%e.tasks == task {
			rows = append(rows, r)
		}
	}
	edges := []*physical.Edge{
		{ID: 0, Partitioning: physical.Partitioning{Kind: physical.Hash, Keys: []int{1}, N: 3}, Fields: fields},
		{ID: 1, Partitioning: physical.Partitioning{Kind: physical.Broadcast, N: 1}, Fields: []types.Field{physical.FilterField(fields[1])}, Keys: []int{1}},
	}
	root := memory.NewRoot("test", 0)
	sink := &memorySink{rows: map[physical.EdgeID]map[int][]Row{}, t: e.t}
	env := &exec.Env{Context: Context(), Account: root, Sink: sink, BatchSize: s.batch, FilterKeys: e.most, Partition: task, Tasks: e.tasks,
		Sources: &sources{shape: s, rng: rand.New(rand.NewSource(1)), inputs: []Input{{fields, rows}}}}
	stage := &physical.Stage{Root: &physical.ExchangeSource{Base: physical.Base{ID: 0, Out: fields}, Edge: 0}, Outputs: []physical.EdgeID{0, 1}}
	if err := exec.Run(context.Background(), stage, edges, env); err != nil {
		e.t.Fatal(err)
	}
	if used := root.Used(); used != 0 {
		e.t.Errorf("%d bytes are still charged", used)
	}
	whole := 0
	for _, p := range sink.rows[0] {
		whole += len(p)
	}
	if whole != len(rows) {
		e.t.Errorf("the usual edge has %d rows, want %d", whole, len(rows))
	}
	return sink.rows[1][0]
}

// scan reads the table by parts of a filter: in two tasks that share the filter.
func (e keyEdge) scan(s shape, parts []Row, apply bool) []Row {
	fields := Fields(tText, e.key)
	root := memory.NewRoot("test", 0)
	shared := exec.NewSharedBuilds(root)
	node := &physical.Scan{Base: physical.Base{ID: 0, Out: fields}, Columns: []int{0, 1}, Limit: -1,
		KeyFilters: []physical.KeyFilter{{Edge: 0, Column: 1, Field: fields[1]}}}
	out := make([][]Row, 2)
	var wg sync.WaitGroup
	for task := range out {
		wg.Add(1)
		go func() {
			defer wg.Done()
			conn := &tableConn{t: e.t, fields: fields, rows: e.table, apply: apply}
			part := types.Field{Name: fields[1].Name, Type: types.Of(types.Bytea)}
			src := &sources{shape: shape{batch: s.batch}, rng: rand.New(rand.NewSource(2)), inputs: []Input{{[]types.Field{part}, parts}}}
			env := &exec.Env{Context: Context(), Account: root, Sources: src, BatchSize: s.batch, Shared: shared,
				Connector: func(string) (catalog.Connector, bool) { return conn, true },
				Splits:    map[physical.OpID][]catalog.Split{0: {{Payload: []byte{byte(2 * task)}}, {Payload: []byte{byte(2*task + 1)}}}}}
			if s.odd {
				env.Shared = nil
			}
			op, err := exec.Build(node, env)
			if err != nil {
				e.t.Error(err)
				return
			}
			out[task] = pull(e.t, op)
			if len(parts) > 0 && e.most == 0 && root.Used() == 0 {
				e.t.Errorf("a filter of %d parts is not charged", len(parts))
			}
			op.Close()
			op.Close()
			if src.open != 0 {
				e.t.Errorf("%d sources are open", src.open)
			}
		}()
	}
	wg.Wait()
	if used := root.Used(); used != 0 {
		e.t.Errorf("%d bytes are still charged", used)
	}
	return slices.Concat(out...)
}

// TestLargeKeyFilters unites parts of all forms: dense integers, sparse ones, few and many, texts; with all of the
// memory, and with so little that only ranges are known.
func TestLargeKeyFilters(t *testing.T) {
	dense := func(i int) int64 { return int64(i) }
	sparse := func(i int) int64 { return int64(i) * 1_000_003_003 }
	for _, c := range []struct {
		name  string
		key   types.Type
		value []func(int) int64 // by task
		keys  int
	}{
		{"dense", tInt8, []func(int) int64{dense, dense}, 30_000},
		{"sparse", tInt8, []func(int) int64{sparse, sparse}, 30_000},
		{"sparse and one", tInt8, []func(int) int64{sparse, dense, sparse, sparse, sparse}, 12_000},
		{"texts", tText, []func(int) int64{dense, sparse}, 30_000},
		{"texts of five tasks", tText, []func(int) int64{dense, dense, dense, dense, sparse}, 9_000},
	} {
		e := keyEdge{t: t, key: c.key, tasks: len(c.value)}
		for i := range 2 * c.keys {
			x := value.Value{Type: c.key, I: c.value[i%len(c.value)](i)}
			if c.key == tText {
				x.S, x.I = fmt.Sprintf("key %d", x.I), 0
			}
			if i < c.keys {
				e.build = append(e.build, Row{value.Text("b"), x})
			}
			if i >= c.keys-100 && i < c.keys+300 {
				e.table = append(e.table, Row{value.Text(fmt.Sprint(i)), x})
			}
		}
		var parts []Row
		for task := range e.tasks {
			parts = append(parts, e.send(shape{batch: 1024}, task)...)
		}
		rand.New(rand.NewSource(5)).Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		passed := map[string]bool{}
		for _, r := range e.scan(shape{batch: 1024}, parts, true) {
			passed[r[0].S] = true
		}
		for i, r := range e.table {
			if i < 100 && !passed[r[0].S] {
				t.Errorf("%s: key %s is lost", c.name, Format(r))
			}
		}
		if len(passed) > 100+45 {
			t.Errorf("%s: %d rows passed, want 100", c.name, len(passed))
		}
	}
}
