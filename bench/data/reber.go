package data

import "math/rand/v2"

// ReberSymbols are the symbols of a Reber grammar, in the order of inputs and classes.
const ReberSymbols = "BTPSXVE"

// An arc leads from one node of a grammar to another.
type arc struct {
	symbol byte
	to     int
}

// reber is the grammar of Reber 1967 (doi:10.1016/S0022-5371(67)80149-X) by nodes. It
// ends at node 6.
var reber = [][]arc{
	{{'T', 1}, {'P', 2}},
	{{'S', 1}, {'X', 3}},
	{{'T', 2}, {'V', 4}},
	{{'X', 2}, {'S', 5}},
	{{'P', 3}, {'V', 5}},
	{{'E', 6}},
}

// A production is a string with what could have come at each place.
type production struct {
	text     []byte
	possible []string
}

func (p *production) add(symbol byte, possible string) {
	p.text, p.possible = append(p.text, symbol), append(p.possible, possible)
}

// reberString appends B and a walk through the grammar, both ways out of a node being
// as likely.
func (p *production) reberString(rng *rand.Rand) {
	p.add('B', "B")
	for node := 0; node < len(reber); {
		arcs, symbols := reber[node], ""
		for _, a := range arcs {
			symbols += string(a.symbol)
		}
		a := arcs[rng.IntN(len(arcs))]
		p.add(a.symbol, symbols)
		node = a.to
	}
}

// Reber returns n strings of Reber's grammar, or embedded ones: B, T or P, a string of
// the grammar, the same T or P again, E (Smith & Zipser 1989; Hochreiter & Schmidhuber
// 1997, sec. 5.1). Inputs (steps, 7) are the symbols but the last, labels the symbols
// that follow, and Y has 1 for the symbols that could have followed, [N][steps][7]. To
// know that for the last but one symbol of an embedded string, the second has to be
// remembered. A string of more than steps+1 symbols is drawn again.
func Reber(n, steps int, embedded bool, rng *rand.Rand) Set {
	const symbols = len(ReberSymbols)
	set, begin := newSequences(n, steps, symbols)
	set.Labels, set.Y = make([]int32, n*steps), make([]float64, n*steps*symbols)
	index := map[byte]int{}
	for i := range symbols {
		index[ReberSymbols[i]] = i
	}
	for i := range n {
		var p production
		for again := true; again; again = len(p.text) > steps+1 {
			p = production{}
			if !embedded {
				p.reberString(rng)
				continue
			}
			p.add('B', "B")
			branch := "TP"[rng.IntN(2)]
			p.add(branch, "TP")
			p.reberString(rng)
			p.add(branch, string(branch))
			p.add('E', "E")
		}
		s, at := begin(i), i*steps
		for t, next := range p.text[1:] {
			s.symbol(index[p.text[t]])
			set.Labels[at+t] = int32(index[next])
			for _, c := range []byte(p.possible[t+1]) {
				set.Y[(at+t)*symbols+index[c]] = 1
			}
		}
		set.Lens = append(set.Lens, len(p.text)-1)
	}
	return *set
}
