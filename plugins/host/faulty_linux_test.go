package host_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

func systemFault(fault string) error {
	switch fault {
	case "signal":
		// The Go runtime would make an exit status of it.
		return syscall.Exec("/bin/sh", []string{"sh", "-c", "kill -SEGV $$"}, os.Environ())
	case "stop":
		if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
			return err
		}
		time.Sleep(time.Hour) // the signal may come a little later
	case "child with pipes":
		err := startSleeper(func(c *exec.Cmd) {
			c.Stdin, c.Stdout, c.Stderr = os.NewFile(0, "0"), os.NewFile(1, "1"), os.NewFile(2, "2")
		})
		if err == nil {
			os.Exit(4)
		}
		return err
	case "child with session":
		return startSleeper(func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			c.Stdout, c.Stderr = os.NewFile(1, "1"), os.NewFile(2, "2")
		})
	case "orphan with session":
		err := systemFault("child with session")
		if err == nil {
			os.Exit(5)
		}
		return err
	case "lost child":
		err := startSleeper(func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			c.Env = []string{"A=b"}
			c.Stdout, c.Stderr = os.NewFile(1, "1"), os.NewFile(2, "2")
		})
		if err == nil {
			os.Exit(6)
		}
		return err
	case "child without mark":
		return startSleeper(func(c *exec.Cmd) {
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			c.Env = []string{"A=b"}
		})
	}
	return nil
}

// processes are those that plugins of this place started and that live.
func (dir place) processes(t *testing.T) (ids []int) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		env, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(env, []byte("JOUST_PLUGIN_FOLDER="+string(dir)+"/")) {
			ids = append(ids, id)
		}
	}
	return ids
}
