package slt

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// A sort of some 90 MB ends within 32 MB of memory: it spills, says so, and
// leaves neither memory nor files behind, also when its client goes away.
func TestSortSpills(t *testing.T) {
	for _, slots := range []int{1, 2} {
		t.Run(fmt.Sprintf("slots%d", slots), func(t *testing.T) { sortSpills(t, slots) })
	}
}

func sortSpills(t *testing.T, slots int) {
	s := Start(t, Options{Memory: 32 << 20, Slots: slots})
	ctx := context.Background()
	const query = "SELECT * FROM tpch.sf0_1.lineitem ORDER BY l_comment, l_orderkey, l_linenumber"
	conn := s.Connect(t, "tpch").PgConn()
	start := time.Now()
	rr := conn.ExecParams(ctx, query, nil, nil, nil, nil)
	n, last := 0, ""
	for rr.NextRow() {
		row := rr.Values()
		if c := string(row[15]); c < last {
			t.Fatalf("row %d: %q comes after %q", n, c, last)
		} else {
			last = c
		}
		n++
	}
	if _, err := rr.Close(); err != nil || n != 600572 {
		t.Fatalf("%d rows, %v", n, err)
	}
	t.Logf("%d rows in %v, peak %d MB", n, time.Since(start), s.Account.Peak()>>20)
	s.clean(t)

	// What EXPLAIN ANALYZE counts as spilled shows in a column of its own.
	plan := ""
	res := conn.ExecParams(ctx, "EXPLAIN ANALYZE "+query, nil, nil, nil, nil).Read()
	if res.Err != nil {
		t.Fatal(res.Err)
	}
	for _, r := range res.Rows {
		plan += string(r[0]) + "\n"
	}
	if !strings.Contains(plan, "spill") {
		t.Errorf("EXPLAIN ANALYZE does not tell of spilling:\n%s", plan)
	}

	// A client that goes away while rows are spilled or merged.
	for _, after := range []time.Duration{100 * time.Millisecond, 600 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(ctx, after)
		s.Connect(t, "tpch").PgConn().ExecParams(ctx, query, nil, nil, nil, nil).Read()
		cancel()
		s.clean(t)
	}
}

// clean waits until nothing is charged or spilled.
func (s *Server) clean(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); s.Account.Used() != 0 || s.Spill.Used() != 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d bytes are still charged, %d are still on disk", s.Account.Used(), s.Spill.Used())
		}
	}
	if names, err := os.ReadDir(s.Spill.Path()); err == nil && len(names) > 0 {
		t.Errorf("files are left: %v", names)
	}
}
