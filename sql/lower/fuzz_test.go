package lower

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
)

// Whatever a client sends, Lower returns a statement or an error of a client's
// making: no panic, and no text that the core refuses (XX000).
func FuzzLower(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.golden")
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		for sc := bufio.NewScanner(file); sc.Scan(); {
			if line := sc.Text(); line != "" && line[0] != '#' && !strings.HasPrefix(line, "  ") {
				f.Add(unescape(line))
			}
		}
		file.Close()
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if _, err := Split(sql); sqlerr.Code(err) == sqlerr.Internal {
			t.Fatalf("Split: %v", err)
		}
		s, err := Lower(sql)
		if sqlerr.Code(err) == sqlerr.Internal {
			t.Fatalf("%q: %v", sql, err)
		}
		if err == nil && s.Query != nil && len(s.Query.Digest()) != 32 {
			t.Fatalf("%q: digest %s", sql, s.Query.Digest())
		}
	})
}
