package kernel

// Axpys is y = y + a[k]*x[k] for one row of x after the other, with a fused
// multiply-add each, where elements from to from+len(y) of the rows are added: as
// [Axpy] for each, with the same bits. It takes four rows at a time, so that y is
// read and written less often, and rows that come from memory come sooner.
func Axpys[T Float](y, a []T, x [][]T, from int) {
	n := len(y)
	if current != portable {
		for ; len(x) >= 4; a, x = a[4:], x[4:] {
			a, x0, x1, x2, x3 := a[:4], x[0][from:][:n], x[1][from:][:n], x[2][from:][:n], x[3][from:][:n]
			for i := 0; i < n; i += chunk {
				axpy4Vector(&y[i], &a[0], &x0[i], &x1[i], &x2[i], &x3[i], min(chunk, n-i))
			}
		}
	}
	for k, row := range x {
		Axpy(y, a[k], row[from:][:n])
	}
}

// Moments adds, for one row of x after the other, a[k]*d to first and b[k]*(d*d) to
// second, with a fused multiply-add each, where d is x[k] - mean: weighted sums of
// distances and of their squares. Elements from to from+len(first) of the rows are
// taken; mean and second have the length of first.
func Moments[T Float](first, second, mean, a, b []T, x [][]T, from int) {
	n := len(first)
	second, mean = second[:n], mean[:n]
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
	for ; len(x) >= 4; a, b, x = a[4:], b[4:], x[4:] {
		a, b, x0, x1, x2, x3 := a[:4], b[:4], x[0][from:][:n], x[1][from:][:n], x[2][from:][:n], x[3][from:][:n]
		for i := 0; i < n; i += chunk {
			moments4Vector(&first[i], &second[i], &mean[i], &x0[i], &x1[i], &x2[i], &x3[i], &a[0], &b[0], min(chunk, n-i))
		}
	}
	for k, row := range x {
		row = row[from:][:n]
		for i := 0; i < n; i += chunk {
			momentsVector(&first[i], &second[i], &mean[i], &row[i], a[k], b[k], min(chunk, n-i))
		}
	}
}
