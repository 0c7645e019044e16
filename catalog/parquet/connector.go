// Package parquet is the catalog of a folder of Parquet files. Every file and
// every sub-folder with files in it is a table; read_parquet('glob') reads any
// files below the folder.
package parquet

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/memory"
)

// schemaName is the connector's one schema.
const schemaName = "public"

// Connector is a catalog of Parquet files below one folder. It never opens a
// file outside of it. It is safe for concurrent use.
type Connector struct {
	root    *os.Root
	footers *footers
	codecs  *codecs
	dicts   *dictionaries
	chunks  chunkPool
	cache   *Cache
	cold    coldness
}

// UseCache makes readers keep decoded pages in a cache, which connectors may
// share; nil keeps none. Call it before the first read.
func (c *Connector) UseCache(cache *Cache) { c.cache = cache }

// New returns the catalog of a folder. The account (of the process, say) is
// charged for cached footers; nil charges nobody.
func New(dir string, account *memory.Account) (*Connector, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := newFooters(account)
	return &Connector{root: root, footers: f, codecs: newCodecs(), dicts: &dictionaries{account: f.account}}, nil
}

// Close closes the folder. Readers that are open stay usable.
func (c *Connector) Close() error { return c.root.Close() }

// DefaultSchema is public.
func (c *Connector) DefaultSchema() string { return schemaName }

// Schemas lists public.
func (c *Connector) Schemas(context.Context) ([]string, error) { return []string{schemaName}, nil }

// Tables lists the files and folders that are tables now.
func (c *Connector) Tables(ctx context.Context, schema string) ([]string, error) {
	if schema != schemaName {
		return nil, catalog.ErrNotFound
	}
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return nil, inFile(".", err)
	}
	var names []string
	for _, e := range entries {
		name, ok := tableName(e.Name())
		if !ok {
			if hidden(e.Name()) || !c.isDir(e) {
				continue
			}
			found, err := c.filesBelow(ctx, e.Name(), 1)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				continue
			}
			name = strings.ToLower(e.Name())
		} else if c.isDir(e) {
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// isDir follows symbolic links within the folder.
func (c *Connector) isDir(e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := c.root.Stat(e.Name())
	return err == nil && info.IsDir()
}

// hidden reports the names that writers give to what is not data (yet).
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") }

// tableName returns the table that a file's name makes.
func tableName(file string) (string, bool) {
	if hidden(file) || !isParquet(file) || len(file) == len(extension) {
		return "", false
	}
	return strings.ToLower(file[:len(file)-len(extension)]), true
}

const extension = ".parquet"

func isParquet(name string) bool { return strings.EqualFold(path.Ext(name), extension) }

// Table resolves a file or a folder, as they are now.
func (c *Connector) Table(ctx context.Context, schema, name string) (catalog.Table, error) {
	if schema != schemaName {
		return nil, catalog.ErrNotFound
	}
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return nil, inFile(".", err)
	}
	for _, e := range entries {
		if t, ok := tableName(e.Name()); ok && t == name && !c.isDir(e) {
			return c.table(ctx, "", []string{e.Name()})
		}
	}
	for _, e := range entries {
		if hidden(e.Name()) || strings.ToLower(e.Name()) != name || !c.isDir(e) {
			continue
		}
		paths, err := c.filesBelow(ctx, e.Name(), -1)
		if err != nil {
			return nil, err
		}
		if len(paths) > 0 {
			return c.table(ctx, e.Name(), paths)
		}
	}
	return nil, catalog.ErrNotFound
}

var errEnough = errors.New("enough")

// filesBelow lists the Parquet files below a folder, sorted, at most limit of
// them (-1 = all).
func (c *Connector) filesBelow(ctx context.Context, dir string, limit int) ([]string, error) {
	var found []string
	err := fs.WalkDir(c.root.FS(), dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if p != dir && hidden(e.Name()) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !e.IsDir() && isParquet(e.Name()) {
			found = append(found, p)
			if len(found) == limit {
				return errEnough
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, inFile(dir, err)
	}
	return found, nil
}

// identify returns the version that a file has now.
func (c *Connector) identify(name string) (identity, error) {
	info, err := c.root.Stat(name)
	if err != nil {
		return identity{}, inFile(name, err)
	}
	return identity{Path: name, Size: info.Size(), MTime: info.ModTime().UnixNano()}, nil
}

// file returns a version's footer.
func (c *Connector) file(ctx context.Context, id identity) (*file, error) {
	return c.footers.get(ctx, id, func() (*os.File, error) { return c.root.Open(id.Path) })
}
