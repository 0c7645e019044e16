package dbgen

var regionTable = Table{
	Name: "region", base: int64(len(regionNames)), fixed: true, rowsPerUnit: 1,
	Columns: []Column{
		{Name: "r_regionkey", Kind: Int32, fill: fillOrdinal, stats: ordinals(int64(len(regionNames)))},
		{Name: "r_name", Kind: Enum, Dict: regionNames, Length: 25, Fixed: true, fill: fillOrdinal},
		{Name: "r_comment", Kind: Text, Length: 152, Pooled: true, fill: newComment(1500869201, 2, 72).fill, stats: wide(72)},
	},
}

var nationTable = Table{
	Name: "nation", base: int64(len(nations)), fixed: true, rowsPerUnit: 1,
	Columns: []Column{
		{Name: "n_nationkey", Kind: Int32, fill: fillOrdinal, stats: ordinals(int64(len(nations)))},
		{Name: "n_name", Kind: Enum, Dict: nationNames, Length: 25, Fixed: true, fill: fillOrdinal},
		{Name: "n_regionkey", Kind: Int32, fill: fillNationRegion, stats: between(0, 4)},
		{Name: "n_comment", Kind: Text, Length: 152, Pooled: true, fill: newComment(606179079, 2, 72).fill, stats: wide(72)},
	},
}

func fillNationRegion(g *Generator, dst *Vector) {
	for i := range dst.int32s(g.rows) {
		dst.Int32[i] = nations[g.first+int64(i)].region
	}
}
