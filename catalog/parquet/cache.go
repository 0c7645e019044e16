package parquet

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
)

// Cache keeps decoded pages of many files in memory, in the layout in which
// readers hand them on, or narrower once it has been full. A page that is found costs neither reading nor
// decompression nor decoding. When the cache is full, a page gives way to one that was missed before, and comes
// again after less time than the page has lain unused (inter-reference recency: Jiang and Zhang, LIRS, SIGMETRICS
// 2002), or to any after patience lookups for every page kept: a table larger than the cache, read over and over, then
// keeps a part of itself in it instead of pushing itself through, and a query that takes a second turn gets the pages
// of one that doesn't. The memory is charged to an account, and given back when a query wants it. It is safe for
// concurrent use.
type Cache struct {
	account *memory.Account
	limit   int64
	clock   atomic.Int64 // lookups
	scarce  atomic.Bool  // it has been full: pages are kept narrow from now on

	mu     sync.RWMutex
	known  map[pageKey]*cachedPage
	held   int64
	seed   maphash.Seed
	misses []miss // by hash; a later one takes an earlier one's place
}

// miss is when a page was looked for last and was not there.
type miss struct {
	hash uint64
	at   int64
}

const (
	// patience is how many lookups a page waits for its next use, per page kept.
	patience = 4
	// victims is how many pages are looked at to find one that gives way.
	victims = 16
	// missEach is how many bytes of cache there are for each miss that is remembered.
	missEach  = 16 << 10
	missLeast = 1 << 10
	// entryBytes is about what an entry takes without its page, a part of the misses included.
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
	tried  atomic.Bool  // to be narrow
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
func (c *Cache) reserve(k pageKey, n int64) bool {
	if c == nil || n > c.limit {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.clock.Load()
	wait := int64(-1) // how long others must have lain unused
	for c.held+n > c.limit || !c.account.TryReserve(n) {
		c.scarce.Store(true)
		if wait < 0 {
			wait = min(patience*int64(len(c.known)), c.missed(k, now))
		}
		p := c.victim()
		if p == nil || now-p.used.Load() <= wait {
			return false
		}
		c.drop(p)
	}
	c.held += n
	return true
}

// missed notes that a page is not there, and returns a little more than the
// lookups since that was noted last. c.mu is held.
func (c *Cache) missed(k pageKey, now int64) int64 {
	if c.misses == nil {
		c.seed, c.misses = maphash.MakeSeed(), make([]miss, max(missLeast, c.limit/missEach))
	}
	h := maphash.Comparable(c.seed, k)
	m := &c.misses[h%uint64(len(c.misses))]
	last := *m
	*m = miss{h, now}
	if last.hash != h {
		return math.MaxInt64
	}
	return (now - last.at) + (now-last.at)/8
}

// replace puts the same page in less memory in a page's place, if that is still there.
func (c *Cache) replace(old, p *cachedPage) {
	p.used.Store(old.used.Load())
	p.tried.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[old.key] == old {
		c.known[old.key] = p
		c.held -= old.size - p.size
		c.account.Release(old.size - p.size)
	}
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
	c.scarce.Store(true)
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
