package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/joust-bench/joust/bench"
)

// big is a result of which several parts take time to save.
func big(seed uint64) bench.Result { return result(seed, 10, 5, 500) }

// checkWhole checks that r is all of what was saved.
func checkWhole(tb testing.TB, r bench.Result) {
	tb.Helper()
	if !reflect.DeepEqual(r, big(r.Trial.Seed)) {
		tb.Errorf("result with seed %d is not what was saved", r.Trial.Seed)
	}
}

func TestGoroutinesSaveAndReadAtOnce(t *testing.T) {
	const savers, each = 8, 4
	db := openTemp(t)
	var wg sync.WaitGroup
	for g := range savers {
		wg.Go(func() {
			for i := range each {
				r := big(uint64(g*each + i))
				for range 2 { // the second one replaces the first
					if err := db.Save(t.Context(), r); err != nil {
						t.Error(err)
						return
					}
				}
				if ok, err := db.Has(t.Context(), r.Trial.ID()); !ok || err != nil {
					t.Errorf("just saved: Has = %v, %v, want true", ok, err)
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			for range 2 {
				for r, err := range db.Results(t.Context()) {
					if err != nil {
						t.Error(err)
						return
					}
					checkWhole(t, r)
				}
			}
		})
	}
	wg.Wait()
	if n := len(collect(t, db.Results(t.Context()))); n != savers*each {
		t.Errorf("%d results, want %d", n, savers*each)
	}
}

// command returns this program in the role of a child.
func command(tb testing.TB, role string, args ...string) *exec.Cmd {
	tb.Helper()
	exe, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), "STORE_TEST_CHILD="+role)
	return cmd
}

// child is what another process does in some tests.
func child(ctx context.Context, role string, args []string) (err error) {
	db, err := Open(ctx, args[0])
	if err != nil || role == "open" {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if role != "save" {
		return fmt.Errorf("role %q, want open or save", role)
	}
	// Two goroutines save the seeds from first to last, and report each one
	// when Save has returned.
	first, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	last, err := strconv.ParseUint(args[2], 10, 64)
	if err != nil {
		return err
	}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for g := range uint64(2) {
		wg.Go(func() {
			for seed := first + g; seed <= last && errs[g] == nil; seed += 2 {
				if errs[g] = db.Save(ctx, big(seed)); errs[g] == nil {
					_, errs[g] = fmt.Println(seed) // one write, which a pipe keeps in one piece
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func TestProcessesShareAFile(t *testing.T) {
	const processes, each = 3, 12
	path := filepath.Join(t.TempDir(), "results.db") // all of them find that it is not there
	var wg sync.WaitGroup
	for p := range processes {
		cmd := command(t, "save", path, strconv.Itoa(p*each), strconv.Itoa((p+1)*each-1))
		wg.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
		})
	}
	wg.Wait()
	list := collect(t, openFile(t, path).Results(t.Context()))
	if len(list) != processes*each {
		t.Errorf("%d results, want %d", len(list), processes*each)
	}
	for _, r := range list {
		checkWhole(t, r)
	}
}

func TestKilledWhileSaving(t *testing.T) {
	const rounds, perRound = 12, 10_000
	path := filepath.Join(t.TempDir(), "results.db")
	rng := rand.New(rand.NewPCG(1, 2))
	saved := make(map[uint64]bool) // Save returned
	for round := range rounds {
		first := uint64(round * perRound)
		cmd := command(t, "save", path, fmt.Sprint(first), fmt.Sprint(first+perRound-1))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := 1 + rng.IntN(6) // after that many results, at any point of the next ones
		wait := time.Duration(rng.IntN(6000)) * time.Microsecond
		lines := bufio.NewScanner(stdout)
		for n := 1; lines.Scan(); n++ {
			seed, err := strconv.ParseUint(lines.Text(), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			saved[seed] = true
			if n == kill {
				time.Sleep(wait)
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || stderr.Len() > 0 {
			t.Fatalf("child ended with %v, want it killed\n%s", err, &stderr)
		}
		checkAfterKill(t, path, saved)
	}
	if len(saved) < rounds {
		t.Errorf("%d results were saved in %d rounds, want one in each", len(saved), rounds)
	}
}

// checkAfterKill checks that the file is sound, has all that was saved, and
// nothing by halves.
func checkAfterKill(t *testing.T, path string, saved map[uint64]bool) {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	var verdict string
	if err := db.read.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check says %q, %v, want ok", verdict, err)
	}
	found := make(map[uint64]bool)
	for _, r := range collect(t, db.Results(t.Context())) {
		checkWhole(t, r)
		found[r.Trial.Seed] = true
	}
	for seed := range saved {
		if !found[seed] {
			t.Errorf("seed %d was saved, and is gone", seed)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryCommitReachesTheDisk(t *testing.T) {
	db := openTemp(t)
	for name, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := db.write.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, %v, want %s", name, got, err, want)
		}
	}
}

func TestCloseLeavesOneFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	save(t, db, big(1))
	if len(collect(t, db.Results(t.Context()))) != 1 {
		t.Error("the result is not there")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 1 {
		t.Errorf("files = %v, %v, want one", files, err)
	}
}
