package pgcatalog

import "hash/fnv"

// firstUser is the first OID that PostgreSQL gives to users' objects.
const firstUser = 16384

// OIDs of what PostgreSQL's initdb makes.
const (
	oidPgCatalog         = 11
	oidInformationSchema = 13207
	oidOwner             = 10
	oidHeap              = 2
	oidHeapHandler       = 3
	oidBTreeHandler      = 330
	oidDefaultSpace      = 1663
	oidDefaultCollation  = 100
)

// owner is the role that owns everything.
const owner = "flint"

// oidOf gives an object an OID that depends on its names only, so that every
// process gives the same.
func oidOf(kind string, names ...string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(kind))
	for _, n := range names {
		h.Write([]byte{0})
		h.Write([]byte(n))
	}
	return firstUser + h.Sum32()%(1<<31-firstUser)
}

func (c *Connector) schemaOID(name string) uint32 {
	switch name {
	case PgCatalog:
		return oidPgCatalog
	case InformationSchema:
		return oidInformationSchema
	case "public":
		return 2200
	}
	return oidOf("schema", c.name, name)
}

// TableOID is the OID of a table, whether there is one or not.
func (c *Connector) TableOID(schema, name string) uint32 {
	if r, ok := findRelation(schema, name); ok {
		return r.oid
	}
	return oidOf("table", c.name, schema, name)
}

func roleOID(name string) uint32 {
	if name == owner {
		return oidOwner
	}
	return oidOf("role", name)
}
