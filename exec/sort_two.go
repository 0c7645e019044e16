package exec

// mergeTwo lists the rows of two sorted parts, from and to of each given, in their order, without
// branches that depend on the keys: src tells the part, row the row.
func mergeTwo(x, y []uint64, xs, ys, xrow, yrow int32, src, row []int32) {
	i, j, k := 0, 0, 0
	for i < len(x) && j < len(y) {
		from, at := xs, xrow+int32(i)
		second := 0
		if y[j] < x[i] {
			second = 1
		}
		if second != 0 {
			from = ys
		}
		if second != 0 {
			at = yrow + int32(j)
		}
		src[k], row[k] = from, at
		k++
		j += second
		i += 1 - second
	}
	mergeRest(len(x)-i, len(y)-j, xs, ys, xrow+int32(i), yrow+int32(j), src[k:], row[k:])
}

// mergeTwoLow is mergeTwo for keys of two words.
func mergeTwoLow(x, y, xlow, ylow []uint64, xs, ys, xrow, yrow int32, src, row []int32) {
	i, j, k := 0, 0, 0
	for i < len(x) && j < len(y) {
		if y[j] < x[i] || y[j] == x[i] && ylow[j] < xlow[i] {
			src[k], row[k] = ys, yrow+int32(j)
			j++
		} else {
			src[k], row[k] = xs, xrow+int32(i)
			i++
		}
		k++
	}
	mergeRest(len(x)-i, len(y)-j, xs, ys, xrow+int32(i), yrow+int32(j), src[k:], row[k:])
}

// mergeRest lists the rows of the part that is left.
func mergeRest(nx, ny int, xs, ys, xrow, yrow int32, src, row []int32) {
	for i := range nx {
		src[i], row[i] = xs, xrow+int32(i)
	}
	for j := range ny {
		src[nx+j], row[nx+j] = ys, yrow+int32(j)
	}
}
