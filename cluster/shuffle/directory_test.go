package shuffle

import (
	"errors"
	"os"
	"testing"
)

// TestSweep: directories of the living stay, those of the dead go.
func TestSweep(t *testing.T) {
	root := t.TempDir()
	alive, err := NewDirectory(root, "alive")
	if err != nil {
		t.Fatal(err)
	}
	dead, err := NewDirectory(root, "dead")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dead.Path+"/file", []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	dead.lock.Close() // what the end of its process does
	if err := Sweep(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead.Path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the dead directory: %v", err)
	}
	if _, err := os.Stat(alive.Path); err != nil {
		t.Error(err)
	}
	if err := alive.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(root); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
