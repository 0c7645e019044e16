package slt

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flintsql/flint/optimizer"
)

// TestSLT runs every .slt file under each configuration and protocol.
func TestSLT(t *testing.T) {
	for _, c := range []struct {
		label    string
		o        Options
		protocol Protocol
		set      string
		skip     string // a file that would run for hours
	}{
		{"slots1", Options{Slots: 1}, Simple, "", ""},
		{"slots4", Options{Slots: 4}, Extended, "", ""},
		{"binary", Options{}, Binary, "", ""},
		{"shuffle", Options{Slots: 3}, Extended, "SET broadcast_threshold TO 0", ""},
		{"norules", Options{}, Simple, "SET disabled_rules TO '" + strings.Join(optimizer.OptionalRules(), ",") + "'", "tpch"},
		{"batch2", Options{Slots: 3, BatchSize: 2}, Simple, "", ""},
	} {
		t.Run(c.label, func(t *testing.T) {
			s := Start(t, c.o)
			t.Run("files", func(t *testing.T) {
				for _, f := range files(t) {
					name := strings.TrimSuffix(filepath.Base(f), ".slt")
					if name == c.skip {
						continue
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						runFile(t, s, f, c.protocol, c.set, []string{"flint", c.label, string(c.protocol)})
					})
				}
			})
		})
	}
}

func runFile(t *testing.T, s *Server, path string, p Protocol, set string, labels []string) {
	records, err := Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	conn := s.Connect(t, "tpch")
	if set != "" {
		if _, err := send(ctx, conn.PgConn(), Simple, set, 0); err != nil {
			t.Fatal(err)
		}
	}
	for i := range records {
		r := &records[i]
		if r.SQL == "" || !r.Applies(labels) {
			continue
		}
		if err := r.Run(ctx, conn, p); err != nil {
			t.Error(err)
		}
		if conn.PgConn().IsClosed() {
			t.Fatalf("%s:%d: the connection is gone", path, r.Line)
		}
	}
}
