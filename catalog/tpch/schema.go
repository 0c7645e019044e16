package tpch

import (
	"strconv"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/catalog/tpch/dbgen"
)

// scaleOf returns the scale factor that a schema's name stands for: tiny, sfN
// or sfN_M for N.M with up to three decimals.
func scaleOf(schema string) (dbgen.Scale, error) {
	if schema == "tiny" {
		return dbgen.ScaleOfThousandths(10)
	}
	digits, ok := strings.CutPrefix(schema, "sf")
	if !ok {
		return dbgen.Scale{}, catalog.ErrNotFound
	}
	whole, fraction, hasFraction := strings.Cut(digits, "_")
	if !isNumber(whole, 5) || hasFraction && !isNumber(fraction, 3) {
		return dbgen.Scale{}, catalog.ErrNotFound
	}
	n, err := strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
	if err != nil {
		return dbgen.Scale{}, catalog.ErrNotFound
	}
	scale, err := dbgen.ScaleOfThousandths(n)
	if err != nil {
		return dbgen.Scale{}, catalog.ErrNotFound
	}
	return scale, nil
}

// isNumber reports one to width decimal digits.
func isNumber(s string, width int) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= width
}
