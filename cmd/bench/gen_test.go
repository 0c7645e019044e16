package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// TestHits holds the generated page views to the shape that their queries count on.
func TestHits(t *testing.T) {
	dir := t.TempDir()
	const rows = 20_000
	gen := genHitsCmd{Rows: rows, Out: dir, Seed: 1}
	if err := gen.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	hits, err := parquet.ReadFile[hit](filepath.Join(dir, "hits.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	users, phrases, first := map[int64]int{}, 0, 0
	for _, h := range hits {
		users[h.UserID]++
		if h.SearchPhrase != "" {
			phrases++
		}
		if h.CounterID == 62 {
			first++
		}
		if day := h.EventTime.Unix() / 86400; day != int64(h.EventDate) {
			t.Fatalf("%v is not on day %d", h.EventTime, h.EventDate)
		}
	}
	most := 0
	for _, n := range users {
		most = max(most, n)
	}
	if len(hits) != rows || len(users) < 1000 || most < rows/50 || phrases < rows/10 || phrases > rows/6 || first < rows/50 {
		t.Errorf("%d rows, %d users, %d of the first, %d phrases, %d views of counter 62", len(hits), len(users), most, phrases, first)
	}
	again := genHitsCmd{Rows: rows, Out: t.TempDir(), Seed: 1}
	if err := again.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	a, _ := os.ReadFile(filepath.Join(dir, "hits.parquet"))
	b, _ := os.ReadFile(filepath.Join(again.Out, "hits.parquet"))
	if len(a) == 0 || string(a) != string(b) {
		t.Error("the same seed gives another file")
	}
}

// TestSmoke runs a suite on Flint alone; it needs make build.
func TestSmoke(t *testing.T) {
	bin, err := filepath.Abs("../../bin/flint")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		t.Skip("bin/flint is not built")
	}
	dir := t.TempDir()
	gen := genMicroCmd{Rows: 5000, Out: dir}
	ctx := context.Background()
	if err := gen.Run(ctx); err != nil {
		t.Fatal(err)
	}
	o := &options{Suite: "micro", Data: []string{dir}, Flint: bin, Threads: 2, Runs: 1, Timeout: 60e9, Python: "python3", Peers: []string{"none"}, Check: true}
	if exec.Command("python3", "-c", "import duckdb").Run() == nil {
		o.Peers = []string{"duckdb"}
	}
	qs, err := suiteQueries(o)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := runSuite(ctx, o, qs, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	if err := rep.failure(); err != nil {
		t.Error(err)
	}
	if len(rep.Queries) < 35 {
		t.Errorf("%d queries ran", len(rep.Queries))
	}
}
