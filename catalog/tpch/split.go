package tpch

import (
	"fmt"

	"github.com/flintsql/flint/catalog/tpch/dbgen"
)

// payload says which units of which table a split holds.
type payload struct {
	table      string
	scale      dbgen.Scale
	first, end int64
}

// encode returns the payload as text, such as "lineitem 1000 0 131072" with
// the scale factor in thousandths.
func (p payload) encode() []byte {
	return fmt.Appendf(nil, "%s %d %d %d", p.table, p.scale.Thousandths(), p.first, p.end)
}

// decodePayload reads what encode wrote.
func decodePayload(b []byte) (payload, error) {
	var p payload
	var thousandths int64
	if _, err := fmt.Sscanf(string(b), "%s %d %d %d", &p.table, &thousandths, &p.first, &p.end); err != nil {
		return p, fmt.Errorf("tpch split %q: %w", b, err)
	}
	var err error
	if p.scale, err = dbgen.ScaleOfThousandths(thousandths); err != nil {
		return p, fmt.Errorf("tpch split %q: %w", b, err)
	}
	return p, nil
}
