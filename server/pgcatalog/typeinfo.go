package pgcatalog

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/flintsql/flint/sql/types"
)

// typesText has PostgreSQL 15's rows of pg_type for the types of Flint; their
// arrays follow from them.
//
//go:embed types.txt
var typesText string

// typeInfo is what pg_type tells of a type and sql/types does not.
type typeInfo struct {
	name                                 string
	oid, elem, array                     uint32
	size                                 int
	byValue, preferred                   bool
	class, category, delim, align, store string // typtype … typstorage
	collation                            uint32
	procs                                [6]proc // input, output, receive, send, modin, modout
	subscript                            proc
}

// proc is a function that only pg_type knows of.
type proc struct {
	name string
	oid  uint32
}

// arrayProcs are the functions of all array types.
var arrayProcs = [4]proc{{"array_in", 750}, {"array_out", 751}, {"array_recv", 2400}, {"array_send", 2401}}

var typeInfos = sync.OnceValue(func() []*typeInfo {
	var out []*typeInfo
	for _, line := range strings.Split(strings.TrimSpace(typesText), "\n") {
		t := parseTypeInfo(strings.Fields(line))
		out = append(out, t)
		if t.array != 0 {
			out = append(out, t.arrayType())
		}
	}
	return out
})

func parseTypeInfo(w []string) *typeInfo {
	oid := func(i int) uint32 { n, _ := strconv.ParseUint(w[i], 10, 32); return uint32(n) }
	t := &typeInfo{name: w[0], oid: oid(1), byValue: w[3] == "1", preferred: w[6] == "1", class: w[4], category: w[5],
		delim: w[7], align: w[8], store: w[9], collation: oid(10), elem: oid(23), array: oid(24), subscript: proc{w[25], oid(26)}}
	t.size, _ = strconv.Atoi(w[2])
	for i := range t.procs {
		t.procs[i] = proc{w[11+i], oid(17 + i)}
	}
	return t
}

func (t *typeInfo) arrayType() *typeInfo {
	a := &typeInfo{name: "_" + t.name, oid: t.array, elem: t.oid, size: -1, class: "b", category: "A", delim: t.delim,
		align: "i", store: "x", collation: t.collation, subscript: proc{"array_subscript_handler", 6179}}
	if t.class == "p" {
		a.class, a.category = "p", "P"
	}
	if t.align == "d" {
		a.align = "d"
	}
	copy(a.procs[:], arrayProcs[:])
	a.procs[4], a.procs[5] = t.procs[4], t.procs[5]
	return a
}

var typeInfoByOID = sync.OnceValue(func() map[uint32]*typeInfo {
	m := map[uint32]*typeInfo{}
	for _, t := range typeInfos() {
		m[t.oid] = t
	}
	return m
})

// typeProcs are the functions of types and access methods by OID.
var typeProcs = sync.OnceValue(func() map[uint32]string {
	m := map[uint32]string{oidHeapHandler: "heap_tableam_handler", oidBTreeHandler: "bthandler"}
	for _, t := range typeInfos() {
		for _, p := range append(t.procs[:], t.subscript) {
			if p.oid != 0 {
				m[p.oid] = p.name
			}
		}
	}
	return m
})

// typmod is pg_attribute.atttypmod.
func typmod(t types.Type) int {
	switch {
	case t.Precision == 0:
		return -1
	case t.Kind == types.Numeric || t.Kind == types.Array && t.Elem == types.Numeric:
		return int(t.Precision)<<16 | int(t.Scale) + 4
	}
	return int(t.Precision) + 4
}
