package dbgen

import "math/bits"

// suppliersPerPart is the number of partsupp rows of each part. Each row has
// the same number of draws, so the streams run on evenly over rows.
const suppliersPerPart = 4

var (
	partsuppQuantity = stream{1671059989, 1}
	partsuppCost     = stream{1051288424, 1}
	partsuppComment  = newComment(1961692154, 2, 124)
)

var partsuppTable = Table{
	Name: "partsupp", base: partBase, rowsPerUnit: suppliersPerPart,
	Columns: []Column{
		{Name: "ps_partkey", Kind: Int64, fill: fillPartsuppPart, stats: everyKeyOf(partBase)},
		{Name: "ps_suppkey", Kind: Int64, fill: fillPartsuppSupplier, stats: everyKeyOf(supplierBase)},
		{Name: "ps_availqty", Kind: Int32, fill: fillPartsuppQuantity, stats: between(1, 9999)},
		{Name: "ps_supplycost", Kind: Decimal, fill: fillPartsuppCost, stats: between(100, 100000)},
		{Name: "ps_comment", Kind: Text, Length: 199, Pooled: true, fill: fillPartsuppComment, stats: wide(124)},
	},
}

func fillPartsuppPart(g *Generator, dst *Vector) {
	for i := range dst.int64s(g.rows) {
		dst.Int64[i] = g.first + int64(i/suppliersPerPart) + 1
	}
}

func fillPartsuppSupplier(g *Generator, dst *Vector) {
	s := newSuppliers(g.scale)
	for i := range dst.int64s(g.rows) {
		dst.Int64[i] = s.of(uint64(g.first+int64(i/suppliersPerPart)+1), uint64(i%suppliersPerPart))
	}
}

func fillPartsuppQuantity(g *Generator, dst *Vector) {
	scaleInto(dst.int32s(g.rows), g.drawRows(&g.seeds, partsuppQuantity, 0), 1, 9999, 1)
}

func fillPartsuppCost(g *Generator, dst *Vector) {
	scaleInto(dst.int64s(g.rows), g.drawRows(&g.seeds, partsuppCost, 0), 100, 99901, 1)
}

func fillPartsuppComment(g *Generator, dst *Vector) {
	s := partsuppComment.stream
	partsuppComment.cut(g, dst, g.drawRows(&g.seeds, s, 0), g.drawRows(&g.seeds2, s, 1))
}

// drawRows sets *dst to the seeds of the given draw of each partsupp row.
func (g *Generator) drawRows(dst *[]uint32, s stream, draw int64) []uint32 {
	*dst = resize(*dst, g.rows)
	fillSeeds(*dst, mulmod(s.at(g.first*suppliersPerPart), power(multiplier, draw+1)), s.step())
	return *dst
}

// suppliers computes the suppliers of parts at one scale.
type suppliers struct{ count, quarter, inverse uint64 }

// newSuppliers prepares division by the number of suppliers.
func newSuppliers(s Scale) suppliers {
	count := uint64(s.of(supplierBase))
	return suppliers{count: count, quarter: count / suppliersPerPart, inverse: ^uint64(0)/count + 1}
}

// quotient divides by the number of suppliers: exact as long as the product
// of both operands is below 2⁶⁴, and it stays below 2⁶¹ up to MaxScaleFactor.
func (s suppliers) quotient(n uint64) uint64 {
	if s.count == 1 {
		return n
	}
	q, _ := bits.Mul64(n, s.inverse)
	return q
}

// of returns the i-th (0 to 3) supplier of a part.
func (s suppliers) of(part, i uint64) int64 {
	n := part + i*(s.quarter+s.quotient(part-1))
	return int64(n-s.quotient(n)*s.count) + 1
}
