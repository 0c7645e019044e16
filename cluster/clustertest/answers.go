package clustertest

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Shared returns the folder of test material, or skips the test.
func Shared(t testing.TB) string {
	dir := os.Getenv("FLINT_SHARED")
	if dir == "" {
		wd, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(wd, "..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(dir, "tpch", "queries")); err != nil {
		t.Skip("no TPC-H queries: set FLINT_SHARED to the folder that holds tpch/queries and tpch/answers")
	}
	return dir
}

// TPCH is a query of TPC-H with its answer.
type TPCH struct {
	Number int
	SQL    string
	Want   [][]string
}

// Queries returns TPC-H's queries with their answers at a scale factor.
func Queries(t testing.TB, scale string) []TPCH {
	dir := Shared(t)
	var out []TPCH
	for n := 1; n <= 22; n++ {
		sql, err := os.ReadFile(filepath.Join(dir, "tpch", "queries", fmt.Sprintf("q%02d.sql", n)))
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(filepath.Join(dir, "tpch", "answers", scale, fmt.Sprintf("q%02d.csv", n)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := csv.NewReader(f)
		r.Comma = '|'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, TPCH{n, string(sql), rows[1:]})
	}
	return out
}

// Check compares rows with the answer: numbers to a relative 1e-6.
func (q TPCH) Check(got [][]string) error {
	if len(got) != len(q.Want) {
		return fmt.Errorf("q%d: %d rows, want %d", q.Number, len(got), len(q.Want))
	}
	for i, row := range got {
		if len(row) != len(q.Want[i]) {
			return fmt.Errorf("q%d row %d: %d columns, want %d", q.Number, i, len(row), len(q.Want[i]))
		}
		for k, x := range row {
			if !same(x, q.Want[i][k]) {
				return fmt.Errorf("q%d row %d: %q, want %q", q.Number, i, row, q.Want[i])
			}
		}
	}
	return nil
}

func same(a, b string) bool {
	if strings.TrimSpace(a) == strings.TrimSpace(b) {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-6*math.Max(1, math.Abs(y))
}
