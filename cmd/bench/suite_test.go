package main

import (
	"strings"
	"testing"
)

func TestParseQueries(t *testing.T) {
	qs, err := parseQueries(`-- a comment: before the first
-- name: a
-- needs: lineitem, orders
-- duckdb: SELECT 1,
-- duckdb: 2;
-- why: no marker, for there is no engine of that name
SELECT
  3;

-- name: b
SELECT 4`)
	if err != nil {
		t.Fatal(err)
	}
	if len(qs) != 2 || qs[0].name != "a" || qs[1].name != "b" {
		t.Fatalf("queries %+v", qs)
	}
	if got := qs[0].text("flint"); got != "SELECT\n  3" {
		t.Errorf("flint is asked %q", got)
	}
	if got := qs[0].text("duckdb"); got != "SELECT 1,\n2" {
		t.Errorf("duckdb is asked %q", got)
	}
	if qs[0].runnable(map[string]bool{"lineitem": true}) || !qs[0].runnable(map[string]bool{"lineitem": true, "orders": true}) {
		t.Errorf("needs %v", qs[0].needs)
	}
	for _, bad := range []string{"SELECT 1", "-- name: a\n\n-- name: b\nSELECT 1"} {
		if _, err := parseQueries(bad); err == nil {
			t.Errorf("no error for %q", bad)
		}
	}
}

// TestSuites reads the embedded suites: names are unique, and every query says
// which tables it needs where a suite has more than one folder of them.
func TestSuites(t *testing.T) {
	for suite, least := range map[string]int{"micro": 50, "clickbench": 43} {
		qs, err := suiteQueries(&options{Suite: suite})
		if err != nil {
			t.Fatal(err)
		}
		if len(qs) < least {
			t.Errorf("%s has %d queries, want %d", suite, len(qs), least)
		}
		seen := map[string]bool{}
		for _, q := range qs {
			if seen[q.name] {
				t.Errorf("%s has two queries %s", suite, q.name)
			}
			seen[q.name] = true
			if suite == "micro" && len(q.needs) == 0 {
				t.Errorf("%s does not say what it needs", q.name)
			}
			for _, table := range q.needs {
				if !strings.Contains(strings.ToLower(q.sql), table) {
					t.Errorf("%s needs %s but does not read it", q.name, table)
				}
			}
		}
	}
}

func TestChosen(t *testing.T) {
	only := []string{"q01", "join*"}
	for name, want := range map[string]bool{"q01": true, "q011": false, "join_small": true, "q02": false} {
		if chosen(only, name) != want {
			t.Errorf("%s is chosen: %v", name, !want)
		}
	}
}
