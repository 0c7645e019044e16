package lower

import (
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// Chains and lists of 20,000 terms are no depth, and take linear time.
func TestLongChains(t *testing.T) {
	const n = 20000
	list := func(term, separator string) string {
		return strings.TrimSuffix(strings.Repeat(term+separator, n), separator)
	}
	for name, sql := range map[string]string{
		"and":     "select 1 from t where " + list("a = 1", " and "),
		"or":      "select 1 from t where " + list("a = 1", " or "),
		"mixed":   "select 1 from t where " + list("a = 1 and b = 2", " or ")[:n/2*len("a = 1 and b = 2 or ")-4],
		"concat":  "select " + list("a", " || "),
		"in":      "select a in (" + list("1", ", ") + ")",
		"union":   "select 1 union all " + list("select 2", " union all "),
		"values":  "values " + list("(1, 'a')", ", "),
		"fields":  "select " + list("a + 1", ", "),
		"array":   "select array[" + list("1", ", ") + "]",
		"case":    "select case " + list("when a then b", " ") + " end",
		"args":    "select f(" + list("a", ", ") + ")",
		"string":  "select '" + list("abc", " ") + "'",
		"strings": "select " + list("'a'", "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			took := time.Hour // the best of a few runs: other processes share the machine
			var s *core.Statement
			for try := 0; try < 5 && took > 250*time.Millisecond; try++ {
				start := time.Now()
				var err error
				if s, err = Lower(sql); err != nil {
					t.Fatal(err)
				}
				took = min(took, time.Since(start))
			}
			t.Logf("%v", took)
			if took > 500*time.Millisecond {
				t.Errorf("took %v", took)
			}
			if sel, ok := s.Query.Node.(*ast.SelectStmt); ok && name == "and" {
				if got := len(core.Operands(sel.Where, core.And)); got != n {
					t.Errorf("%d operands", got)
				}
			}
			if set, ok := s.Query.Node.(*ast.SetOprStmt); ok {
				if got := len(core.SetOperands(set)); got != n+1 {
					t.Errorf("%d operands", got)
				}
			}
		})
	}
}

// True nesting past the limit is 54001, whatever nests, and quickly so.
func TestDepthLimit(t *testing.T) {
	const n = 30000
	repeat := strings.Repeat
	for name, sql := range map[string]string{
		"parentheses":  "select " + repeat("(", n) + "1" + repeat(")", n),
		"open":         "select " + repeat("(", n),
		"queries":      repeat("(", n) + "select 1" + repeat(")", n),
		"subqueries":   "select " + repeat("(select ", n) + "1" + repeat(")", n),
		"from":         repeat("select * from (", n) + "t" + repeat(") x", n),
		"joins":        "select * from " + repeat("(", n) + "a cross join b" + repeat(")", n),
		"on":           "select * from a" + repeat(" join b", n) + repeat(" on true", n),
		"left joins":   "select * from a" + repeat(" join b on true", n),
		"items":        "select * from a" + repeat(", b", n),
		"plus":         "select 1" + repeat(" + a", n),
		"not":          "select " + repeat("not ", n) + "a",
		"minus":        "select " + repeat("- ", n) + "a",
		"casts":        "select a" + repeat("::int", n),
		"subscripts":   "select a" + repeat("[1]", n),
		"fields":       "select (a)" + repeat(".b", n),
		"calls":        "select " + repeat("f(", n) + repeat(")", n),
		"case":         "select " + repeat("case when ", n) + "a" + repeat(" then 1 end", n),
		"arrays":       "select array" + repeat("[", n) + repeat("]", n),
		"rollup":       "select 1 group by " + repeat("rollup(", n) + "a" + repeat(")", n),
		"explain":      repeat("explain ", n) + "select 1",
		"except":       "select 1" + repeat(" except (select 1", n) + repeat(")", n),
		"time zones":   "select a" + repeat(" at time zone b", n),
		"power":        "select a" + repeat(" ^ b", n),
		"is":           "select a" + repeat(" is null", n),
		"lateral view": "select a from t" + repeat(" lateral view f(a) x", n),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, err := Lower(sql)
			if sqlerr.Code(err) != sqlerr.StatementTooComplex {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Nesting that people and tools do write is well within the limit.
func TestDepthWithinLimit(t *testing.T) {
	for _, sql := range []string{
		"select " + strings.Repeat("(", 500) + "a" + strings.Repeat(")", 500),
		"select 1" + strings.Repeat(" + a", 1500),
		strings.Repeat("select * from (", 100) + "select 1" + strings.Repeat(") x", 100),
		"select " + strings.Repeat("case when a then 1 else ", 300) + "2" + strings.Repeat(" end", 300),
		"select * from a" + strings.Repeat(" join b on true", 500),
	} {
		if _, err := Lower(sql); err != nil {
			t.Errorf("%.40s…: %v", sql, err)
		}
	}
}
