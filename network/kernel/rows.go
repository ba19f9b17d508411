package kernel

// Axpys is y = y + a[k]*x[k] for one row of x after the other, with a fused
// multiply-add each, where elements from to from+len(y) of the rows are added: as
// [Axpy] for each, with the same bits. All rows are gone through at once, so that y is
// read and written once; and rows that are not in a cache are asked for ahead.
func Axpys[T Float](y, a []T, x [][]T, from int) {
	n := len(y)
	a = a[:len(x)]
	if current == portable {
		for k, row := range x {
			Axpy(y, a[k], row[from:][:n])
		}
		return
	}
	checkRows(x, from, n)
	for len(x) > 0 {
		rows, columns := rowsChunk(len(x))
		for i := 0; i < n; i += columns {
			axpysVector(&y[i], &a[0], &x[0], from+i, rows, min(columns, n-i))
		}
		a, x = a[rows:], x[rows:]
	}
}

// Moments adds, for one row of x after the other, a[k]*d to first and b[k]*(d*d) to
// second, with a fused multiply-add each, where d is x[k] - mean: weighted sums of
// distances and of their squares. Elements from to from+len(first) of the rows are
// taken; mean and second have the length of first.
func Moments[T Float](first, second, mean, a, b []T, x [][]T, from int) {
	n := len(first)
	second, mean = second[:n], mean[:n]
	a, b = a[:len(x)], b[:len(x)]
	if current == portable {
		for k, row := range x {
			for j, v := range row[from:][:n] {
				d := v - mean[j]
				first[j] = fma(a[k], d, first[j])
				second[j] = fma(b[k], d*d, second[j])
			}
		}
		return
	}
	checkRows(x, from, n)
	for len(x) > 0 {
		rows, columns := rowsChunk(len(x))
		for i := 0; i < n; i += columns {
			momentsVector(&first[i], &second[i], &mean[i], &a[0], &b[0], &x[0], from+i, rows, min(columns, n-i))
		}
		a, b, x = a[rows:], b[rows:], x[rows:]
	}
}

// checkRows panics if one of the rows is too short for assembly, which reads n elements
// from one on.
func checkRows[T Float](x [][]T, from, n int) {
	for _, row := range x {
		_ = row[from:][:n]
	}
}

// rowsChunk is how many of so many rows one call of the assembly takes, and how many
// columns of them: eight times a chunk of elements, some 400 µs from memory, so that most
// calls take all rows and y is read once.
func rowsChunk(all int) (rows, columns int) {
	rows = min(all, 256)
	return rows, 8 * chunk / rows
}
