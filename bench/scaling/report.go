package scaling

import (
	"encoding/json"
	"fmt"
	"io"
)

// Version is that of the JSON form of a [Report]. It grows when a member changes
// its meaning or goes; new members do not change it.
const Version = 1

// A Report is what [Measure] found. Parts that were not measured are empty.
type Report struct {
	Version int     `json:"version"`
	Machine Machine `json:"machine"`
	Seconds float64 `json:"seconds"` // that measuring took
	// Interrupted says that the measurement was stopped: what is here is
	// whole, but not all is here.
	Interrupted bool       `json:"interrupted,omitempty"`
	Peak        []Peak     `json:"peak,omitempty"`
	Memory      []Memory   `json:"memory,omitempty"`
	GEMM        []GEMM     `json:"gemm,omitempty"`
	Workloads   []Scaling  `json:"workloads,omitempty"`
	Searches    []Search   `json:"searches,omitempty"`
	Optimizers  []Overhead `json:"optimizers,omitempty"`
}

// A Machine is what was measured.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"` // as the operating system counts them
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Go     string `json:"go"`
	Joust  string `json:"joust"`
	Kernel string `json:"kernel"` // the instructions in use: avx512, avx2 or portable
}

// A Peak is the most floating-point operations that cores do: fused multiply-adds,
// two operations each, on numbers that stay in registers (kernel.Halve), the best
// of the rounds.
type Peak struct {
	Precision string  `json:"precision"`
	Threads   int     `json:"threads"`
	GFLOPS    float64 `json:"gflops"` // 1e9 operations a second, of all threads together
}

// A Memory is how fast cores get at memory, the best of the rounds. Every thread
// has buffers of its own.
type Memory struct {
	// Operation is "read", of one buffer, or "triad", a = b + s*c on three: 24
	// bytes for each element, as STREAM counts (McCalpin 1995, Memory bandwidth
	// and machine balance in current high performance computers).
	Operation   string  `json:"operation"`
	Level       string  `json:"level"` // what the buffer fits into: "L1", "L2", "L3" or "DRAM"
	Bytes       int     `json:"bytes"` // of each buffer
	Threads     int     `json:"threads"`
	GBPerSecond float64 `json:"gb_per_second"` // 1e9 bytes, of all threads together
}

// A GEMM is the speed of the matrix product of (M, K) and (K, N) on one core, the
// best of the rounds.
type GEMM struct {
	M         int     `json:"m"`
	N         int     `json:"n"`
	K         int     `json:"k"`
	Precision string  `json:"precision"`
	GFLOPS    float64 `json:"gflops"`
	Share     float64 `json:"share"` // of the peak of one core
}

// A Scaling is the speed of a workload over numbers of cores.
type Scaling struct {
	Workload  string  `json:"workload"`
	Summary   string  `json:"summary"`
	Precision string  `json:"precision"`
	Unit      string  `json:"unit"` // what is counted, such as "samples"
	Rounds    int     `json:"rounds"`
	Points    []Point `json:"points"` // ascending; the first is one thread
	// CoresFree is how many times as fast as one core the most of Points were
	// meanwhile at multiply-adds, which need nothing but a core: less than their
	// number if other programs took part of them, or cores share their units.
	CoresFree float64 `json:"cores_free"`
	// Fit is there if more than one number of threads was measured, and then
	// On64 is the speed-up that it predicts for 64 cores.
	Fit  *Fit    `json:"fit,omitempty"`
	On64 float64 `json:"on64,omitempty"`
}

// A Point is the speed of a workload on some cores.
type Point struct {
	Threads    int     `json:"threads"`
	PerSecond  float64 `json:"per_second"` // units, the median of the rounds
	Spread     float64 `json:"spread"`     // interquartile range of the rounds, as a share of the median
	Speedup    float64 `json:"speedup"`    // over one thread
	Efficiency float64 `json:"efficiency"` // Speedup for each thread
}

// A Search is the speed of an optimizer on the sphere, the sum of the squares of
// the weights, on one core.
type Search struct {
	Workload             string  `json:"workload"`
	Optimizer            string  `json:"optimizer"`
	Summary              string  `json:"summary"`
	Dim                  int     `json:"dim"`
	GenerationsPerSecond float64 `json:"generations_per_second"` // evaluation included
	// MicrosPerCandidate is the time in Ask and Tell.
	MicrosPerCandidate float64 `json:"micros_per_candidate"`
}

// An Overhead is what an optimizer costs besides the evaluations that it asks
// for, on one core, with default parameters.
type Overhead struct {
	Optimizer string `json:"optimizer"`
	Network   string `json:"network"`
	Dim       int    `json:"dim"`  // weights
	Need      string `json:"need"` // "loss" or "gradient"
	// MicrosAskTell and MicrosEvaluate are for each candidate.
	MicrosAskTell  float64 `json:"micros_ask_tell"`
	MicrosEvaluate float64 `json:"micros_evaluate"`
	Share          float64 `json:"share"` // MicrosAskTell / MicrosEvaluate
	// Refused says why there are no figures.
	Refused string `json:"refused,omitempty"`
}

// WriteJSON writes the report as one indented JSON document.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("scaling: %w", err)
	}
	return nil
}
