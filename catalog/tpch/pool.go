package tpch

import (
	"sync"

	"github.com/flintsql/flint/catalog/tpch/dbgen"
	"github.com/flintsql/flint/exec/memory"
)

const (
	// poolBlock is the memory that one comment can add to the pool.
	poolBlock = 1 << 16
	// poolPart is the part of the process's memory that may be text: with less than
	// poolPart times the pool, only where sentences begin is kept.
	poolPart = 8
)

// pool is the pseudo text that all readers share, charged before it grows: a
// reader announces how many comments it is about to make, and what they may
// need at most stays reserved until it is done.
type pool struct {
	text    *dbgen.TextPool
	account *memory.Account // nil = not charged
	small   bool            // there is little memory: text is written again where it is needed

	mu      sync.Mutex
	held    int64
	pending int64 // upper bound of what the fills under way may add
}

func newPool(account *memory.Account) *pool {
	p := &pool{text: dbgen.NewTextPool(nil)}
	if account != nil {
		p.account = account.Child("tpch comments", 0)
		p.small = account.Limit() > 0 && account.Limit() < poolPart*dbgen.MaxPoolBytes
	}
	return p
}

// begin reserves what making comments for n rows may take, or fails with
// 53200. After success the caller makes them and then calls end with what
// begin returned.
func (p *pool) begin(n int) (bound int64, err error) {
	if p.account == nil || p.text.IsSparse() || p.text.Bytes() == dbgen.MaxPoolBytes {
		return 0, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.small {
		bound = int64(n) * poolBlock
		if err = p.charge(p.pending + bound); err == nil {
			p.pending += bound
			return bound, nil
		}
	}
	if p.text.IsSparse() {
		return 0, nil
	}
	if err := p.charge(p.pending + dbgen.SparsePoolBytes); err != nil {
		return 0, err
	}
	p.pending += dbgen.SparsePoolBytes // for good
	p.text.Sparse()
	return 0, nil
}

// end gives back what of a bound was not used.
func (p *pool) end(bound int64) {
	if bound == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pending -= bound
	// Charging less cannot fail, and more cannot be needed: what the text
	// grew by was within the bounds.
	_ = p.charge(p.pending)
}

// charge sets the reservation to the text's size plus pending bytes.
func (p *pool) charge(pending int64) error {
	return p.account.Resize(&p.held, min(dbgen.MaxPoolBytes+dbgen.SparsePoolBytes, p.text.Bytes()+pending))
}
