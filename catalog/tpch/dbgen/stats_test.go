package dbgen

import (
	"math"
	"testing"
)

// TestStats compares the statistics with those of the generated rows.
func TestStats(t *testing.T) {
	pool, s := NewTextPool(nil), mustScale(t, 0.05)
	for _, table := range Tables() {
		rows := generate(t, table, s, 0, table.Units(s), 8192, pool)
		estimate, exact := table.Rows(s)
		if exact && estimate != int64(len(rows)) || math.Abs(float64(estimate)/float64(len(rows))-1) > 0.01 {
			t.Errorf("%s has %d rows, Rows says %d", table.Name, len(rows), estimate)
		}
		for c := range table.Columns {
			checkStats(t, &table.Columns[c], table.Stats(s, c), rows, c)
		}
	}
}

func checkStats(t *testing.T, c *Column, st ColumnStats, rows [][]any, column int) {
	t.Helper()
	distinct, width := map[any]bool{}, 0
	for _, row := range rows {
		v := row[column]
		distinct[v] = true
		if text, ok := v.(string); ok {
			width += len(text)
			if st.Bounded && (text < st.MinText || text > st.MaxText) {
				t.Fatalf("%s: %q is out of bounds", c.Name, text)
			}
		} else if n := v.(int64); st.Bounded && (n < st.Min || n > st.Max) {
			t.Fatalf("%s: %d is out of [%d, %d]", c.Name, n, st.Min, st.Max)
		}
	}
	if st.Unique && len(distinct) != len(rows) {
		t.Errorf("%s is not unique", c.Name)
	}
	if ratio := st.Distinct / float64(len(distinct)); len(rows) > 1000 && (ratio < 0.7 || ratio > 1.6) {
		t.Errorf("%s has %d distinct values, Stats says %.0f", c.Name, len(distinct), st.Distinct)
	}
	if got := float64(width) / float64(len(rows)); width > 0 && len(rows) > 100 && math.Abs(got/st.Width-1) > 0.12 {
		t.Errorf("%s is %.1f wide, Stats says %.1f", c.Name, got, st.Width)
	}
}

// TestLineCounts counts the lines of some published scales.
func TestLineCounts(t *testing.T) {
	for _, factor := range []float64{0.01, 0.1, 1, 10} {
		s := mustScale(t, factor)
		want, exact := lineitemTable.Rows(s)
		if got := CountLines(0, lineitemTable.Units(s)); !exact || got != want {
			t.Errorf("scale %s has %d lines, want %d", s, got, want)
		}
	}
	if got := CountLines(100, 1000) + CountLines(0, 100); got != CountLines(0, 1000) {
		t.Error("counts of ranges do not add up")
	}
}

func BenchmarkCountLines(b *testing.B) {
	for range b.N {
		CountLines(0, 1_500_000)
	}
}
