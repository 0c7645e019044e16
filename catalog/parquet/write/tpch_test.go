package write

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"
)

func TestGenerateTo(t *testing.T) {
	dir, sf := os.Getenv("FLINT_TPCH_DIR"), os.Getenv("FLINT_TPCH_SF")
	if dir == "" {
		t.Skip("FLINT_TPCH_DIR names no folder to fill")
	}
	f, _ := strconv.ParseFloat(sf, 64)
	start := time.Now()
	if err := TPCH(context.Background(), f, dir, Options{}); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(start))
}
