package main

import (
	"syscall"
	"time"
	"unsafe"
)

// processCPU reads another process's CPU clock, whose number is made from its
// ID as clock_getcpuclockid(3) does; /proc/PID/stat counts only ticks of 10 ms.
func processCPU(pid int) time.Duration {
	const cpuClockSched = 2
	clock := int32(^pid)<<3 | cpuClockSched
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return statCPU(pid)
	}
	return time.Duration(ts.Nano())
}
