package parquet

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/value"
)

// TableFunction resolves read_parquet('glob'): the files below the catalog's
// folder that a pattern names. A pattern is a path with *, ? and [ ] within
// names, and ** for any folders; a folder means all files below it. A path that
// leaves the folder is 42501, and one without a match 58P01.
func (c *Connector) TableFunction(ctx context.Context, name string, args []value.Value) (catalog.Table, error) {
	if name != "read_parquet" {
		return nil, catalog.ErrNotFound
	}
	if len(args) != 1 || args[0].Null || !isText(args[0].Type) {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "function read_parquet takes one text, the path of files")
	}
	pattern := args[0].S
	parts, err := patternParts(pattern)
	if err != nil {
		return nil, err
	}
	fixed := 0 // leading names without wildcards
	for fixed < len(parts) && !strings.ContainsAny(parts[fixed], `*?[\`) {
		fixed++
	}
	var paths []string
	if fixed == len(parts) {
		paths, err = c.exactly(ctx, path.Join(parts...))
	} else {
		paths, err = c.glob(ctx, path.Join(append([]string{"."}, parts[:fixed]...)...), parts)
	}
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, sqlerr.New(sqlerr.UndefinedFile, "no files match %q", pattern)
	}
	return c.table(ctx, "", paths)
}

// patternParts splits a pattern and keeps it within the folder.
func patternParts(pattern string) ([]string, error) {
	outside := sqlerr.New(sqlerr.InsufficientPrivilege, "path %q lies outside of the catalog's folder", pattern)
	if strings.HasPrefix(pattern, "/") || strings.ContainsRune(pattern, 0) {
		return nil, outside
	}
	var parts []string
	for _, p := range strings.Split(pattern, "/") {
		switch p {
		case "", ".":
			continue
		case "..":
			return nil, outside
		}
		if p == "**" && len(parts) > 0 && parts[len(parts)-1] == "**" {
			continue
		}
		if _, err := path.Match(p, ""); err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "bad pattern %q", pattern)
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		parts = []string{"."}
	}
	return parts, nil
}

// exactly lists a file, or what lies below a folder.
func (c *Connector) exactly(ctx context.Context, name string) ([]string, error) {
	info, err := c.root.Stat(name)
	if err != nil {
		if isEscape(err) {
			return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "path %q lies outside of the catalog's folder", name)
		}
		return nil, nil
	}
	if info.IsDir() {
		return c.filesBelow(ctx, name, -1)
	}
	return []string{name}, nil
}

// isEscape reports the error of os.Root for what a symbolic link leads out of it.
func isEscape(err error) bool { return strings.Contains(err.Error(), "escapes") }

// glob lists the files below a folder that match a pattern, sorted.
func (c *Connector) glob(ctx context.Context, dir string, parts []string) ([]string, error) {
	if _, err := c.root.Stat(dir); err != nil {
		if isEscape(err) {
			return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "path %q lies outside of the catalog's folder", dir)
		}
		return nil, nil
	}
	deep := slices.Contains(parts, "**")
	var found []string
	err := fs.WalkDir(c.root.FS(), dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if p == "." {
			return nil
		}
		names := strings.Split(p, "/")
		if e.IsDir() {
			if p != dir && hidden(e.Name()) || !deep && len(names) >= len(parts) {
				return fs.SkipDir
			}
			return nil
		}
		if hidden(e.Name()) && !hidden(parts[len(parts)-1]) {
			return nil
		}
		if matches(parts, names) {
			found = append(found, p)
		}
		return nil
	})
	if err != nil {
		return nil, inFile(dir, err)
	}
	return found, nil
}

// matches reports that names match a pattern's parts.
func matches(parts, names []string) bool {
	for len(parts) > 0 {
		if parts[0] == "**" {
			for k := range len(names) + 1 {
				if matches(parts[1:], names[k:]) {
					return true
				}
			}
			return false
		}
		if len(names) == 0 {
			return false
		}
		if ok, err := path.Match(parts[0], names[0]); err != nil || !ok {
			return false
		}
		parts, names = parts[1:], names[1:]
	}
	return len(names) == 0
}
