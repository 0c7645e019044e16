package analyzer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/lower"
)

// TestLongChains binds chains of 20,000 terms within half a second each.
func TestLongChains(t *testing.T) {
	s := session(t, "public")
	repeat := func(format, sep string) string {
		terms := make([]string, 20000)
		for i := range terms {
			terms[i] = fmt.Sprintf(format, i)
		}
		return strings.Join(terms, sep)
	}
	for name, sql := range map[string]string{
		"or":     "select a from t where " + repeat("a = %d", " or "),
		"and":    "select a from t where " + repeat("(b <> %d or g)", " and "),
		"in":     "select a from t where a in (" + repeat("%d", ", ") + ")",
		"text":   "select a from t where c in (" + repeat("'k%d'", ", ") + ")",
		"values": "values " + repeat("(%d, 'x')", ", "),
		"group":  "select a, " + repeat("a + %d", ", ") + " from t group by a, b + 1",
	} {
		st, err := lower.Lower(sql)
		if err != nil {
			t.Fatal(name, err)
		}
		start := time.Now()
		if _, err = analyzer.Bind(context.Background(), st, s); err != nil {
			t.Fatal(name, err)
		}
		if d := time.Since(start); d > 500*time.Millisecond {
			t.Errorf("%s: %v", name, d)
		} else {
			t.Logf("%s: %v", name, d)
		}
	}
}

// TestDepth binds what the lowering lets through, and refuses deeper views with 54001.
func TestDepth(t *testing.T) {
	s := session(t, "public")
	for _, n := range []int{100, 1000, 3000} {
		sql := "select " + strings.Repeat("abs(", n) + "a" + strings.Repeat(")", n) + " from t"
		if _, err := bind(s, sql); err != nil && !strings.Contains(err.Error(), "54001") {
			t.Errorf("depth %d: %v", n, err)
		}
	}
}
