package kernel

import (
	"fmt"
	"unsafe"
)

// SoftmaxCrossEntropy is the loss of a classifier on a batch of logits
// z [classes][ld], of which n columns are examples, and its gradient:
//
//	losses[j] = -ln p[labels[j]]          with p[c] = e^(z[c][j]-max) / S
//	dz[c][j]  = scale * (p[c] - 1{c = labels[j]})
//
// where max is the largest logit of example j and S the sum of e^(z-max). dz has
// the leading dimension of z and must not overlap it; nil, it is left out, and
// the losses are the same. scale is 1/n for the gradient of the mean. There is at
// least one class; labels are from 0 to classes-1, and others panic. A logit of
// -Inf has probability 0; NaN, +Inf, or nothing but -Inf give NaN.
//
// Arithmetic: max and S go over the classes in order. The loss is
// ln(S) - (z[label]-max); with w = scale/S, dz is w*e, and for the label
// w*e - scale as a fused multiply-add.
func SoftmaxCrossEntropy[T Float](losses, dz, z []T, ld, classes, n int, labels []int32, scale T) {
	if n <= 0 {
		return
	}
	z = z[:(classes-1)*ld+n]
	losses, labels = losses[:n], labels[:n]
	block := softmaxCrossEntropy[T]
	if current != portable && ld >= 0 && classes <= maxClasses {
		if dz != nil {
			_ = dz[:(classes-1)*ld+n]
		}
		block = softmaxCrossEntropyVector[T]
	}
	size := int(unsafe.Sizeof(scale))
	columns := min(softmaxBlock, max(64/size, 8*chunk/size/classes))
	for j0 := 0; j0 < n; j0 += columns {
		j1 := min(j0+columns, n)
		block(losses[j0:j1], dz, z, j0, ld, classes, labels[j0:j1], scale)
	}
}

// softmaxBlock is how many examples go together at most: enough to walk along rows
// and to fill all registers, and few enough for the stack. There are fewer with
// many classes, down to a vector of them, so that a call into assembly, which
// cannot be preempted, stays within some 50 µs.
const softmaxBlock = 64

// maxClasses is how many classes assembly takes a vector of columns of in one call.
// Labels as floats are exact to there.
const maxClasses = 1 << 12

// softmaxCrossEntropy is [SoftmaxCrossEntropy] for the examples from column j0.
func softmaxCrossEntropy[T Float](losses, dz, z []T, j0, ld, classes int, labels []int32, scale T) {
	var maxBlock, sumBlock [softmaxBlock]T
	n := len(losses)
	maxes, sums := maxBlock[:n], sumBlock[:n]
	copy(maxes, z[j0:][:n])
	for c := 1; c < classes; c++ {
		for j, v := range z[c*ld+j0:][:n] {
			if v > maxes[j] {
				maxes[j] = v
			}
		}
	}
	for c := range classes {
		for j, v := range z[c*ld+j0:][:n] {
			e := exp(v - maxes[j])
			sums[j] += e
			if dz != nil {
				dz[c*ld+j0+j] = e
			}
		}
	}
	for j, label := range labels {
		if uint(label) >= uint(classes) {
			panic(wrongLabel(label, classes))
		}
		losses[j] = log(sums[j]) - (z[int(label)*ld+j0+j] - maxes[j])
	}
	if dz == nil {
		return
	}
	w := sums
	for j, s := range sums {
		w[j] = scale / s
	}
	for c := range classes {
		for j := range dz[c*ld+j0:][:n] {
			i := c*ld + j0 + j
			if int(labels[j]) == c {
				dz[i] = fma(w[j], dz[i], -scale)
			} else {
				dz[i] *= w[j]
			}
		}
	}
}

// softmaxCrossEntropyVector is softmaxCrossEntropy in assembly, which finds the
// row of a label by comparing floats.
func softmaxCrossEntropyVector[T Float](losses, dz, z []T, j0, ld, classes int, labels []int32, scale T) {
	var labelBlock, w [softmaxBlock]T
	for j, label := range labels {
		if uint(label) >= uint(classes) {
			panic(wrongLabel(label, classes))
		}
		labelBlock[j] = T(label)
	}
	var d *T
	if dz != nil {
		d = &dz[j0]
	}
	softmaxColumns(&losses[0], d, &z[j0], ld*int(unsafe.Sizeof(scale)), classes, len(labels), &labelBlock[0], &w[0], scale)
}

func wrongLabel(label int32, classes int) string {
	return fmt.Sprintf("kernel: label %d, want one from 0 to %d", label, classes-1)
}
