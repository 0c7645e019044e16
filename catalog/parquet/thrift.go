package parquet

import (
	"encoding/binary"
	"errors"
)

// The types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// thriftDepth limits nesting, so that hostile input cannot exhaust the stack.
const thriftDepth = 32

var (
	errThriftShort = errors.New("metadata ends too early")
	errThriftBad   = errors.New("metadata is malformed")
)

// compact reads Thrift's compact protocol from memory. Lengths are checked
// against the bytes that are left before anything is made of them. The first
// error sticks; after it every value is zero.
type compact struct {
	b     []byte
	pos   int
	depth int
	err   error
}

func (c *compact) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.pos = len(c.b)
}

func (c *compact) byte() byte {
	if c.pos >= len(c.b) {
		c.fail(errThriftShort)
		return 0
	}
	b := c.b[c.pos]
	c.pos++
	return b
}

func (c *compact) uvarint() uint64 {
	if c.pos < len(c.b) && c.b[c.pos] < 0x80 {
		c.pos++
		return uint64(c.b[c.pos-1])
	}
	v, n := binary.Uvarint(c.b[min(c.pos, len(c.b)):])
	if n <= 0 {
		c.fail(errThriftShort)
		return 0
	}
	c.pos += n
	return v
}

// int reads a zigzag integer of any width.
func (c *compact) int() int64 {
	u := c.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// bytes returns a binary without copying it.
func (c *compact) bytes() []byte {
	n := c.uvarint()
	if n > uint64(len(c.b)-c.pos) {
		c.fail(errThriftShort)
		return nil
	}
	b := c.b[c.pos : c.pos+int(n) : c.pos+int(n)]
	c.pos += int(n)
	return b
}

// list reads a list's header. Every element takes at least a byte, so the
// length is never more than what is left.
func (c *compact) list() (n int, elem byte) {
	h := c.byte()
	size := uint64(h >> 4)
	if size == 15 {
		size = c.uvarint()
	}
	if size > uint64(len(c.b)-c.pos) {
		c.fail(errThriftShort)
		return 0, 0
	}
	return int(size), h & 15
}

// structure reads a struct. field is called for each field and returns false
// for those it did not read, which are then skipped.
func (c *compact) structure(field func(id int16, typ byte) bool) {
	if c.depth++; c.depth > thriftDepth {
		c.fail(errThriftBad)
	}
	var id int16
	for c.err == nil {
		h := c.byte()
		if h == 0 {
			break
		}
		if delta := int16(h >> 4); delta != 0 {
			id += delta
		} else {
			id = int16(c.int())
		}
		if !field(id, h&15) {
			c.skip(h & 15)
		}
	}
	c.depth--
}

// skip passes over a value.
func (c *compact) skip(typ byte) {
	switch typ {
	case thriftTrue, thriftFalse:
	case thriftByte:
		c.byte()
	case thriftI16, thriftI32, thriftI64:
		c.uvarint()
	case thriftDouble:
		if c.pos += 8; c.pos > len(c.b) {
			c.fail(errThriftShort)
		}
	case thriftBinary:
		c.bytes()
	case thriftStruct:
		c.structure(func(int16, byte) bool { return false })
	case thriftList, thriftSet:
		c.skipList()
	case thriftMap:
		c.skipMap()
	default:
		c.fail(errThriftBad)
	}
}

func (c *compact) skipList() {
	if c.depth++; c.depth > thriftDepth {
		c.fail(errThriftBad)
	}
	n, elem := c.list()
	for range n {
		if c.err != nil {
			break
		}
		c.skipElement(elem)
	}
	c.depth--
}

func (c *compact) skipMap() {
	if c.depth++; c.depth > thriftDepth {
		c.fail(errThriftBad)
	}
	n := c.uvarint()
	if n > 0 {
		kinds := c.byte()
		for ; n > 0 && c.err == nil; n-- {
			c.skipElement(kinds >> 4)
			c.skipElement(kinds & 15)
		}
	}
	c.depth--
}

// skipElement passes over an element of a collection, where booleans take a byte.
func (c *compact) skipElement(typ byte) {
	if typ == thriftTrue || typ == thriftFalse {
		c.byte()
		return
	}
	c.skip(typ)
}

// structs reads a list of structs that take at least the given number of bytes
// each: what is made of a list is never much larger than the list.
func (c *compact) structs(typ byte, least int, each func()) bool {
	if typ != thriftList {
		return false
	}
	n, elem := c.list()
	if n > 0 && elem != thriftStruct || n > (len(c.b)-c.pos)/least {
		c.fail(errThriftBad)
		return true
	}
	for i := 0; i < n && c.err == nil; i++ {
		each()
	}
	return true
}

// set reads an integer field of any width into dst.
func set[T ~int8 | ~int16 | ~int32 | ~int64 | ~int](c *compact, typ byte, dst *T) bool {
	switch typ {
	case thriftI16, thriftI32, thriftI64:
		*dst = T(c.int())
		return true
	case thriftByte:
		*dst = T(int8(c.byte()))
		return true
	}
	return false
}

// setBool reads a boolean field, whose value lies in its type.
func setBool(typ byte, dst *bool) bool {
	*dst = typ == thriftTrue
	return typ == thriftTrue || typ == thriftFalse
}

// setBytes reads a binary field without copying it.
func setBytes(c *compact, typ byte, dst *[]byte) bool {
	if typ != thriftBinary {
		return false
	}
	*dst = c.bytes()
	if *dst == nil {
		*dst = []byte{}
	}
	return true
}
