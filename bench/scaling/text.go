package scaling

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// WriteText writes the report for people: what it comes to, then tables.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %s instructions, %s, joust %s\n", r.Machine.CPU, count(r.Machine.Cores, "core"), r.Machine.Kernel, r.Machine.Go, r.Machine.Joust)
	for _, s := range r.answer() {
		b.WriteString(s + "\n")
	}
	for _, section := range []func(*strings.Builder){
		r.peakText, r.memoryText, r.gemmText, r.workloadsText, r.searchesText, r.optimizersText,
	} {
		section(&b)
	}
	_, err := io.WriteString(w, b.String())
	if err != nil {
		return fmt.Errorf("scaling: %w", err)
	}
	return nil
}

// answer is what the figures come to, in sentences.
func (r Report) answer() []string {
	var s []string
	if r.Interrupted {
		s = append(s, "Interrupted: this is what was measured until then.")
	}
	if r.Machine.Kernel == "portable" && len(r.Peak) > 0 {
		s = append(s, "The portable path is plain Go: its peak is not the processor's.")
	}
	for _, precision := range precisions {
		var shares []float64
		for _, g := range r.GEMM {
			if g.Precision == precision {
				shares = append(shares, g.Share)
			}
		}
		if len(shares) > 0 {
			s = append(s, fmt.Sprintf("Matrix products in %s reach %s to %s of a core's peak, %s GFLOP/s.",
				precision, percent(slices.Min(shares)), percent(slices.Max(shares)), digits(peakOf(r.Peak, precision))))
		}
	}
	if low, high, ok := r.extremes(); ok {
		s = append(s, fmt.Sprintf("On %d cores workloads run %.2f (%s) to %.2f (%s) times as fast as on one%s.",
			low.last().Threads, low.last().Speedup, low.label(), high.last().Speedup, high.label(), r.prediction()))
		for _, w := range r.Workloads {
			if w.short() {
				s = append(s, "Not all cores were free, or they share their units: speed-ups that are marked were bounded by that.")
				break
			}
		}
	}
	if list := r.measured(); len(list) > 0 {
		least, most := slices.MinFunc(list, byShare), slices.MaxFunc(list, byShare)
		s = append(s, fmt.Sprintf("Ask and Tell take %s (%s) to %s (%s, %s weights) as long as the evaluations that they ask for.",
			percent(least.Share), least.Optimizer, percent(most.Share), most.Optimizer, thousands(most.Dim)))
	}
	return s
}

func byShare(a, b Overhead) int { return cmp.Compare(a.Share, b.Share) }

// measured are the overheads that were not refused.
func (r Report) measured() []Overhead {
	return slices.DeleteFunc(slices.Clone(r.Optimizers), func(h Overhead) bool { return h.Refused != "" })
}

// extremes are the workloads that gain least and most from all cores; false if
// only one was measured.
func (r Report) extremes() (low, high Scaling, ok bool) {
	list := slices.DeleteFunc(slices.Clone(r.Workloads), func(s Scaling) bool { return s.Fit == nil })
	if len(list) == 0 {
		return low, high, false
	}
	by := func(a, b Scaling) int { return cmp.Compare(a.last().Speedup, b.last().Speedup) }
	return slices.MinFunc(list, by), slices.MaxFunc(list, by), true
}

// prediction is what the fits say of 64 cores, where one fits.
func (r Report) prediction() string {
	list := slices.DeleteFunc(slices.Clone(r.Workloads), func(s Scaling) bool { return s.Fit == nil || s.Fit.Note != "" || s.short() })
	if len(list) == 0 {
		return ""
	}
	by := func(a, b Scaling) int { return cmp.Compare(a.On64, b.On64) }
	low, high := slices.MinFunc(list, by), slices.MaxFunc(list, by)
	return fmt.Sprintf("; by Amdahl's law that is %.1f (%s) to %.1f (%s) on 64", low.On64, low.label(), high.On64, high.label())
}

// short says that there were fewer cores than threads.
func (s Scaling) short() bool { return s.CoresFree < 0.9*float64(s.last().Threads) }

// last is the point with the most threads.
func (s Scaling) last() Point { return s.Points[len(s.Points)-1] }

func (s Scaling) label() string { return s.Workload + " " + s.Precision }

// coreColumns are the numbers of threads in a list, and the heads of their columns.
func coreColumns[T any](list []T, threads func(T) int) (columns []int, head []string) {
	for _, t := range list {
		if !slices.Contains(columns, threads(t)) {
			columns = append(columns, threads(t))
		}
	}
	slices.Sort(columns)
	for _, p := range columns {
		head = append(head, count(p, "core"))
	}
	return columns, head
}

func (r Report) peakText(b *strings.Builder) {
	if len(r.Peak) == 0 {
		return
	}
	columns, head := coreColumns(r.Peak, func(p Peak) int { return p.Threads })
	t := table{title: "Peak, GFLOP/s", head: head}
	for _, precision := range precisions {
		row := make([]string, len(columns))
		for _, p := range r.Peak {
			if p.Precision == precision {
				row[slices.Index(columns, p.Threads)] = digits(p.GFLOPS)
			}
		}
		if slices.Max(row) != "" {
			t.add(precision, row...)
		}
	}
	t.write(b)
}

func (r Report) memoryText(b *strings.Builder) {
	if len(r.Memory) == 0 {
		return
	}
	columns, head := coreColumns(r.Memory, func(m Memory) int { return m.Threads })
	t := table{title: "Memory, GB/s", head: head}
	rows := make(map[string][]string)
	var names []string
	for _, m := range r.Memory {
		name := m.Operation + " " + m.Level
		if rows[name] == nil {
			names = append(names, name)
			rows[name] = make([]string, len(columns))
		}
		rows[name][slices.Index(columns, m.Threads)] = digits(m.GBPerSecond)
	}
	for _, name := range names {
		t.add(name, rows[name]...)
	}
	t.write(b)
}

func (r Report) gemmText(b *strings.Builder) {
	if len(r.GEMM) == 0 {
		return
	}
	t := table{title: "Matrix products, one core", head: []string{"float64", "of peak", "float32", "of peak"}}
	for _, s := range gemmSizes {
		row := make([]string, 4)
		for _, g := range r.GEMM {
			if [3]int{g.M, g.N, g.K} == s {
				i := 2 * slices.Index(precisions, g.Precision)
				row[i], row[i+1] = digits(g.GFLOPS), percent(g.Share)
			}
		}
		if slices.Max(row) != "" {
			t.add(GEMM{M: s[0], N: s[1], K: s[2]}.String(), row...)
		}
	}
	t.write(b)
	b.WriteString("  GFLOP/s\n")
}

func (r Report) workloadsText(b *strings.Builder) {
	if len(r.Workloads) == 0 {
		return
	}
	columns, head := coreColumns(r.Workloads[0].Points, func(p Point) int { return p.Threads })
	scaled := len(columns) > 1
	if scaled {
		head = append(head, "speed-up", "efficiency", "serial", "on 64")
	}
	t := table{title: "Workloads, per second", head: head}
	var notes []string
	least := math.Inf(1)
	for _, s := range r.Workloads {
		var row []string
		for _, p := range s.Points {
			row = append(row, digits(p.PerSecond))
		}
		if s.Fit != nil {
			mark := ""
			if s.Fit.Note != "" {
				mark = "*"
				if !slices.Contains(notes, s.Fit.Note) {
					notes = append(notes, s.Fit.Note)
				}
			}
			gain := fmt.Sprintf("%.2f", s.last().Speedup)
			if s.short() {
				gain += "†"
				least = min(least, s.CoresFree)
			}
			row = append(row, gain, percent(s.last().Efficiency), percent(s.Fit.Serial)+mark, fmt.Sprintf("%.1f", s.On64))
		}
		t.add(fmt.Sprintf("%s %s %s", s.Workload, s.Precision, s.Unit), row...)
	}
	t.write(b)
	for i, s := range r.Workloads {
		if i == 0 || s.Workload != r.Workloads[i-1].Workload {
			fmt.Fprintf(b, "  %s: %s\n", s.Workload, s.Summary)
		}
	}
	if scaled {
		b.WriteString("  serial: s of 1/speed-up = s + (1-s)/cores; on 64: the speed-up that it predicts, if memory keeps up\n")
	}
	for _, n := range notes {
		fmt.Fprintf(b, "  * %s\n", n)
	}
	if !math.IsInf(least, 1) {
		fmt.Fprintf(b, "  † meanwhile arithmetic alone was at least %.2f times as fast as on one core\n", least)
	}
}

func (r Report) searchesText(b *strings.Builder) {
	if len(r.Searches) == 0 {
		return
	}
	t := table{title: "Searches on the sphere, one core", head: []string{"generations/s", "µs in Ask and Tell"}}
	for _, s := range r.Searches {
		t.add(fmt.Sprintf("%s %s, %s weights", s.Workload, s.Optimizer, thousands(s.Dim)), digits(s.GenerationsPerSecond), digits(s.MicrosPerCandidate))
	}
	t.write(b)
	for i, s := range r.Searches {
		if i == 0 || s.Workload != r.Searches[i-1].Workload {
			fmt.Fprintf(b, "  %s: %s\n", s.Workload, s.Summary)
		}
	}
	b.WriteString("  µs for each candidate\n")
}

func (r Report) optimizersText(b *strings.Builder) {
	if len(r.Optimizers) == 0 {
		return
	}
	var dims []int
	var names, networks []string
	for _, h := range r.Optimizers {
		if !slices.Contains(dims, h.Dim) {
			dims, networks = append(dims, h.Dim), append(networks, h.Network)
		}
		if !slices.Contains(names, h.Optimizer) {
			names = append(names, h.Optimizer)
		}
	}
	t := table{title: "Ask and Tell, µs"}
	for _, d := range dims {
		t.head = append(t.head, thousands(d)+" weights", "share")
	}
	var refused []string
	for _, name := range names {
		row := make([]string, 2*len(dims))
		for _, h := range r.Optimizers {
			if h.Optimizer != name {
				continue
			}
			i := 2 * slices.Index(dims, h.Dim)
			if h.Refused != "" {
				row[i] = "–"
				refused = append(refused, fmt.Sprintf("%s at %s weights: %s", name, thousands(h.Dim), h.Refused))
			} else {
				row[i], row[i+1] = digits(h.MicrosAskTell), percent(h.Share)
			}
		}
		t.add(name, row...)
	}
	t.write(b)
	fmt.Fprintf(b, "  for each candidate, and as a share of its evaluation: a minibatch of 512, float32, one core\n  networks %s, default parameters\n", strings.Join(networks, ", "))
	for _, s := range refused {
		fmt.Fprintf(b, "  %s\n", s)
	}
}

// A table is text in columns: the first to the left, numbers to the right.
type table struct {
	title string
	head  []string
	rows  [][]string
}

func (t *table) add(name string, cells ...string) {
	t.rows = append(t.rows, append([]string{"  " + name}, cells...))
}

// write writes the table after an empty line.
func (t *table) write(b *strings.Builder) {
	rows := append([][]string{append([]string{t.title}, t.head...)}, t.rows...)
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	b.WriteByte('\n')
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			gap := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i == 0 {
				line.WriteString(cell + gap)
			} else {
				line.WriteString("  " + gap + cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// digits writes three significant digits: 0.213, 11.8, 1,240, 78,500.
func digits(v float64) string {
	a := math.Abs(v)
	if math.IsNaN(v) || a >= 1e15 || a < 1e-3 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	// The exponent after rounding: 9.996 has three digits as 10.0.
	s := strconv.FormatFloat(v, 'e', 2, 64)
	exp, err := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if err != nil || exp <= 2 {
		return strconv.FormatFloat(v, 'f', 2-exp, 64)
	}
	unit := math.Pow10(exp - 2)
	return thousands(int(math.Round(v/unit) * unit))
}

// percent writes a share that is not negative: 96 %, 1.3 %, 0.04 %.
func percent(v float64) string {
	p := 100 * v
	switch {
	case p >= 9.95:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	case p >= 0.095 || p == 0:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	default:
		return strconv.FormatFloat(p, 'g', 1, 64) + " %"
	}
}

// thousands writes 50,890.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// count writes "1 core" and "2 cores".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
