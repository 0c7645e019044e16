package analyzer

import (
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

func windowsOf(name string) []*function.Window {
	a := types.Of(types.AnyElement)
	switch name {
	case "row_number", "rank", "dense_rank":
		return []*function.Window{{Name: name, Result: types.Of(types.Int8)}}
	case "lag", "lead":
		return []*function.Window{{Name: name, Args: []types.Type{a}, Result: a}}
	}
	return nil
}

func tablesOf(name string) []*function.Table {
	i := types.Of(types.Int4)
	switch name {
	case "generate_series":
		return []*function.Table{{Name: name, Args: []types.Type{i, i}, Columns: func(a []types.Type) []types.Field { return []types.Field{{Name: name, Type: i}} }}}
	case "unnest":
		return []*function.Table{{Name: name, Args: []types.Type{{Kind: types.Array}}, Columns: func(a []types.Type) []types.Field {
			return []types.Field{{Name: name, Type: a[0].ElemType(), Nullable: true}}
		}}}
	}
	return nil
}
