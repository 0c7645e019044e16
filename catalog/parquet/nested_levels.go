package parquet

import (
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// nestedLevels decodes both kinds of levels of a page of a nested column.
func (c *chunk) nestedLevels(h *pageHeader, reps, defs []byte) (err error) {
	p := &c.page
	if !h.v2 && (h.defEncoding == format.BitPacked || h.repEncoding == format.BitPacked) {
		return corrupt("bit-packed levels are not supported")
	}
	if p.reps, err = c.levels(p.reps, reps, c.maxRep); err != nil {
		return err
	}
	if p.defs, err = c.levels(p.defs, defs, c.maxDef); err != nil {
		return err
	}
	p.count = 0
	for _, d := range p.defs {
		if int(d) == c.maxDef {
			p.count++
		}
	}
	return nil
}

// levels decodes the levels of a page into buf.
func (c *chunk) levels(buf []int32, src []byte, most int) ([]int32, error) {
	buf, err := grow(c.budget, buf, c.page.levels)
	if err != nil {
		return buf, err
	}
	if most == 0 {
		clear(buf)
		return buf, nil
	}
	var h hybrid
	if err := h.reset(src, uint(bits.Len(uint(most))), int32(most)); err != nil {
		return buf, err
	}
	return buf, h.next(buf)
}
