package dbgen

import "slices"

var (
	supplierNation  = stream{110356601, 1}
	supplierPhone   = stream{884434366, 3}
	supplierAddress = stream{706178559, addressDraws}
	supplierComment = newComment(1341315363, 2, 63)
)

// Ten of 10,000 suppliers on average carry a complaint or a recommendation
// that overwrites a part of their comment.
var (
	pressChosen = stream{202794285, 1}
	pressNoise  = stream{263032577, 1}
	pressOffset = stream{715851524, 1}
	pressKind   = stream{753643799, 1}
)

const (
	pressOdds      = 10_000
	pressPerOdds   = 10
	pressCustomer  = "Customer "
	pressComplaint = "Complaints"
	pressRecommend = "Recommends"
	pressLength    = len(pressCustomer) + len(pressComplaint)
)

var supplierTable = Table{
	Name: "supplier", base: supplierBase, rowsPerUnit: 1,
	Columns: []Column{
		{Name: "s_suppkey", Kind: Int64, fill: fillKey, stats: unique(supplierBase)},
		{Name: "s_name", Kind: Text, Length: 25, Fixed: true, fill: fillNumbered("Supplier#"), stats: keyName("Supplier#")},
		{Name: "s_address", Kind: Text, Length: 40, fill: fillAddress(supplierAddress), stats: wide(25)},
		{Name: "s_nationkey", Kind: Int32, fill: fillInt32(supplierNation, 0, int64(len(nations))), stats: between(0, 24)},
		{Name: "s_phone", Kind: Text, Length: 15, Fixed: true, fill: fillPhone(supplierPhone, supplierNation), stats: wide(15)},
		{Name: "s_acctbal", Kind: Decimal, fill: fillCents(stream{962338209, 1}, balanceLow, balanceSpan), stats: between(-99999, 999999)},
		{Name: "s_comment", Kind: Text, Length: 101, Pooled: true, fill: fillSupplierComment, stats: wide(63)},
	},
}

func fillSupplierComment(g *Generator, dst *Vector) {
	supplierComment.fill(g, dst)
	chosen := slices.Clone(g.draw(pressChosen, 0))
	for i, s := range chosen {
		if 1+uniform(s, pressOdds) > pressPerOdds {
			continue
		}
		text := dst.Data[dst.Offsets[i]:dst.Offsets[i+1]]
		if len(text) == 0 { // not wanted
			continue
		}
		unit := g.first + int64(i)
		noise := pressNoise.one(unit, len(text)-pressLength+1)
		offset := pressOffset.one(unit, len(text)-pressLength-noise+1)
		kind := pressRecommend
		if pressKind.one(unit, 101) < 50 {
			kind = pressComplaint
		}
		copy(text[offset:], pressCustomer)
		copy(text[offset+len(pressCustomer)+noise:], kind)
	}
}

// one returns the first draw of a single unit, in [0, span).
func (s stream) one(unit int64, span int) int {
	return int(uniform(uint32(mulmod(s.at(unit), multiplier)), uint64(span)))
}
