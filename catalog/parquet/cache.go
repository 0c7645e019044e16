package parquet

import (
	"sync"
	"sync/atomic"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// Cache keeps decoded pages of many files in memory, in the layout in which
// readers hand them on. A page that is found costs neither reading nor decompression nor decoding. When the cache
// is full, a page gives way only after patience lookups for every page kept without being used: a table larger
// than the cache, read over and over, then keeps a part of itself in it instead of pushing itself through. The
// memory is charged to an account, and given back when a query wants it. It is safe for concurrent use.
type Cache struct {
	account *memory.Account
	limit   int64
	clock   atomic.Int64 // lookups

	mu    sync.RWMutex
	known map[pageKey]*cachedPage
	held  int64
}

const (
	// patience is how many lookups a page waits for its next use, per page kept.
	patience = 4
	// victims is how many pages are looked at to find one that gives way.
	victims = 16
	// entryBytes is about what an entry takes without its page.
	entryBytes = 640
)

// pageKey names a page by its file's version and its header's offset.
type pageKey struct {
	file *file
	at   int64
}

// cachedPage is a page that nobody changes any more.
type cachedPage struct {
	key    pageKey
	header pageHeader
	body   int64
	next   int64 // where the next page's header lies
	page   page
	dict   *vector.Vector // of layoutWords
	size   int64
	used   atomic.Int64 // the clock at its last use
}

// NewCache returns a cache of at most limit bytes, charged to a child of
// account. It returns nil, which caches nothing, without a limit.
func NewCache(account *memory.Account, limit int64) *Cache {
	if limit <= 0 {
		return nil
	}
	c := &Cache{account: account.Storage("parquet cache"), limit: limit, known: map[pageKey]*cachedPage{}}
	account.OnPressure(c.shrink)
	return c
}

// get returns a page, nil if it is not there.
func (c *Cache) get(k pageKey) *cachedPage {
	if c == nil {
		return nil
	}
	now := c.clock.Add(1)
	c.mu.RLock()
	p := c.known[k]
	c.mu.RUnlock()
	if p != nil {
		p.used.Store(now)
	}
	return p
}

// has reports whether a page is there, which does not count as a use.
func (c *Cache) has(k pageKey) bool {
	if c == nil {
		return false
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.known[k] != nil
}

// reserve makes room for a page of n bytes; false when it should not be kept.
// A put or a release must follow.
func (c *Cache) reserve(n int64) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	for c.held+n > c.limit {
		p := c.victim()
		if p == nil || c.clock.Load()-p.used.Load() <= patience*int64(len(c.known)) {
			c.mu.Unlock()
			return false
		}
		c.drop(p)
	}
	c.held += n
	c.mu.Unlock()
	if c.account.TryReserve(n) {
		return true
	}
	c.mu.Lock()
	c.held -= n
	c.mu.Unlock()
	return false
}

// release gives back what was reserved.
func (c *Cache) release(n int64) {
	c.mu.Lock()
	c.held -= n
	c.mu.Unlock()
	c.account.Release(n)
}

// put keeps a page for which p.size bytes are reserved.
func (c *Cache) put(p *cachedPage) {
	p.used.Store(c.clock.Load())
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.known[p.key]; ok { // another reader was faster
		c.held -= p.size
		c.account.Release(p.size)
		return
	}
	c.known[p.key] = p
}

// shrink drops pages until n bytes are free, and returns how many are.
func (c *Cache) shrink(n int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.held
	for c.held > before-n && len(c.known) > 0 {
		c.drop(c.victim())
	}
	return before - c.held
}

// victim returns the page that was used longest ago among a few at random, nil
// if there is none. c.mu is held.
func (c *Cache) victim() *cachedPage {
	var oldest *cachedPage
	n := 0
	for _, p := range c.known { // Go's maps start anywhere
		if oldest == nil || p.used.Load() < oldest.used.Load() {
			oldest = p
		}
		if n++; n == victims {
			break
		}
	}
	return oldest
}

// drop forgets a page. c.mu is held.
func (c *Cache) drop(p *cachedPage) {
	delete(c.known, p.key)
	c.held -= p.size
	c.account.Release(p.size)
}
