package builtin

import (
	"encoding"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/joust-bench/joust/optimizers"
	"github.com/joust-bench/joust/optimizers/opttest"
)

// continueFrom names the directory of checkpoints that this process, a child of
// the test, is to continue from.
const continueFrom = "JOUST_TEST_CONTINUE_FROM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(continueFrom); dir != "" {
		if err := continueAll(dir, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A checkpoint goes on with the same bits in another process, which has nothing
// else of the first one, and with another number of threads.
func TestCheckpointsContinueInAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	var want strings.Builder
	for _, def := range All() {
		opt, f := begin(t, def)
		if err := steps(opt, def, f, 7, io.Discard); err != nil {
			t.Fatal(err)
		}
		data, err := opt.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			t.Fatalf("%s: %v", def.Name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, def.Name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := steps(opt, def, f, 7, &want); err != nil {
			t.Fatal(err)
		}
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), continueFrom+"="+dir)
	child.Stderr = os.Stderr
	got, err := child.Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Errorf("continued in another process\n%s\nwant\n%s", got, want.String())
	}
}

func begin(t *testing.T, def optimizers.Definition) (optimizers.Optimizer, *opttest.Function) {
	t.Helper()
	opt, f, err := start(def, 1)
	if err != nil {
		t.Fatal(err)
	}
	return opt, f
}

func start(def optimizers.Definition, threads int) (optimizers.Optimizer, *opttest.Function, error) {
	f := opttest.NewFunction("rastrigin", max(12, def.MinDim))
	p := optimizers.Problem{Init: make([]float64, f.Dim), Budget: 1000, Seed: 3, Threads: threads}
	opt, err := def.New(nil, p)
	return opt, f, err
}

func continueAll(dir string, out io.Writer) error {
	for _, def := range All() {
		opt, f, err := start(def, 3)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, def.Name))
		if err != nil {
			return err
		}
		if err := opt.(encoding.BinaryUnmarshaler).UnmarshalBinary(data); err != nil {
			return fmt.Errorf("%s: %w", def.Name, err)
		}
		if err := steps(opt, def, f, 7, out); err != nil {
			return err
		}
	}
	return nil
}

// steps takes n steps and writes a line with a hash of all candidates.
func steps(opt optimizers.Optimizer, def optimizers.Definition, f *opttest.Function, n int, out io.Writer) error {
	h, count := fnv.New64a(), 0
	for range n {
		rows, err := opt.Ask()
		if err != nil {
			return fmt.Errorf("%s: %w", def.Name, err)
		}
		if len(rows) == 0 {
			break
		}
		need := def.Need
		if s, ok := opt.(optimizers.Needer); ok {
			need = s.Needs()
		}
		evals := make([]optimizers.Evaluation, len(rows))
		for k, w := range rows {
			if need == optimizers.NeedGrad {
				evals[k].Grad = make([]float64, f.Dim)
			}
			evals[k].Loss = f.Loss(w, evals[k].Grad)
			bits := make([]uint64, len(w))
			for i, x := range w {
				bits[i] = math.Float64bits(x)
			}
			if err := json.NewEncoder(h).Encode(bits); err != nil {
				return err
			}
			count++
		}
		if err := opt.Tell(evals); err != nil {
			return fmt.Errorf("%s: %w", def.Name, err)
		}
	}
	_, err := fmt.Fprintf(out, "%s %d candidates %016x\n", def.Name, count, h.Sum64())
	return err
}
