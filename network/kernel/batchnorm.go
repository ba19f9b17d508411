package kernel

import "math"

// BatchNorm normalises each of m rows of x over its n columns, the examples, and
// scales and shifts it (Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1):
//
//	mean[i]   = mean over j of x[i][j]
//	invstd[i] = 1 / sqrt(v + eps)    v = mean over j of (x[i][j] - mean[i])^2
//	xhat      = (x - mean) * invstd
//	y         = gamma*xhat + beta
//
// y, xhat and x are [m][ld]; gamma, beta, mean and invstd have m elements. The
// variance v = 1/invstd^2 - eps is the biased one, by n. x may be y or xhat, which
// must be two. n = 0 writes nothing.
//
// Arithmetic: mean is the [RowSums] of x divided by n, v the [RowDots] of
// x - mean with itself divided by n; y is a fused multiply-add.
func BatchNorm[T Float](y, xhat, x []T, ld, m, n int, gamma, beta []T, eps T, mean, invstd []T) {
	if n <= 0 {
		return
	}
	for i := range m {
		xi, hi, yi := row(x, i, ld, n), row(xhat, i, ld, n), row(y, i, ld, n)
		if current != portable {
			mean[i], invstd[i] = batchNormRow(yi, hi, xi, gamma[i], beta[i], eps)
			continue
		}
		mu := sum(xi) / T(n)
		for j, v := range xi {
			hi[j] = v - mu
		}
		s := 1 / sqrt(dot(hi, hi)/T(n)+eps)
		for j, d := range hi {
			hi[j] = d * s
			yi[j] = fma(gamma[i], hi[j], beta[i])
		}
		mean[i], invstd[i] = mu, s
	}
}

// batchNormRow is a row of BatchNorm in assembly. It returns mean and invstd.
func batchNormRow[T Float](y, xhat, x []T, gamma, beta, eps T) (mean, invstd T) {
	n := len(x)
	mean = rowSum(x) / T(n)
	for j := 0; j < n; j += chunk {
		centreVector(&xhat[j], &x[j], mean, min(chunk, n-j))
	}
	invstd = 1 / sqrt(rowDot(xhat, xhat)/T(n)+eps)
	for j := 0; j < n; j += chunk {
		normaliseVector(&y[j], &xhat[j], invstd, gamma, beta, min(chunk, n-j))
	}
	return mean, invstd
}

// rowSum and rowDot are sum and dot, in assembly where [RowSums] is.
func rowSum[T Float](x []T) T {
	if !inAssembly(1, len(x)) {
		return sum(x)
	}
	var s T
	rowSums1(&s, &x[0], 0, len(x), 0)
	return s
}

func rowDot[T Float](x, y []T) T {
	if !inAssembly(1, len(x)) {
		return dot(x, y)
	}
	var s T
	rowDots1(&s, &x[0], 0, &y[0], 0, len(x), 0)
	return s
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
// that at its output, dy [m][ld], and the xhat and invstd it left (Ioffe &
// Szegedy 2015, section 3):
//
//	dgamma[i] += sum over j of dy*xhat
//	dbeta[i]  += sum over j of dy
//	dx = gamma*invstd * (dy - mean(dy) - xhat*mean(dy*xhat))
//
// dx may be dy or xhat. n = 0 writes nothing.
//
// Arithmetic: the sums are [RowDots] and [RowSums]; the means are those, before
// they are added to dgamma and dbeta, divided by n; dx is gamma*invstd times the
// fused multiply-add of -xhat, mean(dy*xhat) and dy - mean(dy).
func BatchNormGrad[T Float](dx, dgamma, dbeta, dy, xhat []T, ld, m, n int, gamma, invstd []T) {
	if n <= 0 {
		return
	}
	for i := range m {
		dxi, dyi, hi := row(dx, i, ld, n), row(dy, i, ld, n), row(xhat, i, ld, n)
		var sumDot, sumDy T
		if current != portable {
			sumDot, sumDy = rowDot(dyi, hi), rowSum(dyi)
		} else {
			sumDot, sumDy = dot(dyi, hi), sum(dyi)
		}
		meanDot, meanDy := sumDot/T(n), sumDy/T(n)
		g := gamma[i] * invstd[i]
		if current != portable {
			for j := 0; j < n; j += chunk {
				normGradVector(&dxi[j], &dyi[j], &hi[j], meanDy, meanDot, g, min(chunk, n-j))
			}
			dgamma[i] += sumDot
			dbeta[i] += sumDy
			continue
		}
		for j, d := range dyi {
			dxi[j] = g * fma(-hi[j], meanDot, d-meanDy)
		}
		dgamma[i] += sumDot
		dbeta[i] += sumDy
	}
}

// sqrt is correctly rounded at both precisions: float64 has more than twice the
// bits of float32, and two more.
func sqrt[T Float](x T) T { return T(math.Sqrt(float64(x))) }
