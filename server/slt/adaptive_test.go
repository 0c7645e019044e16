package slt

import (
	"strings"
	"testing"
)

// TestAdaptive: stages re-planned to the extreme give the same rows as planned ones.
func TestAdaptive(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds: run without -short")
	}
	s := Start(t, Options{Slots: 3})
	conn := s.Connect(t, "tpch")
	did := RunAdaptive(t, conn.PgConn(), "SET search_path TO sf0_1", "SET broadcast_threshold TO 0")
	for _, what := range []string{"coalesced", " empty", "partition 1 in 3", "no row can come of its inputs"} {
		if !strings.Contains(did, what) {
			t.Errorf("no stage was re-planned as %q", what)
		}
	}
}
