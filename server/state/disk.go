package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolt "go.etcd.io/bbolt/errors"
)

// The file's buckets, and the version of what is in them. Another version is
// dropped: everything can be learnt again.
const (
	metaBucket     = "meta"
	tablesBucket   = "tables"
	feedbackBucket = "feedback"
	formatVersion  = "1"
	fileName       = "state.db"
	lockWait       = 500 * time.Millisecond
	// maxFile is the size from which a file is begun anew at the next start.
	maxFile = 256 << 20
)

var (
	errVersion = errors.New("it has another version")
	errLarge   = errors.New("it has grown too large")
)

// record is an entry of a bucket.
type record struct{ key, value []byte }

// disk is a bbolt file, which locks itself against other processes. bbolt reads
// its file by mapping it and trusts what is there, so every access is guarded against faults
// and panics, and every value carries a checksum.
type disk struct {
	log  *slog.Logger
	path string
	mu   sync.Mutex
	db   *bbolt.DB // nil after a failure
}

// openDisk opens the file in a folder and hands out its records; nil if there
// can be none. A file that cannot be read is put aside and begun anew.
func openDisk(dir string, log *slog.Logger, table, feedback func(key, value []byte)) *disk {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		log.Warn("no state is kept: its folder cannot be made", "dir", dir, "error", err)
		return nil
	}
	d := &disk{log: log, path: filepath.Join(dir, fileName)}
	err := d.open(table, feedback)
	if errors.Is(err, bolt.ErrTimeout) {
		log.Warn("no state is kept: another process uses the folder", "dir", dir)
		return nil
	}
	if err == nil {
		return d
	}
	log.Warn("the state cannot be read and is learnt anew", "file", d.path, "error", err)
	if err := os.Rename(d.path, d.path+".broken"); err != nil {
		log.Warn("no state is kept", "error", err)
		return nil
	}
	none := func([]byte, []byte) {}
	if err := d.open(none, none); err != nil {
		log.Warn("no state is kept", "error", err)
		return nil
	}
	return d
}

func (d *disk) open(table, feedback func(key, value []byte)) error {
	var db *bbolt.DB
	err := guarded(func() (err error) {
		if info, err := os.Stat(d.path); err == nil && info.Size() > maxFile {
			return errLarge
		}
		db, err = bbolt.Open(d.path, 0o600, &bbolt.Options{Timeout: lockWait})
		if err != nil {
			return err
		}
		fresh := false
		if err := db.Update(func(tx *bbolt.Tx) error { fresh, err = prepare(tx); return err }); err != nil || fresh {
			return err
		}
		return db.View(func(tx *bbolt.Tx) error {
			if err := each(tx, tablesBucket, table); err != nil {
				return err
			}
			return each(tx, feedbackBucket, feedback)
		})
	})
	if err == nil {
		d.db = db
	} else if db != nil && !errors.As(err, new(fault)) {
		_ = db.Close() // after a fault it may hold its own locks; the file is renamed away
	}
	return err
}

// prepare makes the buckets of a new file, and checks the version of an old one.
func prepare(tx *bbolt.Tx) (fresh bool, err error) {
	if b := tx.Bucket([]byte(metaBucket)); b != nil {
		if string(b.Get([]byte("version"))) != formatVersion {
			return false, errVersion
		}
		return false, nil
	}
	for _, name := range []string{metaBucket, tablesBucket, feedbackBucket} {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return false, err
		}
	}
	return true, tx.Bucket([]byte(metaBucket)).Put([]byte("version"), []byte(formatVersion))
}

// each hands out a bucket's records whose checksum is right.
func each(tx *bbolt.Tx, bucket string, f func(key, value []byte)) error {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return errVersion
	}
	return b.ForEach(func(k, v []byte) error {
		if body, ok := unseal(k, v); ok {
			f(append([]byte(nil), k...), append([]byte(nil), body...))
		}
		return nil
	})
}

// write puts and removes records in one transaction. A failure is logged once,
// and ends the writing: the store goes on in memory.
func (d *disk) write(bucket string, put []record, gone [][]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return
	}
	err := guarded(func() error {
		return d.db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			for _, k := range gone {
				if err := b.Delete(k); err != nil {
					return err
				}
			}
			for _, r := range put {
				if err := b.Put(r.key, seal(r.key, r.value)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err == nil {
		return
	}
	d.log.Warn("the state is no longer written", "file", d.path, "error", err)
	if !errors.As(err, new(fault)) {
		_ = d.db.Close()
	}
	d.db = nil
}

func (d *disk) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return
	}
	if err := guarded(d.db.Close); err != nil {
		d.log.Warn("the state was not closed well", "file", d.path, "error", err)
	}
	d.db = nil
}

// seal puts a checksum over key and value before the value.
func seal(key, value []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, checksum(key, value)), value...)
}

func unseal(key, sealed []byte) ([]byte, bool) {
	if len(sealed) < 4 {
		return nil, false
	}
	return sealed[4:], binary.LittleEndian.Uint32(sealed) == checksum(key, sealed[4:])
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE(key), crc32.IEEETable, value)
}

// fault is a panic or a bad memory access in the mapped file.
type fault struct{ cause any }

func (f fault) Error() string { return fmt.Sprintf("reading the file failed: %v", f.cause) }

// guarded turns panics and faults of f into errors.
func guarded(f func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fault{r}
		}
	}()
	return f()
}
