package slt

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/parquet"
	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/exec/memory"
)

// scales are the scale factors with answers; FLINT_TPCH=full adds SF 1.
func scales() map[string]float64 {
	out := map[string]float64{"sf0.01": 0.01}
	if !testing.Short() {
		out["sf0.1"] = 0.1
	}
	if os.Getenv("FLINT_TPCH") == "full" {
		out["sf1"] = 1
	}
	return out
}

var schemaOf = map[string]string{"sf0.01": "tiny", "sf0.1": "sf0_1", "sf1": "sf1"}

// TestTPCH proves the 22 queries' answers over the wire, with the simple and the
// extended protocol, on the tpch connector.
func TestTPCH(t *testing.T) {
	answers := Shared(t, "tpch", "answers")
	s := Start(t, Options{})
	for name := range scales() {
		t.Run(name, func(t *testing.T) {
			RunTPCH(t, s.Connect(t, "tpch"), filepath.Join(answers, name), "SET search_path TO "+schemaOf[name])
		})
	}
}

// TestTPCHParquet proves them on Parquet files that Flint wrote.
func TestTPCHParquet(t *testing.T) {
	answers := Shared(t, "tpch", "answers")
	for name, sf := range scales() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := write.TPCH(t.Context(), sf, dir, write.Options{}); err != nil {
				t.Fatal(err)
			}
			files, err := parquet.New(dir, memory.NewRoot("footers", 0))
			if err != nil {
				t.Fatal(err)
			}
			defer files.Close()
			files.UseCache(parquet.NewCache(memory.NewRoot("pages", 0), 64<<20)) // holds all of the small, a part of the large
			s := Start(t, Options{Catalogs: map[string]catalog.Connector{"files": files}})
			RunTPCH(t, s.Connect(t, "files"), filepath.Join(answers, name))
		})
	}
}

// TestTPCHShuffled proves the answers again with all joins over hash exchanges.
func TestTPCHShuffled(t *testing.T) {
	answers := Shared(t, "tpch", "answers", "sf0.1")
	if testing.Short() {
		t.Skip("takes some seconds: run without -short")
	}
	s := Start(t, Options{Slots: 3})
	RunTPCH(t, s.Connect(t, "tpch"), answers, "SET broadcast_threshold TO 0", "SET spool_threshold TO 1", "SET search_path TO sf0_1")
}
