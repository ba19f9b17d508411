package host_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

// misuseShared does to the shared memory what a plugin could, and says what came
// of it; it writes 42 to the first byte.
func misuseShared() string {
	var s strings.Builder
	var stat unix.Stat_t
	err := unix.Fstat(3, &stat)
	fmt.Fprintf(&s, "size %d %v; ", stat.Size, err)
	fmt.Fprintf(&s, "shrink: %v; ", unix.Ftruncate(3, 0))
	fmt.Fprintf(&s, "grow: %v; ", unix.Ftruncate(3, stat.Size+4096))
	_, err = unix.FcntlInt(3, unix.F_ADD_SEALS, unix.F_SEAL_WRITE)
	fmt.Fprintf(&s, "seal: %v; ", err)
	m, err := unix.Mmap(3, 0, int(stat.Size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err.Error()
	}
	fmt.Fprintf(&s, "read %d", m[stat.Size/2])
	m[0] = 42
	return s.String()
}

// Shared memory is seen by both sides; the plugin can neither make it shorter,
// which would kill the host, nor longer; and it is given back when the last run
// that uses it has finished.
func TestSharedMemory(t *testing.T) {
	dir := newPlace(t)
	p := start(t, command(t, host.GRPC, "steps"), 100_000)
	size := 2 * os.Getpagesize()
	for size < 100_000 {
		size += 2 * os.Getpagesize()
	}
	mem := p.Shared()
	if len(mem) != size {
		t.Fatalf("%d bytes, want %d", len(mem), size)
	}
	mem[len(mem)/2] = 7
	for _, run := range []string{"1", "2"} {
		if _, err := p.Conn().Init(t.Context(), &protocol.InitRequest{Run: run, Dim: 2, SharedHalf: uint64(len(mem) / 2)}); err != nil {
			t.Fatal(err)
		}
	}
	d, err := p.Conn().Diagnose(t.Context(), &protocol.DiagnoseRequest{Run: "misuse"})
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("size %d <nil>; shrink: operation not permitted; grow: operation not permitted; seal: operation not permitted; read 7", size)
	if got := d.Figures[0].Name; got != want {
		t.Errorf("the plugin says: %s\nwant: %s", got, want)
	}
	for i, want := range []byte{42, 0} { // after the first run has ended, and after the second
		if _, err := p.Conn().Finish(t.Context(), &protocol.FinishRequest{Run: fmt.Sprint(i + 1)}); err != nil {
			t.Fatal(err)
		}
		if mem[0] != want {
			t.Errorf("after run %d: the first byte is %d, want %d", i+1, mem[0], want)
		}
	}
	p.Kill()
	<-p.Died()
	if mem[len(mem)/2] != 0 { // it is mapped until Stop
		t.Errorf("what the host wrote is %d, want 0", mem[len(mem)/2])
	}
	if err := p.Stop(0); err != nil {
		t.Error(err)
	}
	if p.Shared() != nil {
		t.Error("the memory is mapped after Stop")
	}
	dir.clean(t)
}

func TestNoSharedMemory(t *testing.T) {
	newPlace(t)
	for _, transport := range []string{host.GRPC, host.Frames} {
		size := int64(0)
		if transport == host.Frames {
			size = 1 << 20 // which frames do not have
		}
		p := start(t, command(t, transport, "plugin"), size)
		if p.Shared() != nil {
			t.Errorf("%s: %d bytes, want none", transport, len(p.Shared()))
		}
	}
	if _, err := host.Start(t.Context(), command(t, host.GRPC, "plugin"), -1); err == nil || !strings.Contains(err.Error(), "shared memory: -1 bytes, want at least 0") {
		t.Errorf("start: %v, want an error", err)
	}
}

// The limits are those that the process has, and no more than the host's.
func TestLimits(t *testing.T) {
	for _, f := range []struct {
		limits      host.Limits
		data, files string
	}{
		{host.Limits{}, "4294967296", "256"},
		{host.Limits{Data: 1 << 30, Files: 100}, "1073741824", "100"},
		{host.Limits{Data: -1, Files: -1}, hostLimit(t, unix.RLIMIT_DATA), hostLimit(t, unix.RLIMIT_NOFILE)},
		{host.Limits{Files: 1 << 50}, "4294967296", hostLimit(t, unix.RLIMIT_NOFILE)},
	} {
		dir := newPlace(t)
		c := command(t, host.Frames, "plugin")
		c.Limits = f.limits
		start(t, c, 0)
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", dir.processes(t)[0]))
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"Max data size": f.data, "Max open files": f.files, "Max core file size": "0"} {
			got := regexp.MustCompile(name + ` +(\w+) +(\w+)`).FindStringSubmatch(string(text))
			if got == nil || got[2] != want {
				t.Errorf("%+v: %s: %q, want %s", f.limits, name, got, want)
			}
		}
	}
}

// hostLimit is a limit of this process, as /proc shows it.
func hostLimit(t *testing.T, what int) string {
	t.Helper()
	var l unix.Rlimit
	if err := unix.Getrlimit(what, &l); err != nil {
		t.Fatal(err)
	}
	if l.Max == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return fmt.Sprint(l.Max)
}

// The file that was opened is executed, whatever is now at its path: a program,
// and a script.
func TestTheOpenFileIsExecuted(t *testing.T) {
	bin := t.TempDir() // not in the place
	dir := newPlace(t)
	program, err := os.ReadFile(command(t, host.Frames, "plugin").Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"program": program,
		"script":  fmt.Appendf(nil, "#!/bin/sh\nexec %s plugin --frames\n", command(t, host.Frames, "plugin").Path),
	} {
		path := filepath.Join(bin, name)
		if err := os.WriteFile(path, content, 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		other := filepath.Join(bin, "other")
		if err := os.WriteFile(other, []byte("#!/bin/sh\nexit 9\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(other, path); err != nil {
			t.Fatal(err)
		}
		c := command(t, host.Frames, "plugin")
		c.Path, c.File = path, f
		p := start(t, c, 0)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := p.Stop(generous); err != nil {
			t.Error(err)
		}
		c.File = nil
		p = start(t, c, 0)
		if _, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{}); err == nil || !strings.Contains(err.Error(), "exited with status 9") {
			t.Errorf("%s: %v, want that of what is now at the path", name, err)
		}
	}
	dir.clean(t)
}

// A host that has started and stopped many plugins has no more files open and
// no more goroutines than before.
func TestTheHostKeepsNothing(t *testing.T) {
	dir := newPlace(t)
	count := func() (files, goroutines int) {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(names), runtime.NumGoroutine()
	}
	round := func() {
		for _, transport := range []string{host.GRPC, host.Frames} {
			for _, fault := range []string{"none", "exit", "stop"} {
				p := start(t, command(t, transport, "plugin"), 1<<20)
				if err := initRun(t.Context(), p, fault, 2); err != nil {
					t.Fatal(err)
				}
				if fault == "exit" {
					if _, err := ask(t.Context(), p); err == nil {
						t.Fatal("it does not exit")
					}
				}
				grace := generous
				if fault == "stop" {
					grace = 0
				}
				if err := p.Stop(grace); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := host.Start(t.Context(), command(t, host.GRPC, "say", "hello\n"), 1<<20); err == nil {
				t.Fatal("it starts")
			}
		}
	}
	round() // what is made once
	var files, goroutines int
	waitFor(t, func() bool {
		f, g := count()
		settled := f == files && g == goroutines
		files, goroutines = f, g
		return settled
	})
	round()
	waitFor(t, func() bool {
		f, g := count()
		return f <= files && g <= goroutines
	})
	dir.clean(t)
}
