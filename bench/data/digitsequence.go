package data

import "math/rand/v2"

// longestGap is how many empty columns there are at most before a digit of
// [DigitStrings].
const longestGap = 2

// DigitStringSteps is the most columns that a line of [DigitStrings] has.
func DigitStringSteps(size, most int) int { return most * (size + longestGap) }

// DigitStrings returns n lines of 1 to most digits, written by pen strokes ([Strokes])
// of which each image takes size columns, after up to two empty ones. A line is read
// column by column, (DigitStringSteps(size, most), size). Labels are the digits, 0 as
// 10 so that there is room for a blank, and say nothing of where they are.
func DigitStrings(n, size, most int, noise float64, rng *rand.Rand) Set {
	set, begin := newSequences(n, DigitStringSteps(size, most), size)
	image, column := make([]float64, size*size), make([]float64, size)
	var hand hand
	for i := range n {
		s, count, steps := begin(i), between(rng, 1, most), 0
		for range count {
			gap, digit := rng.IntN(longestGap+1), rng.IntN(len(glyphs))
			for range gap {
				s.values()
			}
			hand.draw(image, size, glyphs[digit], noise, rng)
			for x := range size {
				for y := range column {
					column[y] = image[y*size+x]
				}
				s.values(column...)
			}
			steps += gap + size
			if digit == 0 {
				digit = len(glyphs)
			}
			set.Labels = append(set.Labels, int32(digit))
		}
		for range most - count {
			set.Labels = append(set.Labels, 0)
		}
		set.Lens, set.LabelLens = append(set.Lens, steps), append(set.LabelLens, count)
	}
	return *set
}
