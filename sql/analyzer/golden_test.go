package analyzer_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/logical"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestPlans compares the plans of testdata/plans.txt: a query, then its plan
// indented by two blanks, an empty line between cases.
func TestPlans(t *testing.T) {
	const file = "testdata/plans.txt"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := session(t, "public")
	var out strings.Builder
	n := 0
	for _, c := range strings.Split(strings.TrimSpace(string(text)), "\n\n") {
		sql, want, _ := strings.Cut(c, "\n")
		got := ""
		r, err := bind(s, sql)
		if err != nil {
			got = "  " + err.Error()
		} else {
			check(t, r)
			for _, l := range strings.Split(strings.TrimRight(logical.Format(r.Plan), "\n"), "\n") {
				got += "  " + l + "\n"
			}
			got = strings.TrimRight(got, "\n")
		}
		n++
		out.WriteString(sql + "\n" + got + "\n\n")
		if got != want && !*update {
			t.Errorf("%s\nhave:\n%s\nwant:\n%s", sql, got, want)
		}
	}
	if n < 60 {
		t.Errorf("only %d plans", n)
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.TrimSpace(out.String())+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
