package exec

import "github.com/flintsql/flint/sql/sqlerr"

// mustSpill reports whether an operator that holds that many rows has to move
// them to disk: it has more than its share, and memory is short.
func (b *base) mustSpill(rows int) bool {
	if b.env.Spill == nil || rows == 0 {
		return false
	}
	if n := b.env.SpillRows; n > 0 && rows >= n {
		return true
	}
	return b.env.SpillShare > 0 && b.held > b.env.SpillShare
}

// maySpill reports whether an operator that holds that many rows can go on after
// an error by moving them to disk.
func (b *base) maySpill(rows int, err error) bool {
	return b.env.Spill != nil && rows > 0 && sqlerr.Code(err) == sqlerr.OutOfMemory
}
