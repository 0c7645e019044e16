package analyzer_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestColumnsAreThoseOfPostgres compares names, type OIDs and modifiers of
// results, and the OIDs of parameters, with what PostgreSQL 15 described
// (testdata/columns.txt). A line that begins with "!" is where Flint says something else.
func TestColumnsAreThoseOfPostgres(t *testing.T) {
	text, err := os.ReadFile("testdata/columns.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	for i := 0; i < len(lines); {
		sql, want := lines[i], ""
		for i++; i < len(lines) && (strings.HasPrefix(lines[i], "  ") || strings.HasPrefix(lines[i], "!")); i++ {
			want = strings.TrimSpace(strings.TrimPrefix(lines[i], "!"))
		}
		got := describe(t, sql)
		if got != want {
			t.Errorf("%s\n  have %s\n  want %s", sql, got, want)
		}
	}
}

func describe(t *testing.T, sql string) string {
	r, err := bind(session(t, "public"), sql)
	if err != nil {
		return err.Error()
	}
	check(t, r)
	var out []string
	for _, c := range r.Columns {
		out = append(out, fmt.Sprintf("%s:%d:%d", c.Name, c.Type.OID(), c.TypMod))
	}
	if len(r.Params) > 0 {
		var oids []uint32
		for _, p := range r.Params {
			oids = append(oids, p.OID())
		}
		out = append(out, fmt.Sprintf("params %v", oids))
	}
	if out == nil {
		return "none"
	}
	return strings.Join(out, " ")
}
