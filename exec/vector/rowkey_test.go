package vector

import (
	"testing"

	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// TestNumericKeys encodes keys of numerics without a static scale, for equality
// and for order: keys are equal exactly where the numerics are.
func TestNumericKeys(t *testing.T) {
	var all []value.Numeric
	for _, s := range []string{"0", "0.000", "1", "1.0", "1.00", "10", "100", "-1", "-1.50", "-1.5", "0.1", "0.10", "1e20", "123456789012345678901234567890",
		"123456789012345678901234567890.00", "-123456789012345678901234567890", "18446744073709551616", "18446744073709551617", "9223372036854775807", "9223372036854775808", "0.000000000000000000001", "NaN", "Infinity", "-Infinity"} {
		x, err := value.ParseNumeric(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		all = append(all, x)
	}
	v := FromSlice(types.Type{Kind: types.Numeric}, all)
	second := FromSlice(types.Type{Kind: types.Int4}, make([]int32, len(all)))
	for _, orders := range [][]KeyOrder{nil, {{}, {}}} {
		keys := RowKeys{Orders: orders}
		if err := keys.Encode([]*Vector{v, second}, nil, len(all)); err != nil {
			t.Fatal(err)
		}
		for i, x := range all {
			for k, y := range all {
				if same := string(keys.Row(i)) == string(keys.Row(k)); same != (x.Cmp(y) == 0) {
					t.Errorf("orders %v: keys of %s and %s are equal: %v", orders, x, y, same)
				}
			}
		}
	}
}
