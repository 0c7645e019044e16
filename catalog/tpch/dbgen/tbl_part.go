package dbgen

var (
	partName         = stream{709314158, int64(len(colours))}
	partManufacturer = stream{1, 1}
	partBrand        = stream{46831694, 1}
)

// nameWords is the number of different colours in a part's name.
const nameWords = 5

var partTable = Table{
	Name: "part", base: partBase, rowsPerUnit: 1,
	Columns: []Column{
		{Name: "p_partkey", Kind: Int64, fill: fillKey, stats: unique(partBase)},
		{Name: "p_name", Kind: Text, Length: 55, fill: fillPartName, stats: wide(33)},
		{Name: "p_mfgr", Kind: Enum, Dict: manufacturers, Length: 25, Fixed: true,
			fill: fillInt32(partManufacturer, 0, int64(len(manufacturers)))},
		{Name: "p_brand", Kind: Enum, Dict: brands, Length: 10, Fixed: true, fill: fillBrand},
		{Name: "p_type", Kind: Enum, Dict: partTypes, Length: 25, fill: fillInt32(stream{1841581359, 1}, 0, int64(len(partTypes)))},
		{Name: "p_size", Kind: Int32, fill: fillInt32(stream{1193163244, 1}, 1, 50), stats: between(1, 50)},
		{Name: "p_container", Kind: Enum, Dict: containers, Length: 10, Fixed: true,
			fill: fillInt32(stream{727633698, 1}, 0, int64(len(containers)))},
		{Name: "p_retailprice", Kind: Decimal, fill: fillRetailPrice, stats: prices(1)},
		{Name: "p_comment", Kind: Text, Length: 23, Pooled: true, fill: newComment(804159733, 2, 14).fill, stats: wide(14)},
	},
}

// fillPartName joins the first colours of a shuffle of all of them.
func fillPartName(g *Generator, dst *Vector) {
	dst.startText(g.rows, 36)
	var order [256]uint8
	for i := range order {
		order[i] = uint8(i)
	}
	for _, first := range g.pick(g.draw(partName, 0)) {
		var swapped [nameWords]uint8
		seed := uint64(first)
		for i := range swapped {
			j := uint8(uint64(i) + uniform(uint32(seed), uint64(len(colours)-i)))
			order[i], order[j] = order[j], order[i]
			swapped[i] = j
			if i > 0 {
				dst.Data = append(dst.Data, ' ')
			}
			dst.Data = append(dst.Data, colours[order[i]]...)
			seed = mulmod(seed, multiplier)
		}
		for i := nameWords - 1; i >= 0; i-- {
			j := swapped[i]
			order[i], order[j] = order[j], order[i]
		}
		dst.endValue()
	}
	g.place(dst)
}

// fillBrand fills the brand, whose first digit is the manufacturer's.
func fillBrand(g *Generator, dst *Vector) {
	scaleInto(dst.int32s(g.rows), g.draw(partManufacturer, 0), 0, 5, 5)
	for i, s := range g.draw(partBrand, 0) {
		dst.Int32[i] += int32(uniform(s, 5))
	}
}

func fillRetailPrice(g *Generator, dst *Vector) {
	for i := range dst.int64s(g.rows) {
		dst.Int64[i] = retailPrice(uint64(g.first + int64(i) + 1))
	}
}

// retailPrice returns a part's price in hundredths: 900 plus its key modulo
// 1,000 plus up to 200.
func retailPrice(part uint64) int64 {
	return int64(90000 + part/10%20001 + part%1000*100)
}
