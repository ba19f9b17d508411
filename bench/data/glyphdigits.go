package data

import "math/rand/v2"

// font is the digits 0 to 9 on the 5x7 dots of a matrix printer.
var font = [10][7]string{
	{".###.", "#...#", "#..##", "#.#.#", "##..#", "#...#", ".###."},
	{"..#..", ".##..", "..#..", "..#..", "..#..", "..#..", ".###."},
	{".###.", "#...#", "....#", "...#.", "..#..", ".#...", "#####"},
	{"#####", "...#.", "..#..", "...#.", "....#", "#...#", ".###."},
	{"...#.", "..##.", ".#.#.", "#..#.", "#####", "...#.", "...#."},
	{"#####", "#....", "####.", "....#", "....#", "#...#", ".###."},
	{"..##.", ".#...", "#....", "####.", "#...#", "#...#", ".###."},
	{"#####", "....#", "...#.", "..#..", ".#...", ".#...", ".#..."},
	{".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."},
	{".###.", "#...#", "#...#", ".####", "....#", "...#.", ".##.."},
}

const fontHeight, fontWidth = 7, 5

// GlyphDigits returns n images (1, size, size) of printed digits: digits take
// turns, and class is digit. The 5x7 dots of each are as large as a random scale,
// uniform between half of what fits and all of it, and the digit is at a random
// place; a pixel is that of the dot that its centre is in, 1 or 0. Then every pixel
// is flipped with the given probability. At size 14 the scale is between 1 and 2
// pixels a dot.
func GlyphDigits(n, size int, flips float64, rng *rand.Rand) Set {
	s := Set{N: n, X: make([]float64, n*size*size), Labels: make([]int32, n)}
	for i := range n {
		digit := i % len(font)
		s.Labels[i] = int32(digit)
		scale := float64(size) / fontHeight * (1 + rng.Float64()) / 2
		top := rng.Float64() * (float64(size) - float64(scale*fontHeight))
		left := rng.Float64() * (float64(size) - float64(scale*fontWidth))
		for p := range size * size {
			y := int((float64(p/size) + 0.5 - top + scale) / scale) // shifted by a dot, to round down
			x := int((float64(p%size) + 0.5 - left + scale) / scale)
			ink := y >= 1 && y <= fontHeight && x >= 1 && x <= fontWidth && font[digit][y-1][x-1] == '#'
			if rng.Float64() < flips {
				ink = !ink
			}
			if ink {
				s.X[i*size*size+p] = 1
			}
		}
	}
	return s
}
