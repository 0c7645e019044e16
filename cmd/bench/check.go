package main

import (
	"fmt"
	"hash/crc32"
	"math"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// fingerprint sums up a column of an answer so that the order of rows and the
// last digits of floats do not matter. It does not see values swapped between
// the rows of one column; the logic tests prove answers, this guards a benchmark.
type fingerprint struct {
	Nulls, Numbers int64
	Sum            float64
	Texts, CRC     int64
}

// crcModulus keeps sums of CRCs exact in every language's JSON.
const crcModulus = 1 << 52

// addRow adds the text forms of one row.
func addRow(columns []fingerprint, fields []pgconn.FieldDescription, values [][]byte) {
	for i, v := range values {
		columns[i].add(v, isNumber(fields[i].DataTypeOID))
	}
}

func isNumber(oid uint32) bool {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID:
		return true
	}
	return false
}

func (f *fingerprint) add(v []byte, number bool) {
	if v == nil {
		f.Nulls++
		return
	}
	if number {
		if x, err := strconv.ParseFloat(string(v), 64); err == nil {
			if math.IsNaN(x) { // some peers write NULL so
				f.Nulls++
				return
			}
			f.Numbers++
			f.Sum += x
			return
		}
	}
	f.Texts++
	f.CRC = (f.CRC + int64(crc32.ChecksumIEEE([]byte(strings.TrimRight(string(v), " "))))) % crcModulus
}

// sameAnswer compares two answers' fingerprints; a nil one was not taken.
func sameAnswer(a, b []fingerprint) error {
	if a == nil || b == nil || len(b) == 0 { // some peers do not name the columns of no rows
		return nil
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d columns, not %d", len(b), len(a))
	}
	for i := range a {
		x, y := a[i], b[i]
		const close = 1e-6
		off := math.Abs(x.Sum - y.Sum)
		if x.Nulls != y.Nulls || x.Numbers != y.Numbers || x.Texts != y.Texts || x.CRC != y.CRC || off > close*math.Max(1, math.Abs(x.Sum)) {
			return fmt.Errorf("column %d differs: %+v, not %+v", i+1, y, x)
		}
	}
	return nil
}
