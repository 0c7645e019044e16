package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"
)

// genCmd generates tables for the suites. TPC-H comes from flint gen tpch.
type genCmd struct {
	Hits  genHitsCmd  `cmd:"" help:"One table of page views for the suite clickbench."`
	Micro genMicroCmd `cmd:"" help:"Tables for the suite micro: one column an encoding, one column a number of groups."`
}

// rowGroupRows is DuckDB's and Flint's size of a row group.
const rowGroupRows = 122_880

// writeTable writes rows that next fills, as one Parquet file under dir.
func writeTable[T any](ctx context.Context, dir, name string, rows int64, next func(i int64, row *T)) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	began := time.Now()
	f, err := os.Create(filepath.Join(dir, name+".parquet"))
	if err != nil {
		return err
	}
	defer f.Close()
	w := parquet.NewGenericWriter[T](f, parquet.MaxRowsPerRowGroup(rowGroupRows), parquet.Compression(&parquet.Snappy), parquet.DataPageStatistics(true))
	batch := make([]T, 8192)
	for i := int64(0); i < rows; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(int64(len(batch)), rows-i)
		for k := range batch[:n] {
			next(i+int64(k), &batch[k])
		}
		if _, err := w.Write(batch[:n]); err != nil {
			return err
		}
		i += n
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	fmt.Printf("%s: %d rows in %.1f s\n", name, rows, time.Since(began).Seconds())
	return nil
}

// random makes the values of generated tables; the same seed gives the same.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0))} }

// chance is true with probability p.
func (r random) chance(p float64) bool { return r.Float64() < p }

// rank draws from [0, n) by Zipf's law with exponent 1 (the inverse of its
// continuous form): the first of a million gets about a twentieth of the draws.
func (r random) rank(n int64) int64 {
	return min(int64(math.Exp(r.Float64()*math.Log(float64(n)+1)))-1, n-1)
}

// scatter is a bijection of 64 bits that hides order (Murmur3's finalizer).
func scatter(x uint64) uint64 {
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
