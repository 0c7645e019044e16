package dbgen

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// answer reads a published answer at scale factor 1, without its header.
func answer(t *testing.T, query string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedDir(t), "..", "..", "answers", "sf1", query+".csv"))
	if err != nil {
		t.Skipf("no published answers: %v", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '|'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// fixed renders an integer with the given number of decimals.
func fixed(n int64, decimals int) string {
	s := fmt.Sprintf("%0*d", decimals+1, n)
	return s[:len(s)-decimals] + "." + s[len(s)-decimals:]
}

// lookup makes one row of a table at scale factor 1 and returns its columns.
func lookup(t *testing.T, pool *TextPool, table *Table, unit int64, columns ...string) []string {
	t.Helper()
	g, err := NewGenerator(table, mustScale(t, 1), unit, unit+1, pool)
	if err != nil {
		t.Fatal(err)
	}
	g.Next(1)
	var out []string
	for _, name := range columns {
		c := table.Column(name)
		var v Vector
		g.Fill(c, &v)
		text := fmt.Sprint(value(&table.Columns[c], &v, 0))
		if table.Columns[c].Kind == Decimal {
			text = fixed(v.Int64[0], 2)
		}
		out = append(out, text)
	}
	return out
}

// TestAnswersLookup finds the rows that answers at scale factor 1 show.
func TestAnswersLookup(t *testing.T) {
	pool := NewTextPool(nil)
	for _, row := range answer(t, "q02") {
		key, _ := strconv.ParseInt(row[1][len("Supplier#"):], 10, 64)
		part, _ := strconv.ParseInt(row[3], 10, 64)
		got := lookup(t, pool, &supplierTable, key-1, "s_acctbal", "s_name", "s_address", "s_phone", "s_comment")
		got = append(got, lookup(t, pool, &partTable, part-1, "p_mfgr")...)
		want := []string{row[0], row[1], row[5], row[6], row[7], row[4]}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("supplier is %q, want %q", got, want)
		}
	}
	for _, row := range answer(t, "q10") {
		key, _ := strconv.ParseInt(row[0], 10, 64)
		got := lookup(t, pool, &customerTable, key-1, "c_custkey", "c_name", "c_acctbal", "c_address", "c_phone", "c_comment")
		if want := []string{row[0], row[1], row[3], row[5], row[6], row[7]}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("customer is %q, want %q", got, want)
		}
	}
	for _, row := range answer(t, "q18") {
		key, _ := strconv.ParseInt(row[2], 10, 64)
		got := lookup(t, pool, &ordersTable, key>>5<<3+key&7-1, "o_custkey", "o_orderkey", "o_totalprice")
		if want := []string{row[1], row[2], row[4]}; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("order is %q, want %q", got, want)
		}
	}
	if got := pool.Bytes(); got > MaxPoolBytes/8 {
		t.Errorf("a few hundred comments made %d bytes of the pool", got)
	}
}

// TestAnswerQ1 computes Q1's exact sums over all of lineitem at scale
// factor 1.
func TestAnswerQ1(t *testing.T) {
	if testing.Short() {
		t.Skip("a whole lineitem at scale factor 1")
	}
	type sums struct{ quantity, base, discounted, charge, count int64 }
	groups := map[string]*sums{}
	s := mustScale(t, 1)
	g, err := NewGenerator(&lineitemTable, s, 0, lineitemTable.Units(s), nil)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"l_returnflag", "l_linestatus", "l_quantity", "l_extendedprice", "l_discount", "l_tax", "l_shipdate"}
	v := make([]Vector, len(names))
	for n := g.Next(8192); n > 0; n = g.Next(8192) {
		for i, name := range names {
			g.Fill(lineitemTable.Column(name), &v[i])
		}
		for r := range n {
			if v[6].Int32[r] > 10471 { // 1998-12-01 less 90 days
				continue
			}
			key := returnFlags[v[0].Int32[r]] + lineStatuses[v[1].Int32[r]]
			if groups[key] == nil {
				groups[key] = &sums{}
			}
			sum := groups[key]
			discounted := v[3].Int64[r] * (100 - v[4].Int64[r])
			sum.quantity += v[2].Int64[r]
			sum.base += v[3].Int64[r]
			sum.discounted += discounted
			sum.charge += discounted * (100 + v[5].Int64[r])
			sum.count++
		}
	}
	for _, row := range answer(t, "q01") {
		sum := groups[row[0]+row[1]]
		got := []string{fixed(sum.quantity, 2), fixed(sum.base, 2), fixed(sum.discounted, 4), fixed(sum.charge, 6), fmt.Sprint(sum.count)}
		if want := append(row[2:6:6], row[9]); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("group %s%s is %v, want %v", row[0], row[1], got, want)
		}
	}
}
