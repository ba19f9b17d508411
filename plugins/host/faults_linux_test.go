package host_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/joust-bench/joust/plugins/host"
	"github.com/joust-bench/joust/plugins/protocol"
)

const (
	hang     = 200 * time.Millisecond // for what is known to hang
	generous = 30 * time.Second       // for what ends by itself
)

// Each thing that an optimizer does in the middle of a run costs that call, in
// its time, with an error that says what it was, and leaves nothing behind.
func TestFaultsInACall(t *testing.T) {
	for _, f := range []struct {
		fault   string
		data    int64
		timeout time.Duration
		want    string // a regular expression for the error of the call
		cause   string // for how the process ended, if it did by itself
	}{
		{fault: "crash", timeout: generous, want: `^step: plugin test 1\.2\.3 exited with status 2; the end of its log:\n`, cause: `\n\tpanic: oh no\n`},
		{fault: "exit", timeout: generous, want: `^step: plugin test 1\.2\.3 exited with status 3`, cause: `exited with status 3`},
		{fault: "signal", timeout: generous, want: `^step: plugin test 1\.2\.3 was killed by signal 11 \(segmentation fault\)$`, cause: `signal 11`},
		{fault: "leak", data: 400 << 20, timeout: generous, want: `^step: plugin test 1\.2\.3 exited with status 2`, cause: `\n\tfatal error: .*out of memory|cannot allocate`},
		{fault: "child with pipes", timeout: generous, want: `^step: plugin test 1\.2\.3 exited with status 4`, cause: `exited with status 4`},
		{fault: "orphan with session", timeout: generous, want: `^step: plugin test 1\.2\.3 exited with status 5`, cause: `exited with status 5`},
		{fault: "hang", timeout: hang, want: `^plugin test 1\.2\.3: step: gave up: context deadline exceeded$`},
		{fault: "spin", timeout: hang, want: `^plugin test 1\.2\.3: step: gave up: context deadline exceeded$`},
		{fault: "stop", timeout: hang, want: `^plugin test 1\.2\.3: step: gave up: context deadline exceeded$`},
	} {
		for _, transport := range []string{host.GRPC, host.Frames} {
			t.Run(f.fault+" "+transport, func(t *testing.T) {
				dir := newPlace(t)
				c := command(t, transport, "plugin")
				c.Limits.Data = f.data
				p := start(t, c, 0)
				if err := initRun(t.Context(), p, f.fault, 2); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), f.timeout)
				defer cancel()
				began := time.Now()
				_, err := ask(ctx, p)
				if took := time.Since(began); took > f.timeout+5*time.Second {
					t.Errorf("the call took %v, want at most %v", took, f.timeout)
				}
				var refused *protocol.Error
				if err == nil || errors.As(err, &refused) || !regexp.MustCompile(f.want).MatchString(err.Error()) {
					t.Errorf("step: %v, want an error of the transport like %s", err, f.want)
				}
				if (f.timeout == hang) != errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("step: %v is %t a deadline that was exceeded", err, f.timeout != hang)
				}
				cause := f.cause
				if cause == "" {
					cause = `^plugin test 1\.2\.3 was killed by joust$`
					if p.Cause() != nil {
						t.Errorf("cause: %v, want none of a process that lives", p.Cause())
					}
					p.Kill()
				}
				select {
				case <-p.Died():
				case <-time.After(generous):
					t.Fatal("it does not die")
				}
				if !regexp.MustCompile(cause).MatchString(p.Cause().Error()) {
					t.Errorf("cause: %v, want one like %s", p.Cause(), cause)
				}
				dir.clean(t)
			})
		}
	}
}

// A plugin that is asked to end while it cannot is killed after the grace.
func TestStopKillsAfterTheGrace(t *testing.T) {
	for _, fault := range []string{"stop", "child with session", "child without mark"} {
		for _, transport := range []string{host.GRPC, host.Frames} {
			t.Run(fault+" "+transport, func(t *testing.T) {
				dir := newPlace(t)
				p := start(t, command(t, transport, "plugin"), 1<<20)
				if err := initRun(t.Context(), p, fault, 2); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), generous)
				if fault == "stop" {
					cancel()
					ctx, cancel = context.WithTimeout(t.Context(), hang)
				}
				defer cancel()
				_, err := ask(ctx, p)
				if fault != "stop" && err != nil {
					t.Fatal(err)
				}
				var child int
				if fault == "child without mark" {
					waitFor(t, func() bool {
						_, err := fmt.Sscanf(strings.Join(p.Log(), "\n"), "started %d", &child)
						return err == nil
					})
					err = p.Stop(0) // the parent lives, so that the child is found
				} else if fault == "stop" {
					err = p.Stop(hang)
				} else {
					err = p.Stop(generous)
				}
				if got, want := err != nil, fault == "stop"; got != want {
					t.Errorf("stop: %v, want an error: %t", err, want)
				}
				if err != nil && err.Error() != "plugin test 1.2.3 did not end within 200ms of being asked to: killed" {
					t.Errorf("stop: %v", err)
				}
				if child != 0 && alive(t, child) {
					t.Errorf("process %d, which left the session and its environment, is left", child)
				}
				dir.clean(t)
			})
		}
	}
}

// A process that cannot be found, which holds the pipes of its plugin, holds
// nothing else up.
func TestALostChild(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		t.Run(transport, func(t *testing.T) {
			dir := newPlace(t)
			p := start(t, command(t, transport, "plugin"), 0)
			if err := initRun(t.Context(), p, "lost child", 2); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), generous)
			defer cancel()
			_, err := ask(ctx, p)
			var child int
			if _, err := fmt.Sscanf(strings.Join(p.Log(), "\n"), "started %d", &child); err != nil {
				t.Fatalf("%q: %v", p.Log(), err)
			}
			if lost, err := os.FindProcess(child); err != nil || lost.Kill() != nil {
				t.Errorf("process %d: %v, want it alive", child, err)
			}
			if err == nil || !strings.Contains(err.Error(), "exited with status 6") {
				t.Errorf("step: %v, want the exit", err)
			}
			dir.clean(t)
		})
	}
}

func alive(t *testing.T, id int) bool {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// waitFor waits for what happens soon.
func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	for began := time.Now(); !what(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > generous {
			t.Fatal("it does not happen")
		}
	}
}

// A panic and an error of the optimizer are its answers; the process goes on.
func TestAPanicIsAnAnswer(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		t.Run(transport, func(t *testing.T) {
			dir := newPlace(t)
			p := start(t, command(t, transport, "plugin"), 0)
			if err := initRun(t.Context(), p, "panic", 2); err != nil {
				t.Fatal(err)
			}
			_, err := ask(t.Context(), p)
			var refused *protocol.Error
			if !errors.As(err, &refused) || refused.Kind != protocol.Failure_KIND_BROKEN || !strings.Contains(refused.Message, "oh no") {
				t.Errorf("step: %v, want the panic as a broken optimizer's", err)
			}
			if _, err := p.Conn().Describe(t.Context(), &protocol.DescribeRequest{}); err != nil {
				t.Errorf("describe after a panic: %v", err)
			}
			if err := p.Stop(generous); err != nil {
				t.Error(err)
			}
			if got, want := fmt.Sprint(p.Cause()), "plugin test 1.2.3 exited with status 0 when it was asked to end"; !strings.HasPrefix(got, want) {
				t.Errorf("cause: %q, want %q", got, want)
			}
			dir.clean(t)
		})
	}
}

// What is said instead of a handshake is told, as harmless text.
func TestFaultsAtTheStart(t *testing.T) {
	for _, f := range []struct {
		name string
		args []string
		want string
	}{
		{"garbage", []string{"say", "hello \x1b[2J\n"}, `plugin test 1.2.3: wrote "hello \x1b[2J" to its standard output, want a handshake: its log goes to standard error`},
		{"300 KB without a newline", []string{"noise"}, `plugin test 1.2.3: wrote 4096 bytes to its standard output without a line's end, want a handshake: its log goes to standard error`},
		{"other core", []string{"say", "2|1|unix|SOCKETS/s|grpc|\n"}, `plugin test 1.2.3: its handshake is of version "2", want 1`},
		{
			"newer",
			[]string{"say", "1|2|unix|SOCKETS/s|grpc|\n"},
			`plugin test 1.2.3: it talks protocol 2 and this joust, which is older, 1: update joust, or install a version of the plugin for protocol 1`,
		},
		{
			"older",
			[]string{"say", "1|0|unix|SOCKETS/s|grpc|\n"},
			`plugin test 1.2.3: it talks protocol 0, which is older than this joust's, 1: update the plugin, or build it with the current SDK`,
		},
		{"other socket", []string{"say", "1|1|unix|/run/docker.sock|grpc|\n"}, `plugin test 1.2.3: its socket is unix "/run/docker.sock", want a unix socket in PLUGIN_UNIX_SOCKET_DIR`},
		{"network", []string{"say", "1|1|tcp|127.0.0.1:80|grpc|\n"}, `plugin test 1.2.3: its socket is tcp "127.0.0.1:80", want a unix socket in PLUGIN_UNIX_SOCKET_DIR`},
		{"net/rpc", []string{"say", "1|1|unix|SOCKETS/s|netrpc|\n"}, `plugin test 1.2.3: it talks "netrpc", want "grpc"`},
		{"no certificate", []string{"say", "1|1|unix|SOCKETS/s|grpc|\n"}, `plugin test 1.2.3: its handshake has no certificate, want one: PLUGIN_CLIENT_CERT asks for TLS`},
		{"no output", []string{"closed"}, `plugin test 1.2.3: ended its standard output without a handshake`},
		{"exit", []string{"exit"}, "before it said that it was there: plugin test 1.2.3 exited with status 7; the end of its log:\n\tno such module: \\x1b[31mnumpy\\x07"},
	} {
		t.Run(f.name, func(t *testing.T) {
			dir := newPlace(t)
			ctx, cancel := context.WithTimeout(t.Context(), generous)
			defer cancel()
			_, err := host.Start(ctx, command(t, host.GRPC, f.args...), 1<<20)
			if err == nil || err.Error() != f.want {
				t.Errorf("start: %v\nwant: %s", err, f.want)
			}
			dir.clean(t)
		})
	}
}

// A plugin that says nothing costs the time that it is given.
func TestSilenceAtTheStart(t *testing.T) {
	dir := newPlace(t)
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	_, err := host.Start(ctx, command(t, host.GRPC, "sleep"), 0)
	want := "plugin test 1.2.3: did not say in time that it was there: context deadline exceeded"
	if err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("start: %v, want %s", err, want)
	}
	dir.clean(t)
}

func TestWhatCannotBeStarted(t *testing.T) {
	dir := newPlace(t)
	for _, transport := range []string{host.GRPC, host.Frames} {
		c := command(t, transport, "plugin")
		c.Path = filepath.Join(string(dir), "missing")
		want := fmt.Sprintf("plugin test 1.2.3: starting %s: ", c.Path)
		if _, err := host.Start(t.Context(), c, 1<<20); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("start: %v, want %s...", err, want)
		}
	}
	dir.clean(t)
}

// A message of 1 GiB is refused before it is read.
func TestAMessageTooLarge(t *testing.T) {
	dir := newPlace(t)
	p := start(t, command(t, host.GRPC, "gigabyte"), 0)
	if err := initRun(t.Context(), p, "none", 2); err != nil {
		t.Fatal(err)
	}
	_, err := ask(t.Context(), p)
	want := "plugin test 1.2.3: step: grpc: received message larger than max (1073741824 vs. 67108864)"
	if err == nil || err.Error() != want {
		t.Errorf("step: %v, want %s", err, want)
	}
	if err := p.Stop(generous); err != nil {
		t.Error(err)
	}
	dir.clean(t)
}

// A plugin has the environment that its command says, and what it needs to
// talk; nothing of the host's.
func TestEnvironment(t *testing.T) {
	t.Setenv("HOST_SECRET", "swordfish")
	for transport, want := range map[string][]string{
		host.Frames: {"A", "JOUST_PLUGIN_FOLDER", "TMPDIR"},
		host.GRPC: {
			"A", "JOUST_PLUGIN", "JOUST_PLUGIN_FOLDER", "PLUGIN_CLIENT_CERT", "PLUGIN_MAX_PORT", "PLUGIN_MIN_PORT",
			"PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_UNIX_SOCKET_DIR", "TMPDIR",
		},
	} {
		t.Run(transport, func(t *testing.T) {
			newPlace(t)
			c := command(t, transport, "plugin")
			c.Env = []string{"A=b"}
			p := start(t, c, 0)
			if err := initRun(t.Context(), p, "environment", 2); err != nil {
				t.Fatal(err)
			}
			_, err := ask(t.Context(), p)
			if err == nil || strings.Contains(err.Error(), "swordfish") {
				t.Fatalf("step: %v, want the environment without the host's secret", err)
			}
			var names []string
			for _, m := range regexp.MustCompile(`"([A-Z_]+)=`).FindAllStringSubmatch(err.Error(), -1) {
				names = append(names, m[1])
			}
			slices.Sort(names)
			if !slices.Equal(names, want) {
				t.Errorf("environment: %q, want %q", names, want)
			}
		})
	}
}

// What a plugin writes to its standard output after its handshake is no
// matter, and is counted.
func TestNoiseIsDrained(t *testing.T) {
	dir := newPlace(t)
	p := start(t, command(t, host.GRPC, "plugin"), 0)
	if err := initRun(t.Context(), p, "noise", 2); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t.Context(), p); err != nil {
		t.Error(err)
	}
	if err := p.Stop(generous); err != nil {
		t.Error(err)
	}
	if p.Noise() != 300<<10 {
		t.Errorf("noise: %d bytes, want %d", p.Noise(), 300<<10)
	}
	dir.clean(t)
}

// Files that a plugin leaves go with its folder, also from folders that it has
// locked.
func TestLitterIsRemoved(t *testing.T) {
	dir := newPlace(t)
	p := start(t, command(t, host.Frames, "plugin"), 0)
	if err := initRun(t.Context(), p, "litter", 2); err != nil {
		t.Fatal(err)
	}
	if _, err := ask(t.Context(), p); err != nil {
		t.Error(err)
	}
	litter, err := filepath.Glob(filepath.Join(string(dir), "*", "work", "*"))
	if err != nil || len(litter) != 2 {
		t.Errorf("%q %v, want a file and a folder in the private folder", litter, err)
	}
	info, err := os.Stat(filepath.Dir(filepath.Dir(litter[0])))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the private folder has mode %v %v, want 0700", info.Mode(), err)
	}
	if err := p.Stop(generous); err != nil {
		t.Error(err)
	}
	dir.clean(t)
}

// The same command may be started as often as one likes.
func TestStartedTwice(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		t.Run(transport, func(t *testing.T) {
			dir := newPlace(t)
			c := command(t, transport, "plugin")
			a, b := start(t, c, 0), start(t, c, 0)
			if got := len(dir.processes(t)); got != 2 {
				t.Errorf("%d processes, want 2", got)
			}
			for _, p := range []*host.Process{a, b} {
				if err := initRun(t.Context(), p, "none", 2); err != nil {
					t.Error(err)
				}
			}
			if err := a.Stop(generous); err != nil {
				t.Error(err)
			}
			if _, err := ask(t.Context(), b); err != nil {
				t.Errorf("the other process: %v", err)
			}
			if err := b.Stop(generous); err != nil {
				t.Error(err)
			}
			if err := b.Stop(generous); err != nil {
				t.Errorf("stopped again: %v", err)
			}
			dir.clean(t)
		})
	}
}

// A plugin does not outlive a host that is killed, and the next host removes
// what is left: the folder, and what the plugin had started.
func TestTheHostIsKilled(t *testing.T) {
	for _, transport := range []string{host.GRPC, host.Frames} {
		t.Run(transport, func(t *testing.T) {
			dir := newPlace(t)
			c := command(t, transport, "plugin")
			h := exec.Command(c.Path, append([]string{"host", transport}, c.Args...)...)
			out, err := h.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			h.Stderr = os.Stderr
			if err := h.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
				t.Fatalf("host: %q, %v", line, err)
			}
			if got := len(dir.processes(t)); got != 3 {
				t.Fatalf("%d processes, want two plugins and a child", got)
			}
			if err := h.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := h.Wait(); err == nil {
				t.Error("the host was not killed")
			}
			waitFor(t, func() bool { return len(dir.processes(t)) == 1 })
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("the plugin outlived its host by %v, want at most 2s", took)
			}
			p := start(t, c, 0)
			if got := len(dir.processes(t)); got != 1 {
				t.Errorf("%d processes, want the new one", got)
			}
			if err := p.Stop(generous); err != nil {
				t.Error(err)
			}
			dir.clean(t)
		})
	}
}
