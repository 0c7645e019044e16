package physical_test

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
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/tpch"
	"github.com/flintsql/flint/optimizer"
	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/lower"
)

var update = flag.Bool("update", false, "rewrite golden files")

type catalogs map[string]catalog.Connector

func (c catalogs) Connector(name string) (catalog.Connector, bool) { x, ok := c[name]; return x, ok }

func (c catalogs) Names() []string {
	var out []string
	for n := range c {
		out = append(out, n)
	}
	return out
}

// world is where a test's queries find their tables.
type world struct {
	catalogs       catalogs
	catalog, scope string
}

func tpchWorld(schema string) world {
	return world{catalogs{"tpch": tpch.New(nil)}, "tpch", schema}
}

// plan takes a query to its physical plan.
func (w world) plan(t *testing.T, sql string, o physical.Options) *physical.Plan {
	t.Helper()
	ctx := context.Background()
	st, err := lower.Lower(sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	fc := &function.Context{Now: time.Unix(0, 0), Location: time.UTC}
	b, err := analyzer.Bind(ctx, st, &analyzer.Session{Catalogs: w.catalogs, Database: w.catalog, SearchPath: []string{w.scope}, Context: fc})
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	model := cost.NewModel(ctx)
	n, _, err := optimizer.Optimize(ctx, b.Plan, optimizer.Options{IDs: b.IDs, Context: fc, Model: model})
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	p, err := physical.New(ctx, n, model, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return p
}

// options reads "slots=4 processes=2 inprocess broadcast=1000 spool=1000".
func options(t *testing.T, text string) physical.Options {
	o := physical.Options{Slots: 4, Processes: 1, BroadcastBytes: physical.DefaultBroadcastBytes, SpoolBytes: physical.DefaultSpoolBytes}
	for _, f := range strings.Fields(text) {
		name, v, _ := strings.Cut(f, "=")
		var n int
		fmt.Sscan(v, &n)
		switch name {
		case "slots":
			o.Slots = n
		case "processes":
			o.Processes = n
		case "filters":
			o.RuntimeFilters = true
		case "inprocess":
			o.InProcess = true
		case "broadcast":
			o.BroadcastBytes = float64(n)
		case "spool":
			o.SpoolBytes = float64(n)
		case "adaptive":
			o.AdaptiveBytes = int64(n)
		default:
			t.Fatalf("unknown option %q", f)
		}
	}
	return o
}

// TestPlans reads testdata/*.txt: blocks of a query, then one or more lines
// "-- options", each followed by the stages over tpch.sf1.
func TestPlans(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if len(files) == 0 {
		t.Fatal("no data files")
	}
	w := tpchWorld("sf1")
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
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
					opts, _, _ := strings.Cut(p, "\n")
					o := options(t, opts)
					plan := w.plan(t, sql, o)
					check(t, plan, o)
					fmt.Fprintf(&out, "-- %s\n%s", opts, stages(plan))
				}
			}
			if *update {
				err = os.WriteFile(file, []byte(out.String()), 0o644)
			} else if out.String() != string(text) {
				t.Errorf("%s differs; rewrite with -update and read the diff\ngot:\n%s", filepath.Base(file), out.String())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// stages prints a plan without its title line and the blanks before the figures.
func stages(p *physical.Plan) string {
	var b strings.Builder
	for _, l := range (physical.Explain{}).Format(p)[1:] {
		if i := strings.LastIndexByte(l, ' '); !strings.HasPrefix(l, "Stage") {
			l = strings.TrimRight(l[:i], " ") + "  ~" + l[i+1:]
		}
		b.WriteString(strings.TrimRight(l, " ") + "\n")
	}
	return b.String()
}

// TestInvariants checks the plans of all TPC-H and TPC-DS queries under many options.
func TestInvariants(t *testing.T) {
	settings := []string{"slots=1", "slots=2 inprocess filters", "slots=4", "slots=4 processes=4 filters", "slots=8 processes=4 broadcast=1000 spool=1000 filters", "slots=3 processes=3 broadcast=0 filters"}
	t.Run("tpch", func(t *testing.T) {
		files, _ := filepath.Glob(filepath.Join("..", "testdata", "tpch", "queries", "*.sql"))
		for _, schema := range []string{"tiny", "sf1", "sf100"} {
			checkFiles(t, tpchWorld(schema), files, settings)
		}
	})
	t.Run("tpcds", func(t *testing.T) {
		root := os.Getenv("FLINT_SHARED")
		if root == "" {
			root = filepath.Join("..", "..", "shared")
		}
		files, _ := filepath.Glob(filepath.Join(root, "tpcds", "queries", "*.sql"))
		if len(files) == 0 {
			t.Skip("test material tpcds is absent (set FLINT_SHARED)")
		}
		ds, err := parquet.New(filepath.Join(root, "tpcds", "data"), nil)
		if err != nil {
			t.Fatal(err)
		}
		checkFiles(t, world{catalogs{"ds": ds}, "ds", "public"}, files, settings[3:])
	})
}

func checkFiles(t *testing.T, w world, files, settings []string) {
	if len(files) == 0 {
		t.Fatal("no queries")
	}
	for _, f := range files {
		sql, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(w.scope+"/"+filepath.Base(f), func(t *testing.T) {
			for _, s := range settings {
				o := options(t, s)
				p := w.plan(t, string(sql), o)
				check(t, p, o)
				readable(t, p, physical.Explain{Tasks: true, Verbose: true})
				if t.Failed() {
					t.Fatalf("with %s", s)
				}
			}
		})
	}
}
