package function

import (
	_ "embed"
	"strings"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// keywords has PostgreSQL 15's key words with their category; ! marks those
// that need AS to be a label.
//
//go:embed keywords.txt
var keywords string

// catalogTables are the set-returning functions that clients call beside the
// system tables.
var catalogTables = []Table{
	{Name: "pg_get_keywords", Columns: keywordColumns, Call: listKeywords},
	{Name: "_pg_expandarray", Args: sig(anyArray), Columns: expandColumns, Call: expandArray},
	{Name: "pg_partition_ancestors", Args: sig(types.Of(types.RegClass)), Volatility: Stable, Columns: ancestorColumns, Call: noRows},
	{Name: "pg_partition_tree", Args: sig(types.Of(types.RegClass)), Volatility: Stable, Columns: partitionColumns, Call: noRows},
	{Name: "pg_options_to_table", Args: sig(types.ArrayOf(tText)), Volatility: Stable, Columns: optionColumns, Call: listOptions},
	{Name: "aclexplode", Args: sig(types.ArrayOf(tText)), Volatility: Stable, Columns: aclColumns, Call: noRows},
	{Name: "pg_listening_channels", Volatility: Stable, Columns: textColumn("pg_listening_channels"), Call: noRows},
}

// noRows is for what Flint does not have: partitioned tables, grants, channels.
func noRows(*Context, []*vector.Vector, int, func(*vector.Batch) error) error { return nil }

func ancestorColumns([]types.Type) []types.Field {
	return []types.Field{{Name: "relid", Type: types.Of(types.RegClass), Nullable: true}}
}

func partitionColumns([]types.Type) []types.Field {
	reg := types.Of(types.RegClass)
	return []types.Field{{Name: "relid", Type: reg, Nullable: true}, {Name: "parentrelid", Type: reg, Nullable: true},
		{Name: "isleaf", Type: tBool, Nullable: true}, {Name: "level", Type: tInt4, Nullable: true}}
}

func aclColumns([]types.Type) []types.Field {
	return []types.Field{{Name: "grantor", Type: tOID, Nullable: true}, {Name: "grantee", Type: tOID, Nullable: true},
		{Name: "privilege_type", Type: tText, Nullable: true}, {Name: "is_grantable", Type: tBool, Nullable: true}}
}

func optionColumns([]types.Type) []types.Field {
	return []types.Field{{Name: "option_name", Type: tText, Nullable: true}, {Name: "option_value", Type: tText, Nullable: true}}
}

// listOptions splits options of the form name=value.
func listOptions(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if anyNull(args, i) {
		return nil
	}
	names, values := vector.NewBuilder(tText, 0), vector.NewBuilder(tText, 0)
	for _, o := range args[0].Get(i).List {
		n, v, ok := strings.Cut(o.S, "=")
		names.Append(value.Text(n))
		values.Append(value.Value{Type: tText, S: v, Null: !ok})
	}
	return emit(&vector.Batch{Rows: names.Len(), Cols: []*vector.Vector{names.Finish(), values.Finish()}, Owned: true})
}

func keywordColumns([]types.Type) []types.Field {
	return []types.Field{{Name: "word", Type: tText}, {Name: "catcode", Type: tQChar}, {Name: "barelabel", Type: tBool},
		{Name: "catdesc", Type: tText}, {Name: "baredesc", Type: tText}}
}

func listKeywords(_ *Context, _ []*vector.Vector, _ int, emit func(*vector.Batch) error) error {
	about := map[string]string{"U": "unreserved", "R": "reserved", "C": "unreserved (cannot be function or type name)",
		"T": "reserved (can be function or type name)"}
	var cols []*vector.Builder
	for _, f := range keywordColumns(nil) {
		cols = append(cols, vector.NewBuilder(f.Type, 500))
	}
	for _, line := range strings.Split(strings.TrimSpace(keywords), "\n") {
		word, code, _ := strings.Cut(line, " ")
		code, needsAs := strings.CutSuffix(code, "!")
		label := "can be bare label"
		if needsAs {
			label = "requires AS"
		}
		for k, v := range []value.Value{value.Text(word), {Type: tQChar, S: code}, value.Bool(!needsAs), value.Text(about[code]), value.Text(label)} {
			cols[k].Append(v)
		}
	}
	out := &vector.Batch{Rows: cols[0].Len(), Owned: true}
	for _, c := range cols {
		out.Cols = append(out.Cols, c.Finish())
	}
	return emit(out)
}

// expandColumns are x, the element, and n, its number from 1.
func expandColumns(args []types.Type) []types.Field {
	return []types.Field{{Name: "x", Type: vector.ListElem(args[0]), Nullable: true}, {Name: "n", Type: tInt4, Nullable: true}}
}

func expandArray(_ *Context, args []*vector.Vector, i int, emit func(*vector.Batch) error) error {
	if anyNull(args, i) {
		return nil
	}
	x, n := vector.NewBuilder(vector.ListElem(args[0].Type), 0), vector.NewBuilder(tInt4, 0)
	for k, e := range args[0].Get(i).List {
		x.Append(e)
		n.Append(value.Int4(int32(k + 1)))
	}
	return emit(&vector.Batch{Rows: x.Len(), Cols: []*vector.Vector{x.Finish(), n.Finish()}, Owned: true})
}
