package slt

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// TestQueryLimit: tasks that share builds under a limit of their query's own either spill or fail, at once:
// they do not wait for each other's memory. Every answer is the same, whatever the limit.
func TestQueryLimit(t *testing.T) {
	s := smallMemory(t, 0.1, 1<<30, nil)
	conn := s.Connect(t, "files").PgConn()
	read := func(q string) (string, error) {
		res, err := conn.Exec(t.Context(), q).ReadAll()
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s", res[len(res)-1].Rows), nil
	}
	for _, q := range []string{
		"SELECT count(*), max(l_comment) FROM orders RIGHT JOIN lineitem ON l_orderkey = o_orderkey",
		"SELECT count(*), max(o_comment), max(o_clerk) FROM lineitem JOIN orders ON l_orderkey = o_orderkey",
	} {
		want, err := read("SET query_memory_limit = 0; " + q)
		if err != nil {
			t.Fatal(err)
		}
		spilled := 0
		for mib := 2; mib <= 6; mib++ {
			start := time.Now()
			got, err := read(fmt.Sprintf("SET query_memory_limit = '%dMB'; %s", mib, q))
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%d MiB: %v", mib, took)
			}
			var e *pgconn.PgError
			switch {
			case err == nil && got == want:
				spilled++
			case err == nil:
				t.Errorf("%d MiB: %s instead of %s", mib, got, want)
			case !errors.As(err, &e) || e.Code != "53200":
				t.Errorf("%d MiB: %v", mib, err)
			}
		}
		if spilled == 0 {
			t.Error("no limit suffices")
		}
	}
	s.settled(t)
}
