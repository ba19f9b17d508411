package kernel

import (
	"math"
	"unsafe"
)

// BatchNorm normalises each of m rows of x over its n columns, the examples, and
// scales and shifts it (Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1):
//
//	mean[i]   = mean over j of x[i][j]
//	invstd[i] = 1 / sqrt(v + eps)    v = mean over j of (x[i][j] - mean[i])^2
//	y         = gamma*xhat + beta    xhat = (x - mean) * invstd
//
// y and x are [m][ld]; gamma, beta, mean and invstd have m elements. The variance
// v = 1/invstd^2 - eps is the biased one, by n. x may be y. n = 0 writes nothing.
//
// Arithmetic: mean is the [RowSums] of x divided by n, v the [RowDots] of
// x - mean with itself divided by n; y is a fused multiply-add.
func BatchNorm[T Float](y, x []T, ld, m, n int, gamma, beta []T, eps T, mean, invstd []T) {
	if n <= 0 {
		return
	}
	// Rows are read three times, a few at a time so that the second and third
	// find them in a cache.
	step := 4
	if n > maxRow4 {
		step = 1
	}
	for i := 0; i < m; i += step {
		rows := min(step, m-i)
		xi, mu, inv := x[i*ld:], mean[i:][:rows], invstd[i:][:rows]
		RowSums(mu, xi, ld, rows, n, false)
		for r := range mu {
			mu[r] /= T(n)
		}
		squares(inv, xi, ld, rows, n, mu)
		for r := range inv {
			inv[r] = 1 / sqrt(inv[r]/T(n)+eps)
		}
		BatchNormInfer(y[i*ld:], xi, ld, rows, n, gamma[i:], beta[i:], mu, inv)
	}
}

// squares sets dst to the sums of squares of the m rows of x, each less its mean.
func squares[T Float](dst, x []T, ld, m, n int, mean []T) {
	if !inAssembly(m, n) {
		for i := range m {
			var s lanes[T]
			for j, v := range row(x, i, ld, n) {
				d, l := v-mean[i], j%len(s)
				s[l] = fma(d, d, s[l])
			}
			dst[i] = s.total()
		}
		return
	}
	matrixEnd(x, ld, m, n)
	dst, mean = dst[:m], mean[:m]
	size, i := int(unsafe.Sizeof(T(0))), 0
	for ; i+2 <= m; i += 2 {
		squares2(&dst[i], &x[i*ld], ld*size, &mean[i], n)
	}
	if i < m {
		squares1(&dst[i], &x[i*ld], 0, &mean[i], n)
	}
}

// BatchNormInfer is [BatchNorm] with given statistics: for the same mean and
// invstd, y has the same bits. x may be y.
func BatchNormInfer[T Float](y, x []T, ld, m, n int, gamma, beta, mean, invstd []T) {
	if n <= 0 {
		return
	}
	for i := range m {
		yi, xi := row(y, i, ld, n), row(x, i, ld, n)
		if current != portable {
			for j := 0; j < n; j += chunk {
				inferVector(&yi[j], &xi[j], mean[i], invstd[i], gamma[i], beta[i], min(chunk, n-j))
			}
			continue
		}
		for j, v := range xi {
			yi[j] = fma(gamma[i], T((v-mean[i])*invstd[i]), beta[i])
		}
	}
}

// BatchNormGrad is the gradient of [BatchNorm] through its statistics too, from
// that at its output, dy [m][ld], its input x, and the mean and invstd it left
// (Ioffe & Szegedy 2015, section 3):
//
//	dgamma[i] += sum over j of dy*xhat
//	dbeta[i]  += sum over j of dy
//	dx = gamma*invstd * (dy - mean(dy) - xhat*mean(dy*xhat))
//
// dx may be dy or x. n = 0 writes nothing.
//
// Arithmetic: xhat is that of BatchNorm; the sums are its [RowDots] with dy and
// the [RowSums] of dy; the means are those, before they are added to dgamma and
// dbeta, divided by n; dx is gamma*invstd times the fused multiply-add of -xhat,
// mean(dy*xhat) and dy - mean(dy).
func BatchNormGrad[T Float](dx, dgamma, dbeta, dy, x []T, ld, m, n int, gamma, mean, invstd []T) {
	if n <= 0 {
		return
	}
	for i := range m {
		dxi, dyi, xi := row(dx, i, ld, n), row(dy, i, ld, n), row(x, i, ld, n)
		sumDot, sumDy := sumsOfGradient(dyi, xi, mean[i], invstd[i])
		meanDot, meanDy := sumDot/T(n), sumDy/T(n)
		g := gamma[i] * invstd[i]
		dgamma[i] += sumDot
		dbeta[i] += sumDy
		if current != portable {
			for j := 0; j < n; j += chunk {
				normGradVector(&dxi[j], &dyi[j], &xi[j], mean[i], invstd[i], meanDy, meanDot, g, min(chunk, n-j))
			}
			continue
		}
		for j, d := range dyi {
			xhat := T((xi[j] - mean[i]) * invstd[i])
			dxi[j] = g * fma(-xhat, meanDot, d-meanDy)
		}
	}
}

// sumsOfGradient returns the sums of dy*xhat and of dy over a row.
func sumsOfGradient[T Float](dy, x []T, mean, invstd T) (sumDot, sumDy T) {
	if inAssembly(1, len(dy)) {
		var sums [2]T
		normSums(&sums[0], &dy[0], &x[0], mean, invstd, len(dy))
		return sums[0], sums[1]
	}
	var dots lanes[T]
	for j, d := range dy {
		l := j % len(dots)
		dots[l] = fma(d, T((x[j]-mean)*invstd), dots[l])
	}
	return dots.total(), sum(dy)
}

// sqrt is correctly rounded at both precisions: float64 has more than twice the
// bits of float32, and two more.
func sqrt[T Float](x T) T { return T(math.Sqrt(float64(x))) }
