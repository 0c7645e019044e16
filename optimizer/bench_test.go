package optimizer

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

var update = flag.Bool("update", false, "write golden files")

// fakeCatalog holds tables that have statistics but no rows.
type fakeCatalog struct{ tables map[string]*fakeTable }

type fakeTable struct {
	fields []types.Field
	stats  catalog.Stats
}

func (t *fakeTable) Schema() []types.Field                               { return t.fields }
func (t *fakeTable) Stats(context.Context, []int) (catalog.Stats, error) { return t.stats, nil }
func (t *fakeTable) Scan(context.Context, catalog.ScanRequest) (catalog.ScanPlan, error) {
	return catalog.ScanPlan{}, nil
}

func (t *fakeTable) Whole() (catalog.Split, bool, error) { return catalog.Split{}, true, nil }

func (f *fakeCatalog) DefaultSchema() string                            { return "public" }
func (f *fakeCatalog) Schemas(context.Context) ([]string, error)        { return []string{"public"}, nil }
func (f *fakeCatalog) Tables(context.Context, string) ([]string, error) { return nil, nil }
func (f *fakeCatalog) Table(_ context.Context, schema, name string) (catalog.Table, error) {
	t, ok := f.tables[name]
	if !ok || schema != "public" {
		return nil, catalog.ErrNotFound
	}
	return t, nil
}
func (f *fakeCatalog) Open(context.Context, catalog.Split, catalog.ReadRequest) (catalog.Reader, error) {
	return nil, catalog.ErrNotFound
}
func (f *fakeCatalog) Connector(name string) (catalog.Connector, bool) { return f, name == "flint" }
func (f *fakeCatalog) Names() []string                                 { return []string{"flint"} }

// tpch describes the tables of TPC-H: rows and distinct counts per scale
// factor ("s" scales, "u" is a key), and ranges.
const tpch = `
region 5
 r_regionkey integer u 0 4
 r_name varchar 5
 r_comment varchar 5
nation 25
 n_nationkey integer u 0 24
 n_name varchar 25
 n_regionkey integer 5 0 4
 n_comment varchar 25
supplier 10000s
 s_suppkey bigint u 1 10000s
 s_name varchar 10000s
 s_address varchar 10000s
 s_nationkey integer 25 0 24
 s_phone varchar 10000s
 s_acctbal numeric(15,2) 9000s -1000 10000
 s_comment varchar 10000s
customer 150000s
 c_custkey bigint u 1 150000s
 c_name varchar 150000s
 c_address varchar 150000s
 c_nationkey integer 25 0 24
 c_phone varchar 150000s
 c_acctbal numeric(15,2) 140000s -1000 10000
 c_mktsegment varchar 5
 c_comment varchar 150000s
part 200000s
 p_partkey bigint u 1 200000s
 p_name varchar 200000s
 p_mfgr varchar 5
 p_brand varchar 25
 p_type varchar 150
 p_size integer 50 1 50
 p_container varchar 40
 p_retailprice numeric(15,2) 20000s 900 2100
 p_comment varchar 130000s
partsupp 800000s
 ps_partkey bigint 200000s 1 200000s
 ps_suppkey bigint 10000s 1 10000s
 ps_availqty integer 9999 1 9999
 ps_supplycost numeric(15,2) 100000 1 1000
 ps_comment varchar 800000s
orders 1500000s
 o_orderkey bigint u 1 6000000s
 o_custkey bigint 100000s 1 150000s
 o_orderstatus varchar 3
 o_totalprice numeric(15,2) 1500000s 800 600000
 o_orderdate date 2406 8035 10440
 o_orderpriority varchar 5
 o_clerk varchar 1000s
 o_shippriority integer 1 0 0
 o_comment varchar 1500000s
lineitem 6001215s
 l_orderkey bigint 1500000s 1 6000000s
 l_partkey bigint 200000s 1 200000s
 l_suppkey bigint 10000s 1 10000s
 l_linenumber integer 7 1 7
 l_quantity numeric(15,2) 50 1 50
 l_extendedprice numeric(15,2) 900000s 900 105000
 l_discount numeric(15,2) 11 0 0.1
 l_tax numeric(15,2) 9 0 0.08
 l_returnflag varchar 3
 l_linestatus varchar 2
 l_shipdate date 2526 8036 10561
 l_commitdate date 2466 8065 10530
 l_receiptdate date 2555 8038 10591
 l_shipinstruct varchar 4
 l_shipmode varchar 7
 l_comment varchar 4500000s
`

func scaled(t testing.TB, s string, sf float64) float64 {
	var x float64
	if _, err := fmt.Sscanf(strings.TrimSuffix(s, "s"), "%g", &x); err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	if strings.HasSuffix(s, "s") {
		x *= sf
	}
	return x
}

// readTables reads a description like tpch.
func readTables(t testing.TB, text string, sf float64) *fakeCatalog {
	c := &fakeCatalog{tables: map[string]*fakeTable{}}
	var cur *fakeTable
	for _, line := range strings.Split(strings.Trim(text, "\n"), "\n") {
		f := strings.Fields(line)
		if !strings.HasPrefix(line, " ") {
			cur = &fakeTable{stats: catalog.Stats{Rows: -1, Columns: map[int]catalog.ColumnStats{}}}
			if len(f) > 1 {
				cur.stats.Rows = scaled(t, f[1], sf)
			}
			c.tables[f[0]] = cur
			continue
		}
		typ, ok := types.Parse(f[1])
		if !ok {
			t.Fatalf("type %q", f[1])
		}
		i := len(cur.fields)
		cur.fields = append(cur.fields, types.Field{Name: f[0], Type: typ, Nullable: len(f) < 3})
		if len(f) < 3 {
			continue
		}
		st := catalog.ColumnStats{Unique: f[2] == "u"}
		if !st.Unique {
			st.Distinct = scaled(t, f[2], sf)
		}
		if len(f) == 5 {
			lo, hi := bound(typ, scaled(t, f[3], sf)), bound(typ, scaled(t, f[4], sf))
			st.Min, st.Max = &lo, &hi
		}
		cur.stats.Columns[i] = st
	}
	return c
}

func bound(t types.Type, x float64) value.Value {
	v := value.Value{Type: t, I: int64(x)}
	if t.Kind == types.Numeric {
		v.I = int64(x * 100)
	}
	return v
}

func bindSQL(t testing.TB, c *fakeCatalog, sql string) *analyzer.Result {
	st, err := lower.Lower(sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	r, err := analyzer.Bind(context.Background(), st, &analyzer.Session{Catalogs: c, Database: "flint", SearchPath: []string{"public"}})
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return r
}

func optimizeSQL(t testing.TB, c *fakeCatalog, sql string, m *cost.Model) (logical.Node, *Trace) {
	r := bindSQL(t, c, sql)
	if m == nil {
		m = cost.NewModel(context.Background())
	}
	out, trace, err := Optimize(context.Background(), r.Plan, Options{IDs: r.IDs, Check: true, Model: m,
		Context: &function.Context{Location: time.UTC}})
	if err != nil {
		t.Fatalf("%v\n%s", err, logical.Format(r.Plan))
	}
	return out, trace
}

// explain prints a plan with estimated rows.
func explain(n logical.Node, m *cost.Model) string {
	var b strings.Builder
	var walk func(logical.Node, int)
	seen := map[int]bool{}
	walk = func(n logical.Node, depth int) {
		fmt.Fprintf(&b, "%s%s  (rows %.3g)\n", strings.Repeat("  ", depth), n, m.Rows(n))
		if r, ok := n.(*logical.Reuse); ok {
			if seen[r.ID] {
				return
			}
			seen[r.ID] = true
		}
		for _, c := range n.Children() {
			walk(c, depth+1)
		}
	}
	walk(n, 0)
	return b.String()
}

func sharedDir(t testing.TB) string {
	dir := os.Getenv("FLINT_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no test material: set FLINT_SHARED (%v)", err)
	}
	return dir
}

// golden compares with a file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s: want\n%s\ngot\n%s", path, want, got)
	}
}

// TestTPCHPlans freezes the optimized plans of the 22 queries at scale factor 100.
func TestTPCHPlans(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(sharedDir(t), "tpch", "queries", "*.sql"))
	if len(files) < 22 {
		t.Skipf("%d queries found", len(files))
	}
	c := readTables(t, tpch, 100)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".sql")
		t.Run(name, func(t *testing.T) {
			sql, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			m := cost.NewModel(context.Background())
			out, _ := optimizeSQL(t, c, string(sql), m)
			checkFinal(t, out)
			golden(t, filepath.Join("testdata", "tpch", name+".txt"), explain(out, m))
		})
	}
}

// TestTPCDSPlans optimizes the queries of TPC-DS, and looks only at whether the
// plans are whole and free of Apply.
func TestTPCDSPlans(t *testing.T) {
	dir := sharedDir(t)
	files, _ := filepath.Glob(filepath.Join(dir, "tpcds", "queries", "*.sql"))
	schema, err := os.ReadFile(filepath.Join("testdata", "tpcds.schema"))
	if err != nil || len(files) < 90 {
		t.Skipf("%d queries found, schema: %v", len(files), err)
	}
	c := readTables(t, string(schema), 1)
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".sql"), func(t *testing.T) {
			sql, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			out, _ := optimizeSQL(t, c, string(sql), nil)
			checkFinal(t, out)
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("took %v", d)
			}
		})
	}
}
