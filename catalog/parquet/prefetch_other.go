//go:build !linux

package parquet

import "os"

// willNeed does nothing where the system offers no such advice.
func willNeed(*os.File, int64, int64) {}
