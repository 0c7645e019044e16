package clustertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/flintsql/flint/catalog/parquet/write"
	"github.com/flintsql/flint/server/slt"
)

// TestAnswers proves the 22 answers on 1 driver and 2 workers × 2 executors, on
// the tpch connector and on Parquet, through the simple and the extended protocol.
// FLINT_TPCH=full runs SF 0.01, 0.1 and 1, else 0.01.
func TestAnswers(t *testing.T) {
	answers := slt.Shared(t, "tpch", "answers")
	scales := []struct {
		name, schema string
		sf           float64
	}{{"sf0.01", "tiny", 0.01}, {"sf0.1", "sf0_1", 0.1}, {"sf1", "sf1", 1}}
	if os.Getenv("FLINT_TPCH") != "full" {
		scales = scales[:1]
	}
	var flags []string
	for _, s := range scales {
		dir := t.TempDir()
		if err := write.TPCH(t.Context(), s.sf, dir, write.Options{}); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--catalog", s.schema+"="+dir)
	}
	c := Start(t, Binary(t), Options{Workers: 2, Executors: 2, Slots: 1, DriverArgs: flags})
	for _, s := range scales {
		for _, db := range []string{"tpch", s.schema} {
			t.Run(s.name+"/"+map[bool]string{true: "tpch", false: "parquet"}[db == "tpch"], func(t *testing.T) {
				conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgres://test@%s/%s?sslmode=disable", c.sql, db))
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close(t.Context())
				var settings []string
				if db == "tpch" {
					settings = []string{"SET search_path TO " + s.schema}
				}
				slt.RunTPCH(t, conn, filepath.Join(answers, s.name), settings...)
			})
		}
	}
	c.CheckIdle()
}
