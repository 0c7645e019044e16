package optimizer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/optimizer/cost"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
)

// small are the tables of the rules' data files.
const small = `
t 1000
 k bigint u 1 1000
 a integer 100 0 99
 b integer
 c text
s 5000
 k bigint u 1 5000
 a integer 100 0 99
 b integer
 d date 365 8035 8400
big 10000000
 k bigint u 1 10000000
 a integer 100000 0 99999
 b integer
wide 10000000
 k bigint u 1 10000000
 a integer 100000 0 99999
 c text
 d text
 n numeric
`

// TestRules reads testdata/rules/*.txt: a file holds queries, each followed by a
// line of dashes, the plan without the file's rule, another such line, and the plan with it.
// "unnest" can't be switched off: its files show the plan as written first.
func TestRules(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("testdata", "rules", "*.txt"))
	if len(files) == 0 {
		t.Fatal("no data files")
	}
	for _, f := range files {
		rule := strings.TrimSuffix(filepath.Base(f), ".txt")
		t.Run(rule, func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			c := readTables(t, small, 1)
			var out strings.Builder
			for i, block := range strings.Split(string(text), "\n====\n") {
				sql := strings.TrimSpace(strings.Split(block, "\n----\n")[0])
				if sql == "" {
					continue
				}
				if i > 0 {
					out.WriteString("\n====\n")
				}
				before, after := bothPlans(t, c, sql, rule)
				fmt.Fprintf(&out, "%s\n----\n%s----\n%s", sql, before, after)
			}
			golden(t, f, out.String())
		})
	}
}

func bothPlans(t *testing.T, c *fakeCatalog, sql, rule string) (before, after string) {
	plan := func(disabled map[string]bool) (logical.Node, *Trace) {
		r := bindSQL(t, c, sql)
		n, trace, err := Optimize(context.Background(), r.Plan, Options{IDs: r.IDs, Check: true, Disabled: disabled,
			Model: cost.NewModel(context.Background()), Context: &function.Context{Location: time.UTC}})
		if err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
		return n, trace
	}
	n, trace := plan(nil)
	if trace.Rules()[rule] == 0 {
		t.Errorf("%s does not fire for\n%s", rule, sql)
	}
	if rule == "unnest" || rule == "limit_bounds" { // cannot be switched off
		return logical.Format(bindSQL(t, c, sql).Plan), logical.Format(n)
	}
	off, _ := plan(map[string]bool{rule: true})
	if logical.Format(off) == logical.Format(n) {
		t.Errorf("%s changes nothing for\n%s", rule, sql)
	}
	return logical.Format(off), logical.Format(n)
}

// TestRulesHaveExamples holds that every rule has a data file.
func TestRulesHaveExamples(t *testing.T) {
	for _, b := range batches(&env{}) {
		for _, r := range b.rules {
			if _, err := os.Stat(filepath.Join("testdata", "rules", r.Name()+".txt")); err != nil {
				t.Errorf("rule %s has no data file", r.Name())
			}
		}
	}
}
