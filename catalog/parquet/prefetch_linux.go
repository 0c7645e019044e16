package parquet

import (
	"os"

	"golang.org/x/sys/unix"
)

// willNeed asks the kernel to read a part of a file in the background.
func willNeed(f *os.File, at, n int64) {
	c, err := f.SyscallConn()
	if n <= 0 || err != nil {
		return
	}
	_ = c.Control(func(fd uintptr) {
		_ = unix.Fadvise(int(fd), at, n, unix.FADV_WILLNEED) // only advice
	})
}
