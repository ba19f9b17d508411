package host

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// killMarked kills, by SIGKILL, a plugin and what it started: the process
// leader, its group and session, its descendants, and whatever has the mark in
// its environment, which is how one is found that has left them all. Leader is
// a process that has not been waited for, so that nobody else can have got its
// number, or 0. It looks until it finds nothing more, within a bound, and what it
// has killed is dead.
//
// What clears its environment, leaves the session, and outlives the process
// that started it is not found.
func killMarked(leader int, mark string) error {
	const bound = 2 * time.Second // less than buried
	killed := map[int]string{}    // their starts, by number
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		all, err := processes()
		if err != nil { // there is no /proc
			if leader > 0 {
				_ = unix.Kill(-leader, unix.SIGKILL)
			}
			return fmt.Errorf("looking for what the plugin started: %w", err)
		}
		left := family(all, leader, mark)
		for _, p := range all {
			// It may live for a moment longer than the process that it is found by.
			if killed[p.id] == p.start && !p.dead() && !slices.Contains(left, p) {
				left = append(left, p)
			}
		}
		if len(left) == 0 {
			return nil
		}
		if time.Since(began) > bound {
			return fmt.Errorf("%d processes that the plugin started do not die, such as %d", len(left), left[0].id)
		}
		for _, p := range left {
			p.kill()
			killed[p.id] = p.start
		}
	}
}

// A member is what /proc says of a process.
type member struct {
	id, parent, group, session int
	state                      byte
	start                      string // the time, in ticks since boot
}

func (p member) dead() bool { return p.state == 'Z' || p.state == 'X' }

// processes lists all that there are.
func processes() ([]member, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	names, err := dir.Readdirnames(-1)
	if err = closing(dir, err); err != nil {
		return nil, err
	}
	var all []member
	for _, name := range names {
		id, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if p, err := readProcess(id); err == nil { // it may have ended
			all = append(all, p)
		}
	}
	return all, nil
}

var errStat = errors.New("not as expected")

// readProcess reads /proc/ID/stat: proc_pid_stat(5).
func readProcess(id int) (member, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(id) + "/stat")
	if err != nil {
		return member{}, err
	}
	// The name of the program is in parentheses and may have some itself.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return member{}, errStat
	}
	p := member{id: id, state: fields[0][0], start: string(fields[19])}
	for i, v := range []*int{&p.parent, &p.group, &p.session} {
		if *v, err = strconv.Atoi(string(fields[i+1])); err != nil {
			return member{}, errStat
		}
	}
	return p, nil
}

// family picks those of a plugin that live.
func family(all []member, leader int, mark string) []member {
	in := map[int]bool{}
	for _, p := range all {
		if leader > 0 && (p.id == leader || p.group == leader || p.session == leader) || marked(p.id, mark) {
			in[p.id] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for _, p := range all {
			if !in[p.id] && in[p.parent] {
				in[p.id], grown = true, true
			}
		}
	}
	var live []member
	for _, p := range all {
		// A plugin that names its host's mark must not make it kill itself.
		if in[p.id] && !p.dead() && p.id != os.Getpid() {
			live = append(live, p)
		}
	}
	return live
}

// marked reports whether a process was started with the mark in its
// environment. Only one's own processes can be read.
func marked(id int, mark string) bool {
	f, err := os.Open("/proc/" + strconv.Itoa(id) + "/environ")
	if err != nil {
		return false
	}
	env, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err = closing(f, err); err != nil {
		return false
	}
	for e := range bytes.SplitSeq(env, []byte{0}) {
		if string(e) == mark {
			return true
		}
	}
	return false
}

// kill kills the process, and no other that has got its number since.
func (p member) kill() {
	h, err := os.FindProcess(p.id) // holds on to the process, by a pidfd
	if err != nil {
		return
	}
	if now, err := readProcess(p.id); err == nil && now.start == p.start {
		_ = h.Kill() // that it has ended is what is wanted
	}
	_ = h.Release()
}

// awaitExit returns when the child has ended, and leaves it to be waited for:
// until then its number is not given to another process.
func awaitExit(id int) {
	for {
		err := unix.Waitid(unix.P_PID, id, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return // what else is wrong, Wait reports
		}
	}
}
