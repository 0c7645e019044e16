package analyzer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
)

// TestErrorsAreThoseOfPostgres compares code, position and message with what
// PostgreSQL 15 answered (testdata/errors.txt) for the tables of
// testdata/public.schema. A line that begins with "!" is where Flint says
// something else, on purpose.
func TestErrorsAreThoseOfPostgres(t *testing.T) {
	text, err := os.ReadFile("testdata/errors.txt")
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, "public")
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	n := 0
	for i := 0; i < len(lines); {
		sql := lines[i]
		i++
		want := ""
		for ; i < len(lines) && (strings.HasPrefix(lines[i], "  ") || strings.HasPrefix(lines[i], "!")); i++ {
			want = strings.TrimSpace(strings.TrimPrefix(lines[i], "!"))
		}
		n++
		got := "ok"
		r, err := bind(s, sql)
		if err != nil {
			e := sqlerr.From(err)
			got = fmt.Sprintf("%s %d %s", e.Code, e.Position, e.Message)
		} else {
			check(t, r)
		}
		if got != want {
			t.Errorf("%s\n  have %s\n  want %s", sql, got, want)
		}
	}
	if n < 60 {
		t.Errorf("only %d cases", n)
	}
}
