package value

import (
	"strconv"
	"time"
)

func append2(dst []byte, v int) []byte {
	return append(dst, byte('0'+v/10), byte('0'+v%10))
}

// appendYMD appends a date of the common era as YYYY-MM-DD; years before it are
// printed by their BC number, the mark comes later.
func appendYMD(dst []byte, y, m, d int) []byte {
	if y <= 0 {
		y = 1 - y
	}
	if y < 10_000 {
		dst = append2(append2(dst, y/100), y%100)
	} else {
		dst = strconv.AppendInt(dst, int64(y), 10)
	}
	return append2(append(append2(append(dst, '-'), m), '-'), d)
}

// AppendDate appends a date (days since 1970-01-01) in ISO style.
func AppendDate(dst []byte, days int32) []byte {
	switch days {
	case DateInfinity:
		return append(dst, "infinity"...)
	case DateNegInfinity:
		return append(dst, "-infinity"...)
	}
	y, m, d := CivilFromDays(int(days))
	dst = appendYMD(dst, y, m, d)
	if y <= 0 {
		dst = append(dst, " BC"...)
	}
	return dst
}

// AppendTime appends a time of day (µs since midnight).
func AppendTime(dst []byte, us int64) []byte {
	dst = append2(dst, int(us/MicrosPerHour))
	dst = append(dst, ':')
	dst = append2(dst, int(us/MicrosPerMinute%60))
	dst = append(dst, ':')
	dst = append2(dst, int(us/MicrosPerSecond%60))
	return appendFraction(dst, us%MicrosPerSecond)
}

// appendFraction appends .ffffff without trailing zeros, nothing for 0.
func appendFraction(dst []byte, us int64) []byte {
	if us == 0 {
		return dst
	}
	dst = append(dst, '.')
	dst = appendPadded(dst, uint64(us), 6)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// AppendTimestamp appends a timestamp without time zone in ISO style.
func AppendTimestamp(dst []byte, us int64) []byte {
	if special := infinityName(us); special != "" {
		return append(dst, special...)
	}
	dst, bc := appendClock(dst, us)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// AppendTimestampTZ appends an instant in loc, with its offset, in ISO style.
func AppendTimestampTZ(dst []byte, us int64, loc *time.Location) []byte {
	if special := infinityName(us); special != "" {
		return append(dst, special...)
	}
	off := ZoneOffset(us, loc)
	dst, bc := appendClock(dst, us+int64(off)*MicrosPerSecond)
	dst = appendOffset(dst, off)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

func infinityName(us int64) string {
	switch us {
	case TimestampInfinity:
		return "infinity"
	case TimestampNegInfinity:
		return "-infinity"
	}
	return ""
}

func appendClock(dst []byte, us int64) (out []byte, bc bool) {
	days, t := splitDay(us)
	y, m, d := CivilFromDays(int(days))
	dst = appendYMD(dst, y, m, d)
	return AppendTime(append(dst, ' '), t), y <= 0
}

// appendOffset appends ±HH[:MM[:SS]].
func appendOffset(dst []byte, seconds int) []byte {
	if seconds < 0 {
		dst = append(dst, '-')
		seconds = -seconds
	} else {
		dst = append(dst, '+')
	}
	dst = append2(dst, seconds/3600)
	if seconds%3600 != 0 {
		dst = append2(append(dst, ':'), seconds/60%60)
	}
	if seconds%60 != 0 {
		dst = append2(append(dst, ':'), seconds%60)
	}
	return dst
}

// AppendInterval appends an interval in IntervalStyle postgres.
func AppendInterval(dst []byte, v Interval) []byte {
	start, before := len(dst), false
	part := func(n int64, unit string) {
		if n == 0 {
			return
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		if before && n > 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, n, 10)
		dst = append(dst, unit...)
		if n != 1 {
			dst = append(dst, 's')
		}
		before = n < 0
	}
	part(int64(v.Months/12), " year")
	part(int64(v.Months%12), " mon")
	part(int64(v.Days), " day")
	empty := len(dst) == start
	if !empty && v.Micros == 0 {
		return dst
	}
	if !empty {
		dst = append(dst, ' ')
	}
	m := uint64(v.Micros)
	switch {
	case v.Micros < 0:
		m = -m
		dst = append(dst, '-')
	case before:
		dst = append(dst, '+')
	}
	dst = appendPadded(dst, m/uint64(MicrosPerHour), 2)
	dst = append2(append(dst, ':'), int(m/uint64(MicrosPerMinute)%60))
	dst = append2(append(dst, ':'), int(m/uint64(MicrosPerSecond)%60))
	return appendFraction(dst, int64(m%uint64(MicrosPerSecond)))
}

// String returns the interval in IntervalStyle postgres.
func (v Interval) String() string { return string(AppendInterval(nil, v)) }
